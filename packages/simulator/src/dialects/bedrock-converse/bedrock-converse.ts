import { jsonAnswer } from '../../answer.ts'
import { type Dialect, RequestRefused } from '../../dialect.ts'
import { modelId } from '../openai/http.ts'
import { bedrockError } from './errors.ts'
import { readRequest } from './read-request.ts'
import { writeResult, writeStream } from './write-answer.ts'

/** Amazon Bedrock's `Converse` and `ConverseStream`. Signatures are not looked at: only a bearer's key is. */
export const bedrockConverse: Dialect = {
  id: 'bedrock-converse',
  operation: 'chat',
  method: 'POST',
  matches: (path) => route.test(path),
  credential: (request) => /^Bearer +(.*)$/i.exec(request.header('authorization') ?? '')?.[1],
  answer(request, context) {
    const [path = ''] = request.path.split('?', 1)
    const [, id = '', verb] = route.exec(path) ?? []
    const ask = readRequest(() => request.json(), { model: decodeURIComponent(id), stream: verb === 'converse-stream' })
    if (context.models?.some((entry) => modelId(entry) === ask.model) === false) {
      const message = 'The provided model identifier is invalid.'
      throw new RequestRefused({ status: 400, type: 'ValidationException', message })
    }
    const reply = context.reply(ask)
    if (!ask.stream) return jsonAnswer(200, writeResult(reply, context.identity))
    const body = writeStream(reply, context.identity)
    return { status: 200, contentType: body.framing.contentType, body }
  },
  error: bedrockError,
  errorBody: ({ message }) => ({ message }),
  errorHeaders: ({ type }) => ({ 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` }),
  headers: (identity) => ({ 'x-amzn-requestid': identity.id('') }),
}

const route = /\/model\/(.+)\/(converse|converse-stream)$/
