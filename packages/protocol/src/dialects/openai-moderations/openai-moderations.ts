import type { CodecContext, ModerateDialect } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { EmbedPart } from '../../ir/embed.ts'
import type { ModerateInput, ModerateRequest, ModerateResult, Verdict } from '../../ir/moderate.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { verdictsFor } from '../../ir/verdicts.ts'
import { mediaOf, urlOf } from '../cohere-embed/media.ts'
import { isArray, isBoolean, isNumber, isRecord, isString, WireFields } from '../../json/wire-object.ts'
import { createOperationDialect } from '../openai-operations/create-operation-dialect.ts'

const dialectId = 'openai-moderations'
const extensions = ownExtensions(dialectId)

/** OpenAI's moderations. https://platform.openai.com/docs/api-reference/moderations */
export const openaiModerations: ModerateDialect = Object.freeze<ModerateDialect>({
  ...createOperationDialect({
    id: dialectId,
    operation: 'moderate',
    path: '/moderations',
    member: 'results',
    defaultModel: 'omni-moderation-latest',
    streams: false,
  }),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
})

/** @throws SluiceError `invalid_request` where there is nothing to be judged. */
function decodeRequest(wire: unknown): ModerateRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The request must be a JSON object.')
  const fields = new WireFields(wire)
  fields.skip('input')
  const model = fields.take('model', isString) ?? ''
  return { model, ...decodeInput(wire['input']), ...extensions.keep(fields.rest()) }
}

/** A text, texts of a verdict each, or parts that get one together. */
function decodeInput(input: unknown): Pick<ModerateRequest, 'inputs' | 'bare'> {
  if (isString(input)) return { inputs: [input], bare: true }
  if (!isArray(input) || input.length === 0)
    throw new SluiceError('invalid_request', '`input` must be a string, or an array that is not empty.', {
      param: 'input',
    })
  return input.every(isString) ? { inputs: input } : { inputs: [input.map(decodePart)] }
}

function decodePart(part: unknown, index: number): EmbedPart {
  if (isString(part)) return { type: 'text', text: part }
  if (isRecord(part)) {
    const { text, image_url: image } = part
    if (isString(text)) return { type: 'text', text }
    if (isRecord(image) && isString(image['url'])) return { type: 'media', media: mediaOf(image['url']) }
  }
  throw new SluiceError('invalid_request', `\`input[${index}]\` must be a text or an image.`, {
    param: `input[${index}]`,
  })
}

/** @throws SluiceError `invalid_request` for several inputs of which one has parts: they would get one verdict. */
function encodeRequest(request: ModerateRequest, context: CodecContext): unknown {
  const { model, inputs, bare } = request
  const known = extensions.kept(request.extensions, context)
  const [first] = inputs
  if (inputs.every(isString)) return { model, input: bare === true ? first : inputs, ...known }
  if (inputs.length > 1 || first === undefined)
    throw new SluiceError('invalid_request', 'Inputs with pictures are judged one per call. Send one.', {
      param: 'input',
    })
  return { model, input: encodeParts(first), ...known }
}

function encodeParts(input: ModerateInput): unknown {
  return isString(input)
    ? input
    : input.map((part) => (part.type === 'text' ? part : { type: 'image_url', image_url: { url: urlOf(part.media) } }))
}

/** @throws SluiceError `upstream_invalid_response` */
function decodeResult(wire: unknown): ModerateResult {
  const results = isRecord(wire) ? wire['results'] : undefined
  if (!isRecord(wire) || !isArray(results)) throw unreadable()
  const fields = new WireFields(wire)
  fields.skip('results')
  const id = fields.take('id', isString)
  const model = fields.take('model', isString)
  return {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    verdicts: results.map(decodeVerdict),
    ...extensions.keep(fields.rest()),
  }
}

function decodeVerdict(wire: unknown): Verdict {
  if (!isRecord(wire)) throw unreadable()
  const { flagged, categories, category_scores: scores, category_applied_input_types: types } = wire
  if (!isBoolean(flagged) || !isRecordOf(categories, isBoolean) || !isRecordOf(scores, isNumber)) throw unreadable()
  return { flagged, categories, scores, ...(isRecordOf(types, areStrings) && { appliedTypes: types }) }
}

/** A judge that is no model for moderation is named, for whoever looks. */
function encodeResult(result: ModerateResult, _context: CodecContext, request: ModerateRequest): unknown {
  const { id, model, judge } = result
  return {
    id: id ?? 'modr',
    model: model ?? request.model,
    ...(judge !== undefined && { judged_by: judge }),
    results: verdictsFor(result, request).map(({ flagged, categories, scores, appliedTypes }, index) => ({
      flagged,
      categories,
      category_scores: scores,
      category_applied_input_types: appliedTypes ?? typesFor(request.inputs[index]!, categories),
    })),
    ...extensions.own(result.extensions),
  }
}

function typesFor(
  input: ModerateInput,
  categories: Verdict['categories'],
): Readonly<Record<string, readonly string[]>> {
  const parts: readonly EmbedPart[] = isString(input) ? [{ type: 'text', text: input }] : input
  const types = [...new Set(parts.map(({ type }) => (type === 'text' ? 'text' : 'image')))]
  return Object.fromEntries(Object.keys(categories).map((category) => [category, types]))
}

function isRecordOf<T>(value: unknown, is: (member: unknown) => member is T): value is Readonly<Record<string, T>> {
  return isRecord(value) && Object.values(value).every(is)
}

function areStrings(value: unknown): value is readonly string[] {
  return isArray(value) && value.every(isString)
}

function unreadable(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The answer holds no verdicts of a moderation.')
}
