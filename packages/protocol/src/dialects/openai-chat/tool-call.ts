import type { CodecContext } from '../../dialect.ts'
import type { ToolCallPart } from '../../ir/chat.ts'
import { formOf, inner, isRecord, isString, keep, kept, nest, WireFields, type WireObject } from './wire.ts'

/**
 * @param fallbackId for providers that give a call no id, though its result must name one.
 * @returns `undefined` when `wire` is no call of a known kind.
 */
export function decodeToolCall(wire: unknown, fallbackId: string): ToolCallPart | undefined {
  if (!isRecord(wire)) return undefined
  const fields = new WireFields(wire)
  const custom = fields.take('custom', isRecord)
  const called = custom ?? fields.take('function', isRecord)
  if (called === undefined) return undefined
  const details = new WireFields(called)
  const kind = custom === undefined ? 'function' : 'custom'
  const typed = fields.takeExact('type', kind)
  const id = fields.take('id', isString)
  const name = details.take('name', isString) ?? ''
  const member = kind === 'custom' ? 'input' : 'arguments'
  const written = called[member]
  details.skip(member)
  const form = {
    ...(typed ? undefined : { typed }),
    ...(isString(written) ? undefined : written === undefined ? { inputless: true } : { input: written }),
  }
  return {
    type: 'tool-call',
    kind,
    id: id === undefined || id === '' ? fallbackId : id,
    name,
    input: inputText(written),
    ...keep(nest(fields.rest(), kind, details.rest()), Object.keys(form).length === 0 ? undefined : form),
  }
}

/** Some providers send arguments as an object, not as its JSON text. */
function inputText(written: unknown): string {
  if (isString(written)) return written
  return written === undefined || written === null ? '' : JSON.stringify(written)
}

export function encodeToolCall(part: ToolCallPart, context: CodecContext, path: string): WireObject {
  const rest = kept(part.extensions, context, path)
  const form = formOf(part.extensions)
  const member = part.kind === 'custom' ? 'input' : 'arguments'
  const asWritten = form !== undefined && 'input' in form && inputText(form['input']) === part.input
  const input =
    form?.['inputless'] === true && part.input === '' ? undefined : { [member]: asWritten ? form['input'] : part.input }
  return {
    id: part.id,
    ...(form?.['typed'] === false ? undefined : { type: part.kind }),
    ...rest,
    [part.kind]: { name: part.name, ...input, ...inner(rest, part.kind) },
  }
}

/** The deprecated `function_call`: a call without an id. */
export function decodeFunctionCall(wire: WireObject, id: string): ToolCallPart {
  const fields = new WireFields(wire)
  return {
    type: 'tool-call',
    kind: 'function',
    id,
    name: fields.take('name', isString) ?? '',
    input: fields.take('arguments', isString) ?? '',
    ...keep(fields.rest(), { functionCall: true }),
  }
}

export function isFunctionCall(part: ToolCallPart): boolean {
  return formOf(part.extensions)?.['functionCall'] === true
}

export function encodeFunctionCall(part: ToolCallPart, context: CodecContext, path: string): WireObject {
  return { name: part.name, arguments: part.input, ...kept(part.extensions, context, path) }
}
