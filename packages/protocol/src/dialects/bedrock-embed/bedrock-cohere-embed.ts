import type { EmbedDialect } from '../../dialect.ts'
import { isRecord } from '../../json/wire-object.ts'
import { decodeRequest, encodeRequest } from '../cohere-embed/request.ts'
import { decodeResult, encodeResult } from '../cohere-embed/result.ts'
import { createInvokeDialect } from './create-invoke-dialect.ts'

/**
 * Cohere's embeddings by Bedrock's InvokeModel: Cohere's own wire, with the model in the path alone.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html
 */
export const bedrockCohereEmbed: EmbedDialect = Object.freeze<EmbedDialect>({
  ...createInvokeDialect('bedrock-cohere-embed', { member: 'embeddings', type: 'object' }),
  request: {
    decode: decodeRequest,
    encode(request, context) {
      // Bedrock has no base64; it is made here from floats.
      const formats = request.formats?.map((format) => (format === 'base64' ? 'float' : format))
      const wire = encodeRequest({ ...request, ...(formats && { formats: [...new Set(formats)] }) }, context)
      if (!isRecord(wire)) return wire
      const { model: _, ...rest } = wire
      return rest
    },
  },
  result: { decode: decodeResult, encode: encodeResult },
})
