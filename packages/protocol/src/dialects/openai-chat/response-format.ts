import type { CodecContext } from '../../dialect.ts'
import type { ResponseFormat } from '../../ir/chat.ts'
import { isBooleanOrNull } from './tool.ts'
import { inner, isRecord, isString, keep, kept, nest, WireFields, type WireObject } from './wire.ts'

export function decodeResponseFormat(wire: WireObject): ResponseFormat {
  const fields = new WireFields(wire)
  fields.skip('type')
  if (wire['type'] === 'text') return { type: 'text', ...keep(fields.rest()) }
  if (wire['type'] === 'json_object') return { type: 'json', ...keep(fields.rest()) }
  const nested = fields.take('json_schema', isRecord)
  if (wire['type'] !== 'json_schema' || nested === undefined) return { type: 'other', ...keep(wire) }
  const details = new WireFields(nested)
  const name = details.take('name', isString)
  const description = details.take('description', isString)
  const strict = details.take('strict', isBooleanOrNull)
  details.skip('schema')
  return {
    type: 'json-schema',
    ...(name === undefined ? undefined : { name }),
    ...(description === undefined ? undefined : { description }),
    ...('schema' in nested ? { schema: nested['schema'] } : undefined),
    ...(strict === undefined ? undefined : { strict }),
    ...keep(nest(fields.rest(), 'json_schema', details.rest())),
  }
}

/** `undefined` for a format that only another dialect knows. */
export function encodeResponseFormat(format: ResponseFormat, context: CodecContext): WireObject | undefined {
  const rest = kept(format.extensions, context, 'response_format')
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
        json_schema: {
          ...inner(rest, 'json_schema'),
          // OpenAI requires a name; other dialects have none.
          name: name ?? 'response',
          ...(description === undefined ? undefined : { description }),
          ...(schema === undefined ? undefined : { schema }),
          ...(strict === undefined ? undefined : { strict }),
        },
      }
    }
  }
}
