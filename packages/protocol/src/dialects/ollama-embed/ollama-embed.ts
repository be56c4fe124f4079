import type { CodecContext, EmbedDialect } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { dropMembers, dropTitles, embeddingsFor, floatsOf, textsOf, warnOfFormats } from '../../ir/embed-forms.ts'
import type { EmbedRequest, EmbedResult } from '../../ir/embed.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { noUsage, totalInput, type Usage } from '../../ir/usage.ts'
import { isArray, isBoolean, isNumber, isRecord, isString, WireFields } from '../../json/wire-object.ts'
import { createOperationDialect } from '../openai-operations/create-operation-dialect.ts'
import { ollamaErrors } from '../ollama-chat/error.ts'

const dialectId = 'ollama-embed'
const extensions = ownExtensions(dialectId)

/** Ollama's `/api/embed`. https://docs.ollama.com/api/embed */
export const ollamaEmbed: EmbedDialect = Object.freeze<EmbedDialect>({
  ...createOperationDialect({
    id: dialectId,
    operation: 'embed',
    path: '/api/embed',
    member: 'embeddings',
    answer: { usage: 'prompt_eval_count', readUsage },
    error: ollamaErrors,
    streams: false,
  }),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
})

function decodeRequest(wire: unknown): EmbedRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The request must be a JSON object.')
  const fields = new WireFields(wire)
  const model = fields.take('model', isString) ?? ''
  const input = fields.take('input', isInput)
  if (input === undefined)
    throw new SluiceError('invalid_request', '`input` must be a string or an array of strings.', { param: 'input' })
  const truncate = fields.take('truncate', isBoolean)
  const dimensions = fields.take('dimensions', isNumber)
  return {
    model,
    inputs: (isString(input) ? [input] : input).map((text) => ({ type: 'text', text })),
    ...(isString(input) && { bare: true }),
    ...(truncate !== undefined && { truncate: truncate ? 'end' : 'none' }),
    ...(dimensions !== undefined && { dimensions }),
    ...extensions.keep(fields.rest()),
  }
}

function encodeRequest(request: EmbedRequest, context: CodecContext): unknown {
  const { model, inputs, bare, truncate, dimensions } = request
  const known = extensions.kept(request.extensions, context)
  dropMembers(request, ['user', 'purpose', 'maxInputTokens'], 'Ollama', context)
  dropTitles(request, 'Ollama', context)
  warnOfFormats(request, context)
  if (truncate === 'start')
    context.warn({
      code: 'value-changed',
      path: 'truncate',
      message: 'Ollama leaves out the end of long input, not its start.',
    })
  const texts = textsOf(inputs)
  return {
    model,
    input: bare === true && texts.length === 1 ? texts[0] : texts,
    ...(truncate !== undefined && { truncate: truncate !== 'none' }),
    ...(dimensions !== undefined && { dimensions }),
    ...known,
  }
}

function decodeResult(wire: unknown): EmbedResult {
  const vectors = isRecord(wire) ? wire['embeddings'] : undefined
  if (!isRecord(wire) || !isArray(vectors)) throw unreadable()
  const fields = new WireFields(wire)
  fields.skip('embeddings')
  const model = fields.take('model', isString)
  const usage = readUsage(fields.take('prompt_eval_count', isNumber))
  return {
    ...(model !== undefined && { model }),
    embeddings: vectors.map((vector) => {
      if (isArray(vector) && vector.every(isNumber)) return { float: vector }
      throw unreadable()
    }),
    ...(usage !== undefined && { usage }),
    ...extensions.keep(fields.rest()),
  }
}

function encodeResult(result: EmbedResult, _context: CodecContext, request: EmbedRequest): unknown {
  const { model, usage } = result
  return {
    model: model ?? request.model,
    embeddings: embeddingsFor(result, request).map(floatsOf),
    ...(usage !== undefined && { prompt_eval_count: totalInput(usage) }),
    ...extensions.own(result.extensions),
  }
}

function readUsage(count: unknown): Usage | undefined {
  return isNumber(count) && Number.isSafeInteger(count) && count >= 0
    ? { ...noUsage, input: count, reported: { input: count } }
    : undefined
}

function isInput(value: unknown): value is string | readonly string[] {
  return isString(value) || (isArray(value) && value.every(isString))
}

function unreadable(): SluiceError {
  return new SluiceError('upstream_invalid_response', "The answer holds no embeddings in Ollama's form.")
}
