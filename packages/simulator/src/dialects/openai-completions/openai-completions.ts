import { jsonAnswer } from '../../answer.ts'
import type { Dialect } from '../../dialect.ts'
import { openaiHttp, requireModel } from '../openai/http.ts'
import { readRequest } from './read-request.ts'
import { writeResult, writeStream } from './write-answer.ts'

/** OpenAI's legacy completions. https://platform.openai.com/docs/api-reference/completions */
export const openaiCompletions: Dialect = {
  ...openaiHttp,
  id: 'openai-completions',
  operation: 'complete',
  method: 'POST',
  matches: (path) => /(?<!\/chat)\/completions$/.test(path),
  answer(request, context) {
    const ask = readRequest(() => request.json())
    requireModel(ask.model, context.models)
    const replies = ask.prompts.map((prompt) => context.reply({ ...ask, ...prompt }))
    if (!ask.stream) return jsonAnswer(200, writeResult(ask, replies, context.identity))
    const body = writeStream(ask, replies, context.identity)
    return { status: 200, contentType: body.framing.contentType, body }
  },
}
