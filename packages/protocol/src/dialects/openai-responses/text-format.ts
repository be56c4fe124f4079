import type { CodecContext } from '../../dialect.ts'
import type { ResponseFormat } from '../../ir/chat.ts'
import { isBooleanOrNull } from '../openai-chat/tool.ts'
import { isString, WireFields, type WireObject } from '../../json/wire-object.ts'
import { keep, kept } from './wire.ts'

/** Reads `text.format`, whose JSON schema is flat. */
export function decodeTextFormat(wire: WireObject): ResponseFormat {
  const fields = new WireFields(wire)
  fields.skip('type')
  if (wire['type'] === 'text') return { type: 'text', ...keep(fields.rest()) }
  if (wire['type'] === 'json_object') return { type: 'json', ...keep(fields.rest()) }
  if (wire['type'] !== 'json_schema') return { type: 'other', ...keep(wire) }
  const name = fields.take('name', isString)
  const description = fields.take('description', isString)
  const strict = fields.take('strict', isBooleanOrNull)
  fields.skip('schema')
  return {
    type: 'json-schema',
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...('schema' in wire && { schema: wire['schema'] }),
    ...(strict !== undefined && { strict }),
    ...keep(fields.rest()),
  }
}

/** `undefined` for a format that only another dialect knows. */
export function encodeTextFormat(format: ResponseFormat, context: CodecContext): WireObject | undefined {
  const rest = kept(format.extensions, context, 'text.format')
  switch (format.type) {
    case 'text':
      return { type: 'text', ...rest }
    case 'json':
      return { type: 'json_object', ...rest }
    case 'other':
      return rest
    case 'json-schema': {
      const { name, description, schema, strict } = format
      return {
        type: 'json_schema',
        ...rest,
        // Required here; other dialects have none.
        name: name ?? 'response',
        ...(description !== undefined && { description }),
        ...(schema !== undefined && { schema }),
        ...(strict !== undefined && { strict }),
      }
    }
  }
}
