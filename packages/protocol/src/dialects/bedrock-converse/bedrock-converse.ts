import type { ChatDialect } from '../../dialect.ts'
import { patchRequest, peekRequest, rewriteRequest } from '../gemini-generate/peek.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResult } from './decode-result.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResult } from './encode-result.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { bedrockErrors } from './error.ts'
import { pathFor, peekPath } from './path.ts'
import { createResultTap } from './tap-result.ts'
import { createStreamTap } from './tap-stream.ts'
import { dialectId } from './wire.ts'

/**
 * `Converse` and `ConverseStream` of Amazon Bedrock. Nothing in the body changes with the model.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export const bedrockConverse: ChatDialect = Object.freeze<ChatDialect>({
  id: dialectId,
  operation: 'chat',
  outputLimits: { tokens: ['inferenceConfig.maxTokens'] },
  path: pathFor,
  served: ['/model/*'],
  peekPath,
  peek: peekRequest,
  patch: patchRequest,
  rewrite: rewriteRequest,
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
  stream: {
    contentType: 'application/vnd.amazon.eventstream',
    decoder: createStreamDecoder,
    encoder: createStreamEncoder,
  },
  error: bedrockErrors,
  tap: { result: createResultTap, stream: createStreamTap },
})
