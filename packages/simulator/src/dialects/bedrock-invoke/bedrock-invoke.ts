import { jsonAnswer } from '../../answer.ts'
import { type Dialect, RequestRefused } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { embed } from '../cohere-embed/cohere-embed.ts'
import { modelId } from '../openai/http.ts'
import { replyTo } from '../openai-operations/ask.ts'
import { readObject } from '../openai-operations/refuse.ts'
import { vectorOf, writeVector } from '../openai-operations/vectors.ts'

/**
 * Bedrock's InvokeModel of embedding models: Cohere's by their names, else as Titan's, which take one text.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
 */
export const bedrockInvoke: Dialect = {
  id: 'bedrock-invoke',
  operation: 'embed',
  method: 'POST',
  matches: (path) => route.test(path),
  credential: (request) => /^Bearer +(.*)$/i.exec(request.header('authorization') ?? '')?.[1],
  answer(request, context) {
    const model = decodeURIComponent(route.exec(request.path)?.[1] ?? '')
    if (context.models?.some((entry) => modelId(entry) === model) === false) {
      const message = 'The provided model identifier is invalid.'
      throw new RequestRefused({ status: 400, type: 'ValidationException', message })
    }
    const wire = readObject(request)
    const reply = (said: string, tokens: number) => replyTo(context, { model, said, tokens })
    if (/cohere/i.test(model)) {
      const { meta: _, ...answer } = embed(wire, reply, context.identity.id(''))
      return jsonAnswer(200, answer)
    }
    const { inputText, dimensions = 1024, embeddingTypes } = wire
    if (typeof inputText !== 'string')
      throw new RequestRefused({
        status: 400,
        message: 'Malformed input request: #: required key [inputText] not found',
      })
    const vector = vectorOf(inputText, typeof dimensions === 'number' ? dimensions : 1024)
    const binary = Array.isArray(embeddingTypes) && embeddingTypes.includes('binary')
    return jsonAnswer(200, {
      embedding: [...vector],
      ...(binary && { embeddingsByType: { float: [...vector], binary: writeVector(vector, 'binary') } }),
      inputTextTokenCount: reply('', words(inputText).length).usage?.input ?? 0,
    })
  },
  error: ({ message = 'The request is not valid.', type = 'ValidationException' }) => ({
    message,
    type,
    code: null,
    param: null,
  }),
  errorBody: ({ message }) => ({ message }),
  headers: (identity) => ({ 'x-amzn-requestid': identity.id('') }),
}

const route = /\/model\/([^/]+)\/invoke$/
