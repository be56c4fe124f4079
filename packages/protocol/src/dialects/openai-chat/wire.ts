import type { CodecContext } from '../../dialect.ts'
import type { Extensions } from '../../ir/extensions.ts'
import type { WireObject } from '../../json/wire-object.ts'

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
} from '../../json/wire-object.ts'

export const dialectId = 'openai-chat'

/** Unknown members of a choice's message; those of the choice itself stand under the dialect's own id. */
const messageId = 'openai-chat/message'

/** How something was written where the wire has several ways: empty members, an array for a string. */
const formId = 'openai-chat/form'

/** An `extensions` member to be spread into a neutral value; nothing when there is nothing to keep. */
export function keep(
  rest: WireObject | undefined,
  form?: WireObject,
  message?: WireObject,
): { extensions?: Extensions } {
  if (rest === undefined && form === undefined && message === undefined) return {}
  const extensions: Record<string, WireObject> = {}
  if (rest !== undefined) extensions[dialectId] = rest
  if (message !== undefined) extensions[messageId] = message
  if (form !== undefined) extensions[formId] = form
  return { extensions }
}

/** The unknown members that this dialect kept; whatever another dialect kept is reported as dropped. */
export function kept(extensions: Extensions | undefined, context: CodecContext, path: string): WireObject | undefined {
  if (extensions === undefined) return undefined
  for (const [id, members] of Object.entries(extensions)) {
    if (id === dialectId || id === messageId || id.endsWith('/form')) continue
    for (const name of Object.keys(members)) {
      context.warn({
        code: 'field-dropped',
        path: path === '' ? name : `${path}.${name}`,
        message: `'${name}' of ${id} has no counterpart in ${dialectId} and was left out.`,
      })
    }
  }
  return extensions[dialectId]
}

export function keptOfMessage(extensions: Extensions | undefined): WireObject | undefined {
  return extensions?.[messageId]
}

/** How the value was written; `undefined` when it did not come from this dialect. */
export function formOf(extensions: Extensions | undefined): WireObject | undefined {
  return extensions?.[formId]
}
