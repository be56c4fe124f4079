import type { CodecContext } from '../../dialect.ts'
import type { ResponseFormat } from '../../ir/chat.ts'
import { isRecord, keep, kept, WireFields, type WireObject } from './wire.ts'

export function decodeResponseFormat(wire: WireObject): ResponseFormat {
  const fields = new WireFields(wire)
  if (fields.takeExact('type', 'text')) return { type: 'text', ...keep(fields.rest()) }
  if (!fields.takeExact('type', 'json_object')) return { type: 'other', ...keep(wire) }
  const schema = fields.take('json_schema', isRecord)
  const rest = keep(fields.rest())
  return schema === undefined ? { type: 'json', ...rest } : { type: 'json-schema', schema, ...rest }
}

/** `undefined` for a format that only another dialect knows. */
export function encodeResponseFormat(format: ResponseFormat, context: CodecContext): WireObject | undefined {
  const rest = kept(format.extensions, context, 'response_format')
  switch (format.type) {
    case 'text':
      return { type: 'text', ...rest }
    case 'json':
      return { type: 'json_object', ...rest }
    case 'json-schema':
      return { type: 'json_object', ...rest, ...(format.schema !== undefined && { json_schema: format.schema }) }
    case 'other':
      return rest
  }
}

/** What the model is told where it cannot be held to it: Cohere takes no format beside tools. */
export function formatInstruction(format: ResponseFormat): string | undefined {
  if (format.type === 'json') return 'Answer with one JSON object and nothing else: no explanation, no code fence.'
  if (format.type !== 'json-schema') return undefined
  const { schema } = format
  const shape = schema === undefined ? '' : `\n\nIt must match this JSON Schema:\n${JSON.stringify(schema)}`
  return `When you give your answer, give one JSON value and nothing else: no explanation, no code fence.${shape}`
}
