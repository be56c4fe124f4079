/** A JSON object as it came from the wire: any member may be missing or of any type. */
export type WireObject = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
