import { jsonAnswer } from '../../answer.ts'
import { type Dialect, type DialectContext, RequestRefused } from '../../dialect.ts'
import { modelId } from '../openai/http.ts'
import { isObject } from '../openai-chat/wire.ts'
import { geminiError, geminiErrorBody } from './errors.ts'
import { readRequest } from './read-request.ts'
import { writeResult, writeStream } from './write-answer.ts'

/** What all of the Gemini API's methods have in common. */
const geminiHttp: Pick<Dialect, 'method' | 'credential' | 'error' | 'errorBody' | 'headers'> = {
  method: 'POST',
  credential(request) {
    const bearer = /^Bearer +(.*)$/i.exec(request.header('authorization') ?? '')?.[1]
    const query = /[?&]key=([^&]*)/.exec(request.path)?.[1]
    return request.header('x-goog-api-key') ?? bearer ?? (query === undefined ? undefined : decodeURIComponent(query))
  },
  error: geminiError,
  errorBody: geminiErrorBody,
  headers: () => ({ 'server-timing': 'gfet4t7; dur=1', vary: 'Origin, X-Origin, Referer' }),
}

function requireModel(model: string, { models }: DialectContext): void {
  if (models === undefined || models.some((entry) => modelId(entry) === model)) return
  const message = `models/${model} is not found for API version v1beta, or is not supported for generateContent.`
  throw new RequestRefused({ status: 404, message })
}

/** Google's Gemini API. https://ai.google.dev/api/generate-content */
export const geminiGenerate: Dialect = {
  ...geminiHttp,
  id: 'gemini-generate',
  operation: 'chat',
  matches: (path) => method.test(path),
  answer(request, context) {
    const [path = '', query = ''] = request.path.split('?', 2)
    const [, model = '', verb] = method.exec(path) ?? []
    const stream = verb === 'streamGenerateContent'
    const ask = readRequest(() => request.json(), { model: decodeURIComponent(model), stream })
    requireModel(ask.model, context)
    const reply = context.reply(ask)
    if (!stream) return jsonAnswer(200, writeResult(ask, reply, context.identity))
    const body = writeStream(ask, reply, context.identity)
    if (/(^|&)alt=sse(&|$)/.test(query)) return { status: 200, contentType: body.framing.contentType, body }
    return jsonAnswer(
      200,
      [...body.events].map((event) => JSON.parse(String(event).slice('data: '.length)) as unknown),
    )
  },
}

/** https://ai.google.dev/api/tokens */
export const geminiCountTokens: Dialect = {
  ...geminiHttp,
  id: 'gemini-count-tokens',
  operation: 'count-tokens',
  matches: (path) => counting.test(path),
  answer(request, context) {
    const model = decodeURIComponent(counting.exec(request.path.split('?', 1)[0] ?? '')?.[1] ?? '')
    requireModel(model, context)
    const { promptTokens } = readRequest(() => wholeOf(request.json(), model), { model, stream: false })
    return jsonAnswer(200, {
      totalTokens: promptTokens,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
    })
  },
}

/** What is counted: the contents alone, or a whole request, which must name the same model. */
function wholeOf(body: unknown, model: string): unknown {
  const whole = isObject(body) ? body['generateContentRequest'] : undefined
  if (!isObject(whole)) return body
  if (whole['model'] === `models/${model}`) return whole
  throw new RequestRefused({ status: 400, message: 'The model of generateContentRequest must be that of the path.' })
}

const method = /\/models\/([^?]+):(generateContent|streamGenerateContent)$/
const counting = /\/models\/([^?]+):countTokens$/
