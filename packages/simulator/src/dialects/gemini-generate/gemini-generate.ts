import { jsonAnswer } from '../../answer.ts'
import { type Dialect, RequestRefused } from '../../dialect.ts'
import { modelId } from '../openai/http.ts'
import { geminiError, geminiErrorBody } from './errors.ts'
import { readRequest } from './read-request.ts'
import { writeResult, writeStream } from './write-answer.ts'

/** Google's Gemini API. https://ai.google.dev/api/generate-content */
export const geminiGenerate: Dialect = {
  id: 'gemini-generate',
  operation: 'chat',
  method: 'POST',
  matches: (path) => method.test(path),
  credential(request) {
    const bearer = /^Bearer +(.*)$/i.exec(request.header('authorization') ?? '')?.[1]
    const query = /[?&]key=([^&]*)/.exec(request.path)?.[1]
    return request.header('x-goog-api-key') ?? bearer ?? (query === undefined ? undefined : decodeURIComponent(query))
  },
  answer(request, context) {
    const [path = '', query = ''] = request.path.split('?', 2)
    const [, model = '', verb] = method.exec(path) ?? []
    const stream = verb === 'streamGenerateContent'
    const ask = readRequest(() => request.json(), { model: decodeURIComponent(model), stream })
    if (context.models !== undefined && !context.models.some((entry) => modelId(entry) === ask.model)) {
      const message = `models/${ask.model} is not found for API version v1beta, or is not supported for generateContent.`
      throw new RequestRefused({ status: 404, message })
    }
    const reply = context.reply(ask)
    if (!stream) return jsonAnswer(200, writeResult(ask, reply, context.identity))
    const body = writeStream(ask, reply, context.identity)
    if (/(^|&)alt=sse(&|$)/.test(query)) return { status: 200, contentType: body.framing.contentType, body }
    return jsonAnswer(
      200,
      [...body.events].map((event) => JSON.parse(String(event).slice('data: '.length)) as unknown),
    )
  },
  error: geminiError,
  errorBody: geminiErrorBody,
  headers: () => ({ 'server-timing': 'gfet4t7; dur=1', vary: 'Origin, X-Origin, Referer' }),
}

const method = /\/models\/([^?]+):(generateContent|streamGenerateContent)$/
