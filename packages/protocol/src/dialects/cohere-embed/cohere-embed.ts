import type { EmbedDialect } from '../../dialect.ts'
import { decodeUsage } from '../cohere-chat/usage.ts'
import { cohereErrors } from '../cohere-chat/error.ts'
import { createOperationDialect } from '../openai-operations/create-operation-dialect.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeResult, encodeResult } from './result.ts'

/** Cohere's embeddings, version 2. https://docs.cohere.com/v2/reference/embed */
export const cohereEmbed: EmbedDialect = Object.freeze<EmbedDialect>({
  ...createOperationDialect({
    id: 'cohere-embed',
    operation: 'embed',
    path: '/v2/embed',
    member: 'embeddings',
    answer: { type: 'object', usage: 'meta', readUsage: decodeUsage },
    error: cohereErrors,
    streams: false,
  }),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
})
