import type { ChatDialect } from '../../dialect.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResult } from './decode-result.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResult } from './encode-result.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { geminiErrors } from './error.ts'
import { pathFor, peekPath } from './path.ts'
import { patchRequest, peekRequest, rewriteRequest } from './peek.ts'
import { createResultTap } from './tap-result.ts'
import { createStreamTap } from './tap-stream.ts'
import { dialectId } from './wire.ts'

/** Google's `generateContent` and `streamGenerateContent`. https://ai.google.dev/api/generate-content */
export const geminiGenerate: ChatDialect = Object.freeze<ChatDialect>({
  id: dialectId,
  operation: 'chat',
  outputLimits: { tokens: ['generationConfig.maxOutputTokens'], choices: 'generationConfig.candidateCount' },
  path: pathFor,
  // The last is what remains of `/v1/models/*`.
  served: ['/v1beta/models/*', '/v1alpha/models/*', '/models/*'].flatMap((path) => [
    `${path}:generateContent`,
    `${path}:streamGenerateContent`,
  ]),
  peekPath,
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
  error: geminiErrors,
  tap: { result: createResultTap, stream: createStreamTap },
})
