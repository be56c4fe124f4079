import type { CodecContext } from '../dialect.ts'

/** @param what begins the sentence: `Audio has no place in this dialect`. */
export function drop(context: CodecContext, path: string, what: string): undefined {
  context.warn({ code: 'field-dropped', path, message: `${what} and was left out.` })
  return undefined
}

export function change(context: CodecContext, path: string, message: string): void {
  context.warn({ code: 'value-changed', path, message })
}
