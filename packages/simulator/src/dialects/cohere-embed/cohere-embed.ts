import { jsonAnswer } from '../../answer.ts'
import { type Dialect, RequestRefused } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { cohereHttp, requireCohereModel } from '../cohere-chat/cohere-chat.ts'
import { replyTo } from '../openai-operations/ask.ts'
import { isObject, readObject, type WireObject } from '../openai-operations/refuse.ts'
import { type VectorForm, vectorOf, writeVector } from '../openai-operations/vectors.ts'

/** Cohere's embeddings. https://docs.cohere.com/v2/reference/embed */
export const cohereEmbed: Dialect = {
  ...cohereHttp,
  id: 'cohere-embed',
  operation: 'embed',
  method: 'POST',
  matches: (path) => path.endsWith('/v2/embed'),
  answer(request, context) {
    const wire = readObject(request)
    const { model } = wire
    if (typeof model !== 'string' || model === '') refuse('model is required')
    requireCohereModel(model, context.models)
    return jsonAnswer(
      200,
      embed(wire, (said, tokens) => replyTo(context, { model, said, tokens }), context.identity.id('')),
    )
  },
}

/** Also what Bedrock's models of Cohere answer, but for the count. */
export function embed(
  wire: WireObject,
  replyTo: (said: string, tokens: number) => { readonly usage: { readonly input: number } | undefined },
  id: string,
): WireObject {
  if (typeof wire['input_type'] !== 'string') refuse('valid input_type must be provided with the provided model')
  const inputs = readInputs(wire)
  if (inputs.length > 96) refuse('invalid request: total number of texts must be at most 96')
  const dimensions = typeof wire['output_dimension'] === 'number' ? wire['output_dimension'] : 1024
  const forms = readForms(wire['embedding_types'])
  const reply = replyTo(
    '',
    inputs.reduce((sum, input) => sum + words(input).length, 0),
  )
  return {
    id,
    embeddings: Object.fromEntries(
      forms.map((form) => [form, inputs.map((input) => writeVector(vectorOf(input, dimensions), form))]),
    ),
    ...(Array.isArray(wire['texts']) && { texts: wire['texts'] as unknown }),
    meta: {
      api_version: { version: '2' },
      ...(reply.usage !== undefined && { billed_units: { input_tokens: reply.usage.input } }),
    },
    response_type: 'embeddings_by_type',
  }
}

const forms: readonly string[] = ['float', 'base64', 'int8', 'uint8', 'binary', 'ubinary']

function readForms(value: unknown): readonly VectorForm[] {
  if (value === undefined) return ['float']
  if (!Array.isArray(value) || !value.every((form) => forms.includes(form as string)))
    refuse('invalid request: embedding_types must be a list of float, int8, uint8, binary, ubinary or base64')
  return value as VectorForm[]
}

function readInputs({ texts, images, inputs }: WireObject): readonly string[] {
  const given = [texts, images, inputs].filter((value) => value !== undefined)
  const [only] = given
  if (given.length !== 1 || !Array.isArray(only) || only.length === 0)
    refuse('invalid request: exactly one of texts, images and inputs must be provided')
  return only.map((input: unknown) => {
    if (typeof input === 'string') return input
    const content = isObject(input) ? input['content'] : undefined
    if (!Array.isArray(content)) refuse('invalid request: inputs must have content')
    return JSON.stringify(content)
  })
}

function refuse(message: string): never {
  throw new RequestRefused({ status: 400, message })
}
