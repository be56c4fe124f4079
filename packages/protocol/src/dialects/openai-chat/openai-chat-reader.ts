import type { ChatReader } from '../../dialect.ts'
import { decodeResult } from './decode-result.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { openaiErrors } from './error.ts'
import { patchChatRequest, rewriteChatRequest } from './patch.ts'
import { peekChatRequest } from './peek.ts'
import { createResultTap } from './tap-result.ts'
import { createStreamTap } from './tap-stream.ts'
import { dialectId } from './wire.ts'

/** `openaiChat` without what translates requests and writes answers: for clients, half as large. */
export const openaiChatReader: ChatReader = Object.freeze<ChatReader>({
  id: dialectId,
  operation: 'chat',
  path: () => '/chat/completions',
  served: ['/chat/completions'],
  peek: peekChatRequest,
  patch: patchChatRequest,
  rewrite: rewriteChatRequest,
  result: { decode: decodeResult },
  stream: { contentType: 'text/event-stream; charset=utf-8', decoder: createStreamDecoder },
  error: openaiErrors,
  tap: { result: createResultTap, stream: createStreamTap },
})
