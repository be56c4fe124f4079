import { jsonAnswer } from '../../answer.ts'
import type { Dialect } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { openaiHttp, requireModel } from '../openai/http.ts'
import { replyTo } from './ask.ts'
import { vectorOf, writeVector } from './vectors.ts'
import { missing, readChoice, readInteger, readModel, readObject, refuse } from './refuse.ts'

/** Vectors of length one, the same for the same input. https://platform.openai.com/docs/api-reference/embeddings */
export const openaiEmbeddings: Dialect = {
  ...openaiHttp,
  id: 'openai-embeddings',
  operation: 'embed',
  method: 'POST',
  matches: (path) => path.endsWith('/embeddings'),
  answer(request, context) {
    const wire = readObject(request)
    const model = readModel(wire)
    const inputs = readInputs(wire['input'])
    const dimensions = readInteger(wire['dimensions'], 'dimensions', 1, 3072) ?? 1536
    const format = readChoice(wire['encoding_format'], 'encoding_format', ['float', 'base64']) ?? 'float'
    requireModel(model, context.models)
    const tokens = inputs.reduce(
      (sum, input) => sum + (typeof input === 'string' ? words(input).length : input.length),
      0,
    )
    const reply = replyTo(context, { model, said: '', tokens })
    return jsonAnswer(200, {
      object: 'list',
      data: inputs.map((input, index) => ({
        object: 'embedding',
        index,
        embedding: writeVector(vectorOf(textOf(input), dimensions), format),
      })),
      model: reply.model,
      ...(reply.usage !== undefined && {
        usage: { prompt_tokens: reply.usage.input, total_tokens: reply.usage.input },
      }),
      ...reply.extra,
    })
  },
}

type Input = string | readonly number[]

/** A text, texts, tokens, or lists of tokens. */
function readInputs(value: unknown): readonly Input[] {
  if (value === undefined || value === null) missing('input')
  if (typeof value === 'string') return [nonEmpty(value)]
  if (!Array.isArray(value))
    refuse("Invalid type for 'input': expected one of a string or array.", 'input', 'invalid_type')
  if (value.length === 0 || value.length > 2048) {
    refuse(
      `Invalid 'input': expected an array of 1 to 2048 items, but got ${value.length}.`,
      'input',
      'array_above_max_length',
    )
  }
  if (value.every(isToken)) return [value]
  return value.map((entry: unknown) => {
    if (typeof entry === 'string') return nonEmpty(entry)
    if (Array.isArray(entry) && entry.length > 0 && entry.every(isToken)) return entry
    return refuse(
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
      'input',
    )
  })
}

function isToken(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function nonEmpty(text: string): string {
  return text === '' ? refuse("Invalid 'input': input cannot be an empty string.", 'input', 'empty_string') : text
}

function textOf(input: Input): string {
  return typeof input === 'string' ? input : JSON.stringify(input)
}
