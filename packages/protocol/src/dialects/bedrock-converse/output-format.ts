import type { ResponseFormat } from '../../ir/chat.ts'
import { parseJson } from '../../json/parse-json.ts'
import { formOf, isRecord, isString, keep, kept, WireFields, type WireObject } from './wire.ts'
import type { CodecContext } from '../../dialect.ts'

/** Reads `outputConfig.textFormat`, whose schema is JSON text; `undefined` where it says something else. */
export function decodeFormat(wire: unknown): ResponseFormat | undefined {
  if (!isRecord(wire) || wire['type'] !== 'json_schema' || Object.keys(wire).length !== 2) return undefined
  const { structure } = wire
  const definition = isRecord(structure) && Object.keys(structure).length === 1 ? structure['jsonSchema'] : undefined
  if (!isRecord(definition)) return undefined
  const fields = new WireFields(definition)
  const text = fields.take('schema', isString)
  const schema = text === undefined ? undefined : parseJson(text)
  if (schema === undefined) return undefined
  const name = fields.take('name', isString)
  const description = fields.take('description', isString)
  return {
    type: 'json-schema',
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    schema,
    ...keep(fields.rest(), { schema: text }),
  }
}

export function encodeFormat(
  format: ResponseFormat & { type: 'json-schema' },
  schema: unknown,
  context: CodecContext,
): WireObject {
  const { name, description, extensions } = format
  const written = formOf(extensions)?.['schema']
  const jsonSchema = {
    ...kept(extensions, context, 'response_format'),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    schema: isString(written) ? written : JSON.stringify(schema),
  }
  return { type: 'json_schema', structure: { jsonSchema } }
}
