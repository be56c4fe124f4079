import type { CodecContext } from '../dialect.ts'
import type { Extensions } from './extensions.ts'

type Members = Readonly<Record<string, unknown>>

/** How one dialect keeps in neutral values what only it knows, and finds it again. */
export interface OwnExtensions {
  /** An `extensions` member to be spread into a neutral value; nothing when there is nothing to keep. */
  keep(rest: Members | undefined): { extensions?: Extensions }
  /** What this dialect kept; whatever another dialect kept is reported as dropped. */
  kept(extensions: Extensions | undefined, context: CodecContext): Members | undefined
  /** As `kept`, without a word on the rest: for what an answer says of itself. */
  own(extensions: Extensions | undefined): Members | undefined
}

export function ownExtensions(dialectId: string): OwnExtensions {
  return {
    keep: (rest) => (rest === undefined ? {} : { extensions: { [dialectId]: rest } }),
    kept(extensions, context) {
      for (const [id, members] of Object.entries(extensions ?? {})) {
        if (id === dialectId || id.endsWith('/form')) continue
        for (const name of Object.keys(members)) {
          context.warn({
            code: 'field-dropped',
            path: name,
            message: `'${name}' of ${id} has no counterpart in ${dialectId} and was left out.`,
          })
        }
      }
      return extensions?.[dialectId]
    },
    own: (extensions) => extensions?.[dialectId],
  }
}
