import type { CodecContext } from '../../dialect.ts'
import type { Extensions } from '../../ir/extensions.ts'
import { type OwnExtensions, ownExtensions } from '../../ir/own-extensions.ts'
import { isRecord, type WireObject } from '../../json/wire-object.ts'

export { invalid } from '../../errors/invalid-request.ts'
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

export const dialectId = 'bedrock-converse'

/** Where a cache may begin to be read from: other wires mark the part itself, by the name that Anthropic gave it. */
const markName = 'cache_control'

/** The unknown members that this dialect kept; whatever another dialect kept is reported as dropped, but for marks of a cache. */
export function kept(extensions: Extensions | undefined, context: CodecContext, path: string): WireObject | undefined {
  if (extensions === undefined) return undefined
  for (const [id, others] of Object.entries(extensions)) {
    if (id === dialectId || id.endsWith('/form')) continue
    for (const name of Object.keys(others)) {
      if (name === markName) continue
      context.warn({
        code: 'field-dropped',
        path: path === '' ? name : `${path}.${name}`,
        message: `'${name}' of ${id} has no counterpart in ${dialectId} and was left out.`,
      })
    }
  }
  const own = extensions[dialectId]
  if (own === undefined || !(markName in own)) return own
  const { [markName]: _, ...members } = own
  return Object.keys(members).length === 0 ? undefined : members
}

/** The mark of a cache, whichever dialect kept it. */
export function markOf(extensions: Extensions | undefined): WireObject | undefined {
  for (const members of Object.values(extensions ?? {})) if (isRecord(members[markName])) return members[markName]
  return undefined
}

export function withMark<T extends { readonly extensions?: Extensions }>(value: T, mark: WireObject): T {
  const own = value.extensions?.[dialectId]
  return { ...value, extensions: { ...value.extensions, [dialectId]: { ...own, [markName]: mark } } }
}

/** What is left of an object inside another once its known members were taken; an empty one is left as it is. */
export function leftOf(wire: WireObject | undefined, rest: WireObject | undefined): WireObject | undefined {
  return rest ?? (wire !== undefined && Object.keys(wire).length === 0 ? wire : undefined)
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
