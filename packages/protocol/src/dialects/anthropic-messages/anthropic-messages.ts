import type { ChatDialect, Peek, RequestChanges } from '../../dialect.ts'
import { patchChatRequest, rewriteChatRequest } from '../openai-chat/patch.ts'
import { peekChatRequest, peekOutputLimit } from '../openai-chat/peek.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResult } from './decode-result.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { encodeLimitHeaders } from './encode-limit-headers.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResult } from './encode-result.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { anthropicErrors } from './error.ts'
import { createResultTap } from './tap-result.ts'
import { createStreamTap } from './tap-stream.ts'
import { dialectId } from './wire.ts'

/**
 * Anthropic's Messages, as its API reference has it. Sends the version that all who speak it know; a caller's own
 * word on version and beta features goes before.
 */
export const anthropicMessages: ChatDialect = Object.freeze<ChatDialect>({
  id: dialectId,
  operation: 'chat',
  outputLimits: { tokens: ['max_tokens'], peek: peekOutputLimit },
  limitHeaders: encodeLimitHeaders,
  path: () => '/messages',
  headers: Object.freeze({ 'anthropic-version': '2023-06-01' }),
  forwardedHeaders: ['anthropic-beta', 'anthropic-version'],
  served: ['/messages'],
  peek,
  patch: (body: Uint8Array, seen: Peek, changes: RequestChanges) =>
    patchChatRequest(body, seen, withoutOptions(changes)),
  rewrite: (body: Uint8Array, changes: RequestChanges) => rewriteChatRequest(body, withoutOptions(changes)),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
  stream: {
    contentType: 'text/event-stream; charset=utf-8',
    decoder: createStreamDecoder,
    encoder: createStreamEncoder,
  },
  error: anthropicErrors,
  tap: { result: createResultTap, stream: createStreamTap },
})

/** `model` and `stream` stand where OpenAI has them; the stream reports usage in any case. */
function peek(body: Uint8Array): Peek {
  return { ...peekChatRequest(body), usageRequested: true }
}

function withoutOptions(changes: RequestChanges): RequestChanges {
  return changes.includeUsage ? { ...changes, includeUsage: false } : changes
}
