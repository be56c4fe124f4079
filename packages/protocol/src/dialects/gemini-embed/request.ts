import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { dropMembers, noTokens, warnOfFormats } from '../../ir/embed-forms.ts'
import type { EmbedInput, EmbedPart, EmbedPurpose, EmbedRequest } from '../../ir/embed.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { toCamelCase } from '../gemini-generate/camel-case.ts'
import { isArray, isNumber, isRecord, isString, WireFields, type WireObject } from '../../json/wire-object.ts'

/** Both of Google's wires have the same members. */
const extensions = ownExtensions('gemini-embed')

/** One `EmbedContentRequest`. @throws SluiceError `invalid_request` where there is nothing to embed. */
export function decodeRequest(wire: unknown, context: CodecContext): EmbedRequest {
  return combine([toCamelCase(wire)], context)
}

export function decodeBatchRequest(wire: unknown, context: CodecContext): EmbedRequest {
  const camel = toCamelCase(wire)
  const requests = isRecord(camel) ? camel['requests'] : undefined
  if (!isArray(requests) || requests.length === 0)
    throw new SluiceError('invalid_request', '`requests` must be an array that is not empty.', { param: 'requests' })
  return combine(requests, context)
}

/** @throws SluiceError `invalid_request` for several inputs, of which this wire takes one. */
export function encodeRequest(request: EmbedRequest, context: CodecContext): unknown {
  const [first, ...more] = encodeItems(request, context)
  if (first === undefined || more.length > 0)
    throw new SluiceError('invalid_request', 'This model embeds one input per call. Send one input.', {
      param: 'input',
    })
  return first
}

export function encodeBatchRequest(request: EmbedRequest, context: CodecContext): unknown {
  return { requests: encodeItems(request, context) }
}

interface Item {
  readonly input: EmbedInput
  readonly purpose: string | undefined
  readonly dimensions: number | undefined
  readonly rest: WireObject | undefined
}

/** What Google says for each input is said once for all of them elsewhere. */
function combine(wires: readonly unknown[], context: CodecContext): EmbedRequest {
  const items = wires.map((wire, index) => decodeItem(wire, `requests[${index}]`))
  const [first] = items
  const { purpose, dimensions, rest } = first!
  for (const member of ['purpose', 'dimensions'] as const) {
    if (items.every((item) => item[member] === first![member])) continue
    context.warn({
      code: 'value-changed',
      path: `requests[].${member}`,
      message: `Requests of one batch differ in '${member}'; that of the first is taken for all.`,
    })
  }
  return {
    model: '',
    inputs: items.map(({ input }) => input),
    ...(purpose !== undefined && { purpose: purposes.get(purpose) ?? purpose }),
    ...(dimensions !== undefined && { dimensions }),
    ...extensions.keep(rest),
  }
}

function decodeItem(wire: unknown, path: string): Item {
  const content = isRecord(wire) ? wire['content'] : undefined
  const parts = isRecord(content) ? content['parts'] : undefined
  if (!isRecord(wire) || !isArray(parts))
    throw new SluiceError('invalid_request', `\`${path}.content.parts\` must be an array.`, { param: path })
  const fields = new WireFields(wire)
  fields.skip('content')
  fields.take('model', isString)
  const title = fields.take('title', isString)
  const purpose = fields.take('taskType', isString)
  const dimensions = fields.take('outputDimensionality', isNumber)
  const decoded = parts.map((part) => decodePart(part, path))
  const [only] = decoded
  const input: EmbedInput =
    decoded.length === 1 && only?.type === 'text'
      ? { type: 'text', text: only.text, ...(title !== undefined && { title }) }
      : { type: 'parts', parts: decoded, ...(title !== undefined && { title }) }
  return { input, purpose, dimensions, rest: fields.rest() }
}

function decodePart(part: unknown, path: string): EmbedPart {
  if (isRecord(part)) {
    const { text, inlineData, fileData } = part
    if (isString(text)) return { type: 'text', text }
    if (isRecord(inlineData) && isString(inlineData['data'])) {
      const mediaType = isString(inlineData['mimeType']) ? inlineData['mimeType'] : 'application/octet-stream'
      return { type: 'media', media: { from: 'base64', mediaType, data: inlineData['data'] } }
    }
    if (isRecord(fileData) && isString(fileData['fileUri']))
      return { type: 'media', media: { from: 'url', url: fileData['fileUri'] } }
  }
  throw new SluiceError('invalid_request', `\`${path}.content\` has a part that is neither text nor media.`, {
    param: path,
  })
}

function encodeItems(request: EmbedRequest, context: CodecContext): readonly WireObject[] {
  const { model, inputs, dimensions } = request
  const known = extensions.kept(request.extensions, context)
  dropMembers(request, ['user', 'truncate', 'maxInputTokens'], 'Google', context)
  warnOfFormats(request, context)
  const taskType = wordOf(request.purpose)
  return inputs.map((input, index) => {
    if (input.type === 'tokens') throw noTokens(index)
    const parts: readonly EmbedPart[] = input.type === 'text' ? [{ type: 'text', text: input.text }] : input.parts
    return {
      model: `models/${model}`,
      content: { parts: parts.map(encodePart) },
      ...(taskType !== undefined && { taskType }),
      ...(input.title !== undefined && { title: input.title }),
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
      ...known,
    }
  })
}

function encodePart(part: EmbedPart): WireObject {
  if (part.type === 'text') return { text: part.text }
  const { media } = part
  if (media.from === 'base64') return { inlineData: { mimeType: media.mediaType, data: media.data } }
  return { fileData: { fileUri: media.from === 'url' ? media.url : media.fileId } }
}

/** https://ai.google.dev/api/embeddings#tasktype */
const purposes: ReadonlyMap<string, EmbedPurpose> = new Map([
  ['RETRIEVAL_DOCUMENT', 'search-document'],
  ['RETRIEVAL_QUERY', 'search-query'],
  ['CLASSIFICATION', 'classification'],
  ['CLUSTERING', 'clustering'],
  ['SEMANTIC_SIMILARITY', 'similarity'],
  ['QUESTION_ANSWERING', 'question-answering'],
  ['FACT_VERIFICATION', 'fact-verification'],
  ['CODE_RETRIEVAL_QUERY', 'code-query'],
])

/** That an image is embedded, Google sees by itself. */
function wordOf(purpose: string | undefined): string | undefined {
  if (purpose === undefined || purpose === 'image') return undefined
  return [...purposes].find(([, own]) => own === purpose)?.[0] ?? purpose
}
