import type { JsonSchema, Schema } from './standard-schema.ts'
import { jsonSchemaOf, strictForm } from './json-schema-of.ts'

/** How an answer of a schema is asked for, and found in what is written. */
export interface AnswerForm {
  readonly schema: JsonSchema
  readonly strict: boolean
  /** What the schema is of. */
  inner(written: unknown): unknown
}

/**
 * Providers hold answers to objects only: another value is asked for as the one member of an object.
 * https://platform.openai.com/docs/guides/structured-outputs
 */
export function answerForm(given: Schema): AnswerForm {
  const schema = jsonSchemaOf(given)
  if (schema['type'] === 'object') return { ...strictForm(schema), inner: (written) => written }
  // What is referred to is looked for at the top.
  const { $defs, definitions, ...value } = schema
  const object = {
    type: 'object',
    properties: { value },
    required: ['value'],
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
  }
  return {
    ...strictForm(object),
    inner: (written) => (isObjectOfValue(written) ? written.value : written),
  }
}

function isObjectOfValue(written: unknown): written is { readonly value: unknown } {
  return typeof written === 'object' && written !== null && Object.keys(written).join() === 'value'
}
