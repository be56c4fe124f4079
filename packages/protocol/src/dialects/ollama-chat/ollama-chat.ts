import type { ChatDialect, Peek, RequestChanges } from '../../dialect.ts'
import { patchChatRequest, rewriteChatRequest } from '../openai-chat/patch.ts'
import { peekChatRequest } from '../openai-chat/peek.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResult } from './decode-result.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResult } from './encode-result.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { ollamaErrors } from './error.ts'
import { createResultTap } from './tap-result.ts'
import { createStreamTap } from './tap-stream.ts'
import { dialectId } from './wire.ts'

/** Ollama's own chat, whose streams are lines of JSON. https://docs.ollama.com/api/chat */
export const ollamaChat: ChatDialect = Object.freeze<ChatDialect>({
  id: dialectId,
  operation: 'chat',
  outputLimits: { tokens: ['options.num_predict'] },
  path: () => '/api/chat',
  served: ['/api/chat'],
  peek,
  patch: (body: Uint8Array, seen: Peek, changes: RequestChanges) =>
    patchChatRequest(body, seen, withoutOptions(changes)),
  rewrite: (body: Uint8Array, changes: RequestChanges) => rewriteChatRequest(body, withoutOptions(changes)),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
  stream: {
    contentType: 'application/x-ndjson',
    decoder: createStreamDecoder,
    encoder: createStreamEncoder,
  },
  error: ollamaErrors,
  tap: { result: createResultTap, stream: createStreamTap },
})

/** `model` and `stream` stand where OpenAI has them, but silence means a stream; it reports usage in any case. */
function peek(body: Uint8Array): Peek {
  const seen = peekChatRequest(body)
  const span = seen.scan.spans[1]
  const unsaid = span === undefined || span.end - span.start === 'null'.length
  return { ...seen, stream: seen.stream || unsaid, usageRequested: true }
}

function withoutOptions(changes: RequestChanges): RequestChanges {
  return changes.includeUsage ? { ...changes, includeUsage: false } : changes
}
