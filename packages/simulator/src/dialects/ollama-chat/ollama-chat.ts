import { jsonAnswer } from '../../answer.ts'
import { type Dialect, type ModelEntry, RequestRefused } from '../../dialect.ts'
import { modelId } from '../openai/http.ts'
import { ollamaError } from './errors.ts'
import { readRequest } from './read-request.ts'
import { writeLoaded, writeResult, writeStream } from './write-answer.ts'

/** What all of Ollama's endpoints have in common. */
export const ollamaHttp: Pick<Dialect, 'credential' | 'error' | 'errorBody' | 'headers'> = {
  credential: (request) => /^Bearer +(.*)$/i.exec(request.header('authorization') ?? '')?.[1],
  error: ollamaError,
  errorBody: ({ message }) => ({ error: message }),
  headers: () => ({}),
}

/** Ollama's own chat. https://docs.ollama.com/api/chat */
export const ollamaChat: Dialect = {
  ...ollamaHttp,
  id: 'ollama-chat',
  operation: 'chat',
  method: 'POST',
  matches: (path) => path.endsWith('/api/chat'),
  answer(request, context) {
    const ask = readRequest(() => request.json())
    if (context.models !== undefined && !context.models.some((entry) => modelId(entry) === ask.model)) {
      throw new RequestRefused({ status: 404, message: `model '${ask.model}' not found` })
    }
    if (ask.loads !== undefined) return jsonAnswer(200, writeLoaded(ask.model, ask.loads, context.identity))
    const reply = context.reply(ask)
    if (!ask.stream) return jsonAnswer(200, writeResult(reply, context.identity))
    const body = writeStream(reply, context.identity)
    return { status: 200, contentType: body.framing.contentType, body }
  },
}

/** The list of models. https://docs.ollama.com/api/tags */
export const ollamaTags: Dialect = {
  ...ollamaHttp,
  id: 'ollama-tags',
  operation: 'models',
  method: 'GET',
  matches: (path) => path.endsWith('/api/tags'),
  answer: (_request, context) => jsonAnswer(200, { models: (context.models ?? ['simulated-model']).map(row) }),
}

/** https://docs.ollama.com/api-reference/get-version */
export const ollamaVersion: Dialect = {
  ...ollamaHttp,
  id: 'ollama-version',
  operation: 'models',
  method: 'GET',
  matches: (path) => path.endsWith('/api/version'),
  answer: () => jsonAnswer(200, { version: '0.0.0' }),
}

function row(entry: ModelEntry): unknown {
  const id = modelId(entry)
  return {
    name: id,
    model: id,
    modified_at: '2026-01-01T00:00:00Z',
    size: 0,
    digest: '0'.repeat(64),
    details: {
      parent_model: '',
      format: 'gguf',
      family: 'simulated',
      families: ['simulated'],
      parameter_size: '0B',
      quantization_level: 'F16',
    },
    ...(typeof entry === 'string' ? {} : entry),
  }
}
