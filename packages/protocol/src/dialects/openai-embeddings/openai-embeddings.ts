import type { EmbedDialect } from '../../dialect.ts'
import { createOperationDialect } from '../openai-operations/create-operation-dialect.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeResult, encodeResult } from './result.ts'

/** OpenAI's embeddings, as many others have them. https://platform.openai.com/docs/api-reference/embeddings */
export const openaiEmbeddings: EmbedDialect = Object.freeze<EmbedDialect>({
  ...createOperationDialect({
    id: 'openai-embeddings',
    operation: 'embed',
    path: '/embeddings',
    member: 'data',
    streams: false,
  }),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
})
