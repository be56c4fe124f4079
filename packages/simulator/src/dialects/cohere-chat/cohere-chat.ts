import { jsonAnswer } from '../../answer.ts'
import { type Dialect, type DialectContext, RequestRefused } from '../../dialect.ts'
import { modelId } from '../openai/http.ts'
import { cohereError } from './errors.ts'
import { readRequest } from './read-request.ts'
import { writeResult, writeStream } from './write-answer.ts'

/** What all of Cohere's endpoints have in common. */
export const cohereHttp: Pick<Dialect, 'credential' | 'error' | 'errorBody' | 'headers'> = {
  credential: (request) => /^Bearer +(.*)$/i.exec(request.header('authorization') ?? '')?.[1],
  error: cohereError,
  errorBody: ({ message }) => ({ id: 'simulated', message }),
  headers: (identity) => ({
    'x-debug-trace-id': identity.id(''),
    'x-trial-endpoint-call-limit': '20',
    'x-trial-endpoint-call-remaining': '19',
  }),
}

/** Throws as Cohere does for a model that it does not have. */
export function requireCohereModel(model: string, models: DialectContext['models']): void {
  if (models === undefined || models.some((entry) => modelId(entry) === model)) return
  const message = `model '${model}' not found, make sure the correct model ID was used and that you have access to it.`
  throw new RequestRefused({ status: 404, message })
}

/** Cohere's chat, second version. https://docs.cohere.com/v2/reference/chat */
export const cohereChat: Dialect = {
  ...cohereHttp,
  id: 'cohere-chat',
  operation: 'chat',
  method: 'POST',
  matches: (path) => path.endsWith('/v2/chat'),
  answer(request, context) {
    const ask = readRequest(request)
    requireCohereModel(ask.model, context.models)
    const reply = context.reply(ask)
    if (!ask.stream) return jsonAnswer(200, writeResult(reply, context.identity))
    const body = writeStream(reply, context.identity)
    return { status: 200, contentType: body.framing.contentType, body }
  },
}
