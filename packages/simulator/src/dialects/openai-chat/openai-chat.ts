import { jsonAnswer } from '../../answer.ts'
import type { Dialect } from '../../dialect.ts'
import { openaiHttp, requireModel } from '../openai/http.ts'
import { readRequest } from './read-request.ts'
import { writeResult } from './write-answer.ts'
import { writeStream } from './write-stream.ts'

/** OpenAI's chat completions, as most providers speak them. https://platform.openai.com/docs/api-reference/chat */
export const openaiChat: Dialect = {
  ...openaiHttp,
  id: 'openai-chat',
  operation: 'chat',
  method: 'POST',
  matches: (path) => path.endsWith('/chat/completions'),
  answer(request, context) {
    const ask = readRequest(() => request.json(), deployment(request.path))
    requireModel(ask.model, context.models)
    const reply = context.reply(ask)
    if (!ask.stream) return jsonAnswer(200, writeResult(ask, reply, context.identity))
    const body = writeStream(ask, reply, context.identity)
    return { status: 200, contentType: body.framing.contentType, body }
  },
}

/** Azure names the model in the path. */
function deployment(path: string): string | undefined {
  const name = /\/deployments\/([^/?]+)\/chat\/completions/.exec(path)?.[1]
  return name === undefined ? undefined : decodeURIComponent(name)
}
