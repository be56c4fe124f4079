import type { CodecContext } from '../../dialect.ts'
import type { Extensions } from '../../ir/extensions.ts'
import { type OwnExtensions, ownExtensions } from '../../ir/own-extensions.ts'
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

export const dialectId = 'anthropic-messages'

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

/** Says that a member was left out because this wire has no place for it. */
export function warnDropped(context: CodecContext, path: string, what: string): undefined {
  context.warn({ code: 'field-dropped', path, message: `${what} has no place in ${dialectId} and was left out.` })
}

export function warnChanged(context: CodecContext, path: string, message: string): void {
  context.warn({ code: 'value-changed', path, message })
}

const members = ownExtensions(dialectId)
export const keep: OwnExtensions['keep'] = members.keep
/** How the value was written; that it is there tells that the value is this wire's own. */
export const formOf: OwnExtensions['formOf'] = members.formOf
