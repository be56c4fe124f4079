import { jsonAnswer } from '../../answer.ts'
import type { Dialect } from '../../dialect.ts'
import { openaiHttp, requireModel } from '../openai/http.ts'
import { readRequest } from './read-request.ts'
import { writeResult } from './write-answer.ts'
import { writeStream } from './write-stream.ts'

/** OpenAI's responses. https://platform.openai.com/docs/api-reference/responses */
export const openaiResponses: Dialect = {
  ...openaiHttp,
  id: 'openai-responses',
  operation: 'chat',
  method: 'POST',
  matches: (path) => path.endsWith('/responses'),
  answer(request, context) {
    const ask = readRequest(() => request.json())
    requireModel(ask.model, context.models)
    const reply = context.reply(ask)
    if (!ask.stream) return jsonAnswer(200, writeResult(ask, reply, context.identity))
    const body = writeStream(ask, reply, context.identity)
    return { status: 200, contentType: body.framing.contentType, body }
  },
}

/** https://platform.openai.com/docs/api-reference/responses/input-tokens */
export const openaiInputTokens: Dialect = {
  ...openaiHttp,
  id: 'openai-input-tokens',
  operation: 'count-tokens',
  method: 'POST',
  matches: (path) => path.endsWith('/responses/input_tokens'),
  answer(request, context) {
    const { model, promptTokens } = readRequest(() => request.json())
    requireModel(model, context.models)
    return jsonAnswer(200, { object: 'response.input_tokens', input_tokens: promptTokens })
  },
}
