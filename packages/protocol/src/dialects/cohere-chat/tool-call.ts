import type { CodecContext } from '../../dialect.ts'
import type { ContentPart, ToolCallPart } from '../../ir/chat.ts'
import { formOf, inner, isFilled, isRecord, isString, keep, kept, nest, WireFields, type WireObject } from './wire.ts'

/** Reads one of `tool_calls`; `fallbackId` where it has none. A call of an unknown shape is kept whole. */
export function decodeToolCall(wire: WireObject, fallbackId: string): ContentPart {
  const fields = new WireFields(wire)
  const definition = fields.take('function', isRecord)
  const details = new WireFields(definition ?? {})
  const name = details.take('name', isString)
  if (name === undefined || (wire['type'] !== undefined && wire['type'] !== 'function')) {
    return { type: 'other', extensions: keep(wire, { call: true }).extensions ?? {} }
  }
  fields.skip('type')
  const id = fields.take('id', isFilled)
  const input = details.take('arguments', isFilled)
  const form = {
    ...(id === undefined && { id: false }),
    ...(wire['type'] === undefined && { type: false }),
    ...(input === undefined && { arguments: false }),
  }
  return {
    type: 'tool-call',
    kind: 'function',
    id: id ?? fallbackId,
    name,
    input: input ?? '{}',
    ...keep(nest(fields.rest(), 'function', details.rest()), Object.keys(form).length > 0 ? form : undefined),
  }
}

/** The free text of a custom tool is the string `input` of an object. */
export function encodeToolCall(part: ToolCallPart, context: CodecContext, path: string): WireObject {
  const rest = kept(part.extensions, context, path)
  const form = formOf(part.extensions)
  const { id, kind, name, input } = part
  const written = kind === 'custom' ? JSON.stringify({ input }) : input === '' ? '{}' : input
  const said = !(form?.['arguments'] === false && input === '{}')
  return {
    ...rest,
    ...(form?.['id'] !== false && { id }),
    ...(form?.['type'] !== false && { type: 'function' }),
    function: { ...inner(rest, 'function'), name, ...(said && { arguments: written }) },
  }
}
