/**
 * What one dialect says and the neutral types do not: its fields, by dialect id, under their wire names.
 * An encoder of the same dialect writes them back; any other reports them as dropped. A dialect may use further
 * ids below its own: `<id>/form` notes only how something was written, so that it can be written the same way,
 * and nothing is lost by ignoring it.
 */
export type Extensions = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Something asked for that will not happen as asked; never a reason to fail unless a policy says so. */
export interface Warning {
  readonly code: 'field-dropped' | 'value-changed' | 'unsupported'
  /** Where, as a path in the request: `tools[0].strict`. */
  readonly path: string
  /** What happens instead, in a sentence. */
  readonly message: string
}
