import type { CodecContext } from '../../dialect.ts'
import { isArray, isRecord, warnDropped, type WireObject } from './wire.ts'

/** Refused by Anthropic's structured outputs (its documentation, "JSON Schema limitations"). */
const refused: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
])

const mapsOfSchemas: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
const schemas: ReadonlySet<string> = new Set(['items', 'not'])
const listsOfSchemas: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])

/** The schema as Anthropic takes it: objects are closed, and bounds are left out with a warning. */
export function closedSchema(schema: unknown, context: CodecContext): unknown {
  if (!isRecord(schema)) return schema
  const written: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(schema)) {
    if (refused.has(name) || (name === 'minItems' && value !== 0 && value !== 1)) {
      warnDropped(context, `response_format.${name}`, `'${name}' of the answer's schema`)
    } else written[name] = closedMember(name, value, context)
  }
  if (isObjectSchema(schema)) written['additionalProperties'] = false
  return written
}

function isObjectSchema({ type, properties }: WireObject): boolean {
  return type === 'object' || (isArray(type) && type.includes('object')) || isRecord(properties)
}

function closedMember(name: string, value: unknown, context: CodecContext): unknown {
  if (schemas.has(name)) return closedSchema(value, context)
  if (listsOfSchemas.has(name) && isArray(value)) return value.map((entry) => closedSchema(entry, context))
  if (!mapsOfSchemas.has(name) || !isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, closedSchema(entry, context)]))
}
