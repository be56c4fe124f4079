import { SluiceError } from '@sluice/protocol'
import type { JsonSchema, Schema, StandardSchema } from './standard-schema.ts'

/**
 * What a schema asks of its input, as JSON Schema: by the library's own word for it, where it has one.
 * @throws SluiceError `invalid_request` naming the way out.
 */
export function jsonSchemaOf(schema: Schema): JsonSchema {
  const written = write(schema)
  const { $schema: _, '~standard': _standard, ...rest } = written as Readonly<Record<string, unknown>>
  return rest
}

/** The schema with its JSON Schema beside it, for libraries that cannot tell it themselves. */
export function withJsonSchema<S extends StandardSchema>(schema: S, jsonSchema: JsonSchema): S {
  const own = schema['~standard']
  const standard = { ...own, validate: own.validate.bind(own), jsonSchema: { input: () => jsonSchema } }
  // Schemas may be functions or have private fields, and only `~standard` is asked for.
  return { '~standard': standard } as unknown as S
}

function write(schema: Schema): unknown {
  if (!isStandard(schema)) return schema
  const { jsonSchema, vendor } = schema['~standard']
  try {
    if (jsonSchema !== undefined) return jsonSchema.input({ target: 'draft-07' })
    // Of zod before 4.2 and arktype before 2.2.
    const { toJSONSchema, toJsonSchema } = schema as {
      readonly toJSONSchema?: () => unknown
      readonly toJsonSchema?: () => unknown
    }
    const convert = toJSONSchema ?? toJsonSchema
    if (convert !== undefined) return convert.call(schema)
  } catch (cause) {
    const message = `A schema of ${vendor} cannot be said in JSON Schema: ${cause instanceof Error ? cause.message : 'it failed'}`
    throw new SluiceError('invalid_request', message, { cause })
  }
  const converted = vendor === 'valibot' ? '`toStandardJsonSchema(schema)` of `@valibot/to-json-schema`, or ' : ''
  throw new SluiceError(
    'invalid_request',
    `Schemas of ${vendor} do not tell their JSON Schema. Give ${converted}the JSON Schema beside the schema: withJsonSchema(schema, jsonSchema).`,
  )
}

/** @throws SluiceError `invalid_request` for what is no schema. */
export function isStandard(schema: Schema): schema is StandardSchema {
  // Without types anything may come; arktype's schemas are functions.
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null)
    throw new SluiceError(
      'invalid_request',
      'A schema is a Standard Schema (zod, valibot, arktype), or plain JSON Schema.',
    )
  return '~standard' in schema && schema['~standard'] !== undefined
}

/**
 * As providers want it for answers that are held to it: objects take no members but those they name. `strict`, where
 * every member is required, as OpenAI asks. https://platform.openai.com/docs/guides/structured-outputs
 */
export function strictForm(schema: JsonSchema): { readonly schema: JsonSchema; readonly strict: boolean } {
  let strict = true
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close)
    if (typeof value !== 'object' || value === null) return value
    const closed = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, close(member)]))
    const { properties, required = [], additionalProperties = false } = value as Readonly<Record<string, unknown>>
    if (!isObjectSchema(value)) return closed
    const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
    if (additionalProperties !== false || names.some((name) => !(required as readonly unknown[]).includes(name)))
      strict = false
    return { ...closed, additionalProperties: closed['additionalProperties'] ?? false }
  }
  const form = close(schema) as JsonSchema
  return { schema: form, strict: strict && form['type'] === 'object' }
}

function isObjectSchema(value: object): boolean {
  return (value as { readonly type?: unknown }).type === 'object'
}
