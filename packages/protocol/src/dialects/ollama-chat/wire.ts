import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { Extensions } from '../../ir/extensions.ts'
import type { WireObject } from '../openai-chat/wire.ts'

export {
  inner,
  isArray,
  isBoolean,
  isNumber,
  isRecord,
  isString,
  type Mutable,
  nest,
  WireFields,
  type WireObject,
} from '../openai-chat/wire.ts'

export const dialectId = 'ollama-chat'

/** How something was written where the wire has several ways. Requests, messages and answers of this wire always have one. */
const formId = 'ollama-chat/form'

/** An `extensions` member to be spread into a neutral value; nothing when there is nothing to keep. */
export function keep(rest: WireObject | undefined, form?: WireObject): { extensions?: Extensions } {
  if (rest === undefined && form === undefined) return {}
  return { extensions: { ...(rest && { [dialectId]: rest }), ...(form && { [formId]: form }) } }
}

/** The unknown members that this dialect kept; whatever another dialect kept is reported as dropped. */
export function kept(extensions: Extensions | undefined, context: CodecContext, path: string): WireObject | undefined {
  if (extensions === undefined) return undefined
  for (const [id, members] of Object.entries(extensions)) {
    if (id === dialectId || id.endsWith('/form')) continue
    for (const name of Object.keys(members)) {
      drop(context, path === '' ? name : `${path}.${name}`, `'${name}' of ${id} has no counterpart in ${dialectId}`)
    }
  }
  return extensions[dialectId]
}

/** How the value was written; `undefined` when it did not come from this dialect. */
export function formOf(extensions: Extensions | undefined): WireObject | undefined {
  return extensions?.[formId]
}

/** @param what begins the sentence: `Audio has no place in this dialect`. */
export function drop(context: CodecContext, path: string, what: string): undefined {
  context.warn({ code: 'field-dropped', path, message: `${what} and was left out.` })
  return undefined
}

export function invalid(param: string, problem: string): SluiceError {
  return new SluiceError('invalid_request', `\`${param}\` ${problem}.`, { param })
}

export const isFilled = (value: unknown): value is string => typeof value === 'string' && value !== ''

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
