import { type OwnExtensions, ownExtensions } from '../../ir/own-extensions.ts'

export { invalid } from '../../errors/invalid-request.ts'
export { drop } from '../../ir/warn.ts'
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

export const dialectId = 'ollama-chat'

export const isFilled = (value: unknown): value is string => typeof value === 'string' && value !== ''

const members = ownExtensions(dialectId)
export const keep: OwnExtensions['keep'] = members.keep
/** The unknown members that this dialect kept; whatever another dialect kept is reported as dropped. */
export const kept: OwnExtensions['kept'] = members.kept
/** How the value was written; `undefined` when it did not come from this dialect. */
export const formOf: OwnExtensions['formOf'] = members.formOf
