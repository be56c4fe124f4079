import { jsonSchemaProblems } from '../schema/json-schema-problems.ts'
import type { JsonSchema, StandardResult, StandardSchema } from '../schema/standard-schema.ts'

/** A schema for what JSON Schema cannot say alone: `read` gets what fits it. */
export function checkedSchema<Value>(
  schema: JsonSchema,
  read: (value: Value) => StandardResult<Value>,
): StandardSchema<unknown, Value> {
  return {
    '~standard': {
      version: 1,
      vendor: 'sluice',
      validate(value) {
        const issues = jsonSchemaProblems(schema, value)
        return issues.length > 0 ? { issues } : read(value as Value)
      },
      jsonSchema: { input: () => schema },
    },
  }
}

/** An object with these members, all of them required and no others. */
export function objectOf(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}

export function textOf(description: string): JsonSchema {
  return { type: 'string', description }
}

export function optionalTextOf(description: string): JsonSchema {
  return { type: ['string', 'null'], description: `${description} Null for none.` }
}

export function listOf(items: JsonSchema, description: string): JsonSchema {
  return { type: 'array', items, description }
}
