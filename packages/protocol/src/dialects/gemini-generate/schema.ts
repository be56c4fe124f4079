import { camelCaseOf } from './camel-case.ts'
import { isArray, isRecord, isString, type WireObject } from './wire.ts'

/** Keywords whose value is a map of schemas, a list of them, or one. */
const maps: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions'])
const lists: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems'])
const single: ReadonlySet<string> = new Set(['items', 'additionalProperties', 'not', 'contains', 'if', 'then', 'else'])

/**
 * JSON Schema in the part of it that Gemini reads: `const` becomes an `enum` of one value, and `$schema` is left out.
 * https://ai.google.dev/api/generate-content#FIELDS.response_json_schema
 */
export function toGeminiSchema(schema: unknown): unknown {
  if (!isRecord(schema)) return schema
  const members: [string, unknown][] = []
  for (const [name, value] of Object.entries(schema)) {
    if (name === '$schema') continue
    if (name === 'const') members.push(['enum', [value]])
    else members.push([name, within(name, value, toGeminiSchema)])
  }
  return Object.fromEntries(members)
}

/** Whether a schema of arguments asks for none, which Gemini wants said by no schema at all. */
export function takesNothing(schema: unknown): boolean {
  if (!isRecord(schema)) return schema === undefined || schema === null
  const { type = 'object', properties, ...others } = schema
  const free = Object.keys(others).every((name) => ['additionalProperties', 'required', '$schema'].includes(name))
  return free && type === 'object' && others['additionalProperties'] !== true && isEmpty(properties)
}

function isEmpty(properties: unknown): boolean {
  return properties === undefined || (isRecord(properties) && Object.keys(properties).length === 0)
}

/** Of the legacy `Schema`, an OpenAPI subset with upper-case types, as JSON Schema. */
export function fromLegacySchema(schema: unknown): unknown {
  if (!isRecord(schema)) return schema
  const members: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(schema)) {
    const key = camelCaseOf(name)
    if (key === 'nullable' || key === 'propertyOrdering' || key === 'example' || key === '__proto__') continue
    if (key === 'type') members['type'] = isString(value) ? value.toLowerCase() : value
    // 64-bit numbers are strings in Google's JSON.
    else if (/^(min|max)(Items|Length|Properties)$/.test(key) && isString(value)) members[key] = Number(value)
    else members[key] = within(key, value, fromLegacySchema)
  }
  return schema['nullable'] === true ? nullable(members) : members
}

function nullable(schema: WireObject): WireObject {
  const { type, anyOf } = schema
  if (isString(type)) return { ...schema, type: [type, 'null'] }
  return isArray(anyOf) ? { ...schema, anyOf: [...anyOf, { type: 'null' }] } : schema
}

function within(name: string, value: unknown, change: (schema: unknown) => unknown): unknown {
  if (maps.has(name) && isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, schema]) => [key, change(schema)]))
  }
  if (lists.has(name) && isArray(value)) return value.map(change)
  return single.has(name) ? change(value) : value
}
