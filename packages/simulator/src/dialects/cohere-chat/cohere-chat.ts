import { jsonAnswer } from '../../answer.ts'
import { type Dialect, RequestRefused } from '../../dialect.ts'
import { modelId } from '../openai/http.ts'
import { cohereError } from './errors.ts'
import { readRequest } from './read-request.ts'
import { writeResult, writeStream } from './write-answer.ts'

/** Cohere's chat, second version. https://docs.cohere.com/v2/reference/chat */
export const cohereChat: Dialect = {
  id: 'cohere-chat',
  operation: 'chat',
  method: 'POST',
  matches: (path) => path.endsWith('/v2/chat'),
  credential: (request) => /^Bearer +(.*)$/i.exec(request.header('authorization') ?? '')?.[1],
  answer(request, context) {
    const ask = readRequest(request)
    if (context.models !== undefined && !context.models.some((entry) => modelId(entry) === ask.model)) {
      const message = `model '${ask.model}' not found, make sure the correct model ID was used and that you have access to it.`
      throw new RequestRefused({ status: 404, message })
    }
    const reply = context.reply(ask)
    if (!ask.stream) return jsonAnswer(200, writeResult(reply, context.identity))
    const body = writeStream(reply, context.identity)
    return { status: 200, contentType: body.framing.contentType, body }
  },
  error: cohereError,
  errorBody: ({ message }) => ({ id: 'simulated', message }),
  headers: (identity) => ({
    'x-debug-trace-id': identity.id(''),
    'x-trial-endpoint-call-limit': '20',
    'x-trial-endpoint-call-remaining': '19',
  }),
}
