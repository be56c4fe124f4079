import type { CodecContext } from '../../dialect.ts'
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

export const dialectId = 'anthropic-messages'

/** How something was written where the wire has several ways; that it is there tells that the value is this wire's own. */
const formId = 'anthropic-messages/form'

/** An `extensions` member to be spread into a neutral value; nothing when there is nothing to keep. */
export function keep(rest: WireObject | undefined, form?: WireObject): { extensions?: Extensions } {
  if (rest === undefined && form === undefined) return {}
  const extensions: Record<string, WireObject> = {}
  if (rest !== undefined) extensions[dialectId] = rest
  if (form !== undefined) extensions[formId] = form
  return { extensions }
}

/**
 * The unknown members that this dialect kept; whatever another dialect kept is reported as dropped. A
 * `cache_control` is taken from any of them: routers for other wires take Anthropic's marks in their own parts.
 */
export function kept(extensions: Extensions | undefined, context: CodecContext, path: string): WireObject | undefined {
  if (extensions === undefined) return undefined
  let members = extensions[dialectId]
  for (const [id, others] of Object.entries(extensions)) {
    if (id.startsWith(dialectId) || id.endsWith('/form')) continue
    for (const [name, value] of Object.entries(others)) {
      if (name === 'cache_control') {
        members = { cache_control: value, ...members }
        continue
      }
      context.warn({
        code: 'field-dropped',
        path: path === '' ? name : `${path}.${name}`,
        message: `'${name}' of ${id} has no counterpart in ${dialectId} and was left out.`,
      })
    }
  }
  return members
}

/** How the value was written; `undefined` when it did not come from this dialect. */
export function formOf(extensions: Extensions | undefined): WireObject | undefined {
  return extensions?.[formId]
}

/** Says that a member was left out because this wire has no place for it. */
export function warnDropped(context: CodecContext, path: string, what: string): undefined {
  context.warn({ code: 'field-dropped', path, message: `${what} has no place in ${dialectId} and was left out.` })
}

export function warnChanged(context: CodecContext, path: string, message: string): void {
  context.warn({ code: 'value-changed', path, message })
}
