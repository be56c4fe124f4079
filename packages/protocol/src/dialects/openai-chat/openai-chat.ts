import type { ChatDialect } from '../../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResult } from './decode-result.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResult } from './encode-result.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { openaiErrors } from './error.ts'
import { patchChatRequest, rewriteChatRequest } from './patch.ts'
import { peekChatRequest, peekOutputLimit } from './peek.ts'
import { createResultTap } from './tap-result.ts'
import { createStreamTap } from './tap-stream.ts'
import { dialectId } from './wire.ts'

/** OpenAI's Chat Completions and all who speak it, as OpenAI's API reference has it. */
export const openaiChat: ChatDialect = Object.freeze<ChatDialect>({
  id: dialectId,
  operation: 'chat',
  path: () => '/chat/completions',
  served: ['/chat/completions'],
  peek: peekChatRequest,
  patch: patchChatRequest,
  rewrite: rewriteChatRequest,
  outputLimits: { tokens: ['max_completion_tokens', 'max_tokens'], choices: 'n', peek: peekOutputLimit },
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
  stream: {
    contentType: 'text/event-stream; charset=utf-8',
    decoder: createStreamDecoder,
    encoder: createStreamEncoder,
  },
  error: openaiErrors,
  tap: { result: createResultTap, stream: createStreamTap },
})
