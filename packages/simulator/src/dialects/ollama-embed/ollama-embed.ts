import { jsonAnswer } from '../../answer.ts'
import { type Dialect, RequestRefused } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { ollamaHttp } from '../ollama-chat/ollama-chat.ts'
import { modelId } from '../openai/http.ts'
import { replyTo } from '../openai-operations/ask.ts'
import { readObject } from '../openai-operations/refuse.ts'
import { vectorOf } from '../openai-operations/vectors.ts'

/** Ollama's embeddings. https://docs.ollama.com/api/embed */
export const ollamaEmbed: Dialect = {
  ...ollamaHttp,
  id: 'ollama-embed',
  operation: 'embed',
  method: 'POST',
  matches: (path) => path.endsWith('/api/embed'),
  answer(request, context) {
    const { model, input, dimensions = 768 } = readObject(request)
    if (typeof model !== 'string' || model === '') refuse(400, 'model is required')
    if (context.models?.some((entry) => modelId(entry) === model) === false)
      refuse(404, `model "${model}" not found, try pulling it first`)
    const texts: readonly unknown[] = Array.isArray(input) ? input : [input]
    if (!texts.every((text) => typeof text === 'string')) refuse(400, 'invalid input type')
    if (typeof dimensions !== 'number')
      refuse(400, 'json: cannot unmarshal into field EmbedRequest.dimensions of type int')
    const tokens = texts.reduce((sum, text) => sum + words(text).length, 0)
    const reply = replyTo(context, { model, said: '', tokens })
    return jsonAnswer(200, {
      model: reply.model,
      embeddings: texts.map((text) => [...vectorOf(text, dimensions)]),
      total_duration: 14_143_917,
      load_duration: 1_019_500,
      ...(reply.usage !== undefined && { prompt_eval_count: reply.usage.input }),
    })
  },
}

function refuse(status: number, message: string): never {
  throw new RequestRefused({ status, message })
}
