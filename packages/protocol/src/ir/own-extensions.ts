import type { CodecContext } from '../dialect.ts'
import type { Extensions } from './extensions.ts'

type Members = Readonly<Record<string, unknown>>

/** How one dialect keeps in neutral values what only it knows, and finds it again. */
export interface OwnExtensions {
  /**
   * An `extensions` member to be spread into a neutral value; nothing when there is nothing to keep.
   *
   * @param form how something was written where the wire has several ways.
   */
  keep(rest: Members | undefined, form?: Members): { extensions?: Extensions }
  /** What this dialect kept; whatever another dialect kept is reported as dropped, below `path`. */
  kept(extensions: Extensions | undefined, context: CodecContext, path?: string): Members | undefined
  /** As `kept`, without a word on the rest: for what an answer says of itself. */
  own(extensions: Extensions | undefined): Members | undefined
  /** How the value was written; `undefined` when it did not come from this dialect. */
  formOf(extensions: Extensions | undefined): Members | undefined
}

export function ownExtensions(dialectId: string): OwnExtensions {
  const formId = `${dialectId}/form`
  return {
    keep(rest, form) {
      if (rest === undefined && form === undefined) return {}
      return { extensions: { ...(rest && { [dialectId]: rest }), ...(form && { [formId]: form }) } }
    },
    kept(extensions, context, path = '') {
      for (const [id, members] of Object.entries(extensions ?? {})) {
        if (id === dialectId || id.endsWith('/form')) continue
        for (const name of Object.keys(members)) {
          context.warn({
            code: 'field-dropped',
            path: path === '' ? name : `${path}.${name}`,
            message: `'${name}' of ${id} has no counterpart in ${dialectId} and was left out.`,
          })
        }
      }
      return extensions?.[dialectId]
    },
    own: (extensions) => extensions?.[dialectId],
    formOf: (extensions) => extensions?.[formId],
  }
}
