import type { CodecContext } from '../../dialect.ts'
import type { ToolCallPart } from '../../ir/chat.ts'
import { parseJson } from '../../json/parse-json.ts'
import {
  formOf,
  inner,
  isFilled,
  isNumber,
  isRecord,
  isString,
  keep,
  kept,
  nest,
  WireFields,
  type WireObject,
} from './wire.ts'

/**
 * Reads `{id?, function: {index?, name, arguments: {…}}}`.
 *
 * @param fallbackId for the many models whose calls have no id.
 * @returns `undefined` when it is no call.
 */
export function decodeToolCall(wire: unknown, fallbackId: string): ToolCallPart | undefined {
  if (!isRecord(wire)) return undefined
  const fields = new WireFields(wire)
  const called = fields.take('function', isRecord)
  if (called === undefined) return undefined
  const details = new WireFields(called)
  const name = details.take('name', isString)
  if (name === undefined) return undefined
  const id = fields.take('id', isFilled)
  const index = details.take('index', isNumber)
  const { arguments: written } = called
  details.skip('arguments')
  return {
    type: 'tool-call',
    kind: 'function',
    id: id ?? fallbackId,
    name,
    input: inputText(written),
    ...keep(nest(fields.rest(), 'function', details.rest()), {
      id: id !== undefined,
      ...(fields.takeExact('type', 'function') && { type: true }),
      ...(index !== undefined && { index }),
      ...(!isRecord(written) && { arguments: written }),
    }),
  }
}

/** Some clients write the arguments as text, as OpenAI does. */
function inputText(written: unknown): string {
  if (isString(written)) return written
  return JSON.stringify(written ?? {})
}

/** @param index of the call among those of its answer; `undefined` in a request. */
export function encodeToolCall(
  part: ToolCallPart,
  index: number | undefined,
  context: CodecContext,
  path: string,
): WireObject {
  const form = formOf(part.extensions)
  const rest = kept(part.extensions, context, path)
  const at = form === undefined ? index : form['index']
  const asWritten = form !== undefined && 'arguments' in form && inputText(form['arguments']) === part.input
  return {
    ...(form?.['id'] === false ? undefined : { id: part.id }),
    ...(form?.['type'] === true && { type: 'function' }),
    ...rest,
    function: {
      ...inner(rest, 'function'),
      ...(at !== undefined && { index: at }),
      name: part.name,
      arguments: asWritten ? form['arguments'] : readArguments(part, context, path),
    },
  }
}

/** Ollama's arguments are an object. */
function readArguments(part: ToolCallPart, context: CodecContext, path: string): WireObject {
  if (part.kind === 'function') {
    const value = part.input.trim() === '' ? {} : parseJson(part.input)
    if (isRecord(value)) return value
    context.warn({
      code: 'value-changed',
      path,
      message: 'The arguments of a call are no JSON object and are sent as the text of one member, `input`.',
    })
  }
  return { input: part.input }
}
