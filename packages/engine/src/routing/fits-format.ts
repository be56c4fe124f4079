import type { Schema, Validator } from '@cfworker/json-schema'
import type { ChatResult, ResponseFormat } from '@sluice/protocol'

/**
 * Why an answer is not in the form that was asked for, in words; `undefined` when it is, or nothing was asked. A choice that
 * calls tools instead of answering is not looked at.
 */
export async function fitsFormat(
  { choices }: ChatResult,
  format: ResponseFormat | undefined,
): Promise<string | undefined> {
  if (format?.type !== 'json' && format?.type !== 'json-schema') return undefined
  const schema = format.type === 'json-schema' ? asSchema(format.schema) : undefined
  for (const { content } of choices) {
    if (content.some(({ type }) => type === 'tool-call' || type === 'refusal')) continue
    const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return 'The model was asked for JSON, and answered with something else.'
    }
    if (schema === undefined) continue
    // Few routes ask for it, so that it is not loaded before.
    const json = await import('@cfworker/json-schema')
    const problem = misfit(value, new json.Validator(schema, '2020-12'))
    if (problem !== undefined) return `The answer does not fit the schema that was asked for: ${problem}`
  }
  return undefined
}

function misfit(value: unknown, validator: Validator): string | undefined {
  try {
    const { valid, errors } = validator.validate(value)
    const last = errors.at(-1)
    return valid ? undefined : `${last?.error ?? 'it is another value.'} (${last?.instanceLocation ?? '#'})`
  } catch {
    // A schema that cannot be followed, as for a reference to nothing, says nothing about the answer.
    return undefined
  }
}

function asSchema(schema: unknown): Schema | undefined {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) ? schema : undefined
}
