import type { ChatDialect } from '../../dialect.ts'
import { patchRequest, peekRequest, rewriteRequest } from '../openai-responses/peek.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResult } from './decode-result.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResult } from './encode-result.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { cohereErrors } from './error.ts'
import { createResultTap } from './tap-result.ts'
import { createStreamTap } from './tap-stream.ts'
import { dialectId } from './wire.ts'

/** Cohere's chat, second version; its paths name the version. https://docs.cohere.com/v2/reference/chat */
export const cohereChat: ChatDialect = Object.freeze<ChatDialect>({
  id: dialectId,
  operation: 'chat',
  outputLimits: { tokens: ['max_tokens'] },
  path: () => '/v2/chat',
  served: ['/v2/chat'],
  peek: peekRequest,
  patch: patchRequest,
  rewrite: rewriteRequest,
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
  stream: {
    contentType: 'text/event-stream; charset=utf-8',
    decoder: createStreamDecoder,
    encoder: createStreamEncoder,
  },
  error: cohereErrors,
  tap: { result: createResultTap, stream: createStreamTap },
})
