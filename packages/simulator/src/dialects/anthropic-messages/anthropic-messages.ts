import { jsonAnswer } from '../../answer.ts'
import type { Dialect } from '../../dialect.ts'
import { anthropicHttp, requireModel } from './http.ts'
import { countTokens, readBody, readRequest } from './read-request.ts'
import { writeMessage, writeStream } from './write-answer.ts'

/** Anthropic's messages. https://platform.claude.com/docs/en/api/messages */
export const anthropicMessages: Dialect = {
  ...anthropicHttp,
  id: 'anthropic-messages',
  operation: 'chat',
  matches: (path) => path.endsWith('/messages'),
  answer(request, context) {
    const ask = readRequest(request)
    requireModel(ask.model, context.models)
    const reply = context.reply(ask)
    if (!ask.stream) return jsonAnswer(200, writeMessage(reply, context.identity))
    const body = writeStream(reply, context.identity)
    return { status: 200, contentType: body.framing.contentType, body }
  },
}

/** https://platform.claude.com/docs/en/api/messages-count-tokens */
export const anthropicCountTokens: Dialect = {
  ...anthropicHttp,
  id: 'anthropic-count-tokens',
  operation: 'count-tokens',
  matches: (path) => path.endsWith('/messages/count_tokens'),
  answer(request, context) {
    const body = readBody(request, true)
    requireModel(body.model as string, context.models)
    return jsonAnswer(200, { input_tokens: countTokens(body) })
  },
}
