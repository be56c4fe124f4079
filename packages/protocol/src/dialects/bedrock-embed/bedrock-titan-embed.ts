import type { CodecContext, EmbedDialect } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { dropMembers, dropTitles, embeddingsFor, floatsOf, textsOf } from '../../ir/embed-forms.ts'
import type { Embedding, EmbedRequest, EmbedResult } from '../../ir/embed.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { noUsage, readCount, totalInput } from '../../ir/usage.ts'
import { isArray, isNumber, isRecord, isString, WireFields } from '../../json/wire-object.ts'
import { createInvokeDialect } from './create-invoke-dialect.ts'

const dialectId = 'bedrock-titan-embed'
const extensions = ownExtensions(dialectId)

/**
 * Amazon's Titan text embeddings by Bedrock's InvokeModel, which take one text per call.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
 */
export const bedrockTitanEmbed: EmbedDialect = Object.freeze<EmbedDialect>({
  ...createInvokeDialect(dialectId, { member: 'embedding' }),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
})

function decodeRequest(wire: unknown): EmbedRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The request must be a JSON object.')
  const fields = new WireFields(wire)
  const text = fields.take('inputText', isString)
  if (text === undefined)
    throw new SluiceError('invalid_request', '`inputText` must be a string.', { param: 'inputText' })
  const dimensions = fields.take('dimensions', isNumber)
  const types = fields.take('embeddingTypes', areTypes)
  return {
    model: '',
    inputs: [{ type: 'text', text }],
    bare: true,
    ...(dimensions !== undefined && { dimensions }),
    ...(types !== undefined && { formats: types }),
    ...extensions.keep(fields.rest()),
  }
}

/** @throws SluiceError `invalid_request` for several inputs: an attempt is one call, and a call takes one. */
function encodeRequest(request: EmbedRequest, context: CodecContext): unknown {
  const { inputs, dimensions, formats } = request
  const known = extensions.kept(request.extensions, context)
  dropMembers(request, ['user', 'purpose', 'truncate', 'maxInputTokens'], 'Titan', context)
  dropTitles(request, 'Titan', context)
  const [inputText, ...more] = textsOf(inputs)
  if (inputText === undefined || more.length > 0) {
    throw new SluiceError(
      'invalid_request',
      `Titan embeds one text per call, and ${inputs.length} were sent. Send one, or choose a model that takes several, such as Cohere's.`,
      { param: 'input' },
    )
  }
  const binary = formats?.includes('binary') === true
  const others = formats?.filter((format) => !['float', 'base64', 'binary'].includes(format)) ?? []
  if (others.length > 0)
    context.warn({
      code: 'value-changed',
      path: 'formats',
      message: `Titan does not give ${others.join(', ')}; floats are given instead.`,
    })
  return {
    inputText,
    ...(dimensions !== undefined && { dimensions }),
    ...(binary && { embeddingTypes: ['float', 'binary'] }),
    ...known,
  }
}

function decodeResult(wire: unknown): EmbedResult {
  if (!isRecord(wire)) throw unreadable()
  const fields = new WireFields(wire)
  fields.skip('embedding')
  fields.skip('embeddingsByType')
  const tokens = readCount(fields.take('inputTextTokenCount', isNumber))
  return {
    embeddings: [decodeEmbedding(wire['embedding'], wire['embeddingsByType'])],
    ...(tokens !== undefined && { usage: { ...noUsage, input: tokens, reported: { input: tokens } } }),
    ...extensions.keep(fields.rest()),
  }
}

function encodeResult(result: EmbedResult, _context: CodecContext, request: EmbedRequest): unknown {
  const [embedding] = embeddingsFor(result, request)
  const { usage } = result
  return {
    embedding: embedding && floatsOf(embedding),
    ...(request.formats !== undefined && embedding !== undefined && { embeddingsByType: byType(embedding) }),
    ...(usage !== undefined && { inputTextTokenCount: totalInput(usage) }),
    ...extensions.own(result.extensions),
  }
}

function byType(embedding: Embedding): Embedding {
  return { float: floatsOf(embedding), ...(embedding.binary !== undefined && { binary: embedding.binary }) }
}

function decodeEmbedding(plain: unknown, byTypes: unknown): Embedding {
  const types = isRecord(byTypes) ? byTypes : {}
  const float = numbersOf(plain) ?? numbersOf(types['float'])
  const binary = numbersOf(types['binary'])
  if (float === undefined && binary === undefined) throw unreadable()
  return { ...(float !== undefined && { float }), ...(binary !== undefined && { binary }) }
}

function numbersOf(value: unknown): readonly number[] | undefined {
  return isArray(value) && value.every(isNumber) ? value : undefined
}

function areTypes(value: unknown): value is readonly ('float' | 'binary')[] {
  return isArray(value) && value.every((type) => type === 'float' || type === 'binary')
}

function unreadable(): SluiceError {
  return new SluiceError('upstream_invalid_response', "The answer holds no embedding in Titan's form.")
}
