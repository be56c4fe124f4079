import type { ChatDialect } from '../../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResult } from './decode-result.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResult } from './encode-result.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { responsesErrors } from './error.ts'
import { patchRequest, peekRequest, rewriteRequest } from './peek.ts'
import { createResultTap } from './tap-result.ts'
import { createStreamTap } from './tap-stream.ts'
import { dialectId } from './wire.ts'

/** OpenAI's Responses, as OpenAI's API reference has it. */
export const openaiResponses: ChatDialect = Object.freeze<ChatDialect>({
  id: dialectId,
  operation: 'chat',
  outputLimits: { tokens: ['max_output_tokens'] },
  path: () => '/responses',
  served: ['/responses'],
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
  error: responsesErrors,
  tap: { result: createResultTap, stream: createStreamTap },
})
