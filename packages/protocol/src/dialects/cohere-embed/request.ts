import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { dropMembers, dropTitles, noTokens } from '../../ir/embed-forms.ts'
import type { EmbedInput, EmbedPart, EmbedPurpose, EmbedRequest, EmbeddingFormat } from '../../ir/embed.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { isArray, isNumber, isRecord, isString, WireFields } from '../../json/wire-object.ts'
import { mediaOf, urlOf } from './media.ts'

const extensions = ownExtensions('cohere-embed')

/** @throws SluiceError `invalid_request` where there is nothing to embed. */
export function decodeRequest(wire: unknown): EmbedRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The request must be a JSON object.')
  const fields = new WireFields(wire)
  const model = fields.take('model', isString) ?? ''
  for (const name of ['texts', 'images', 'inputs']) fields.skip(name)
  const word = fields.take('input_type', isString)
  const dimensions = fields.take('output_dimension', isNumber)
  const formats = fields.take('embedding_types', areFormats)
  const truncate = fields.take('truncate', isTruncate)
  const maxInputTokens = fields.take('max_tokens', isNumber)
  return {
    model,
    inputs: decodeInputs(wire),
    ...(word !== undefined && { purpose: purposes.get(word) ?? word }),
    ...(dimensions !== undefined && { dimensions }),
    ...(formats !== undefined && { formats }),
    ...(truncate !== undefined && { truncate: truncations[truncate] }),
    ...(maxInputTokens !== undefined && { maxInputTokens }),
    ...extensions.keep(fields.rest()),
  }
}

/** Cohere must be told what the vectors are for; who does not say so mostly fills an index. */
export function encodeRequest(request: EmbedRequest, context: CodecContext): unknown {
  const { model, inputs, purpose, dimensions, formats, truncate, maxInputTokens } = request
  const known = extensions.kept(request.extensions, context)
  dropMembers(request, ['user'], 'Cohere', context)
  dropTitles(request, 'Cohere', context)
  const images = inputs.every(isImage)
  return {
    model,
    ...encodeInputs(inputs, images),
    input_type: wordOf(purpose ?? (images ? 'image' : 'search-document'), context),
    ...(formats !== undefined && { embedding_types: formats }),
    ...(dimensions !== undefined && { output_dimension: dimensions }),
    ...(truncate !== undefined && { truncate: truncate.toUpperCase() }),
    ...(maxInputTokens !== undefined && { max_tokens: maxInputTokens }),
    ...known,
  }
}

const purposes: ReadonlyMap<string, EmbedPurpose> = new Map([
  ['search_document', 'search-document'],
  ['search_query', 'search-query'],
  ['classification', 'classification'],
  ['clustering', 'clustering'],
  ['image', 'image'],
])

/** What Cohere has no word for, by the nearest. */
const nearest: ReadonlyMap<string, EmbedPurpose> = new Map([
  ['similarity', 'clustering'],
  ['question-answering', 'search-query'],
  ['fact-verification', 'search-query'],
  ['code-query', 'search-query'],
])

function wordOf(purpose: string, context: CodecContext): string {
  const near = nearest.get(purpose)
  const word = [...purposes].find(([, own]) => own === (near ?? purpose))?.[0]
  if (near !== undefined)
    context.warn({
      code: 'value-changed',
      path: 'purpose',
      message: `Cohere knows no vectors for '${purpose}'; it is asked for '${word}'.`,
    })
  return word ?? purpose
}

function decodeInputs({ texts, images, inputs }: Readonly<Record<string, unknown>>): readonly EmbedInput[] {
  const all: EmbedInput[] = []
  if (isArray(texts))
    for (const [index, text] of texts.entries()) all.push({ type: 'text', text: asText(text, `texts[${index}]`) })
  if (isArray(images))
    for (const [index, image] of images.entries())
      all.push({ type: 'parts', parts: [{ type: 'media', media: mediaOf(asText(image, `images[${index}]`)) }] })
  if (isArray(inputs)) for (const [index, input] of inputs.entries()) all.push(decodeInput(input, `inputs[${index}]`))
  if (all.length === 0)
    throw new SluiceError('invalid_request', 'One of `texts`, `images` and `inputs` must hold something.', {
      param: 'texts',
    })
  return all
}

function decodeInput(input: unknown, path: string): EmbedInput {
  const content = isRecord(input) ? input['content'] : undefined
  if (!isArray(content))
    throw new SluiceError('invalid_request', `\`${path}.content\` must be an array.`, { param: path })
  const parts = content.map((part): EmbedPart => {
    if (isRecord(part) && isString(part['text'])) return { type: 'text', text: part['text'] }
    const image = isRecord(part) ? part['image_url'] : undefined
    return { type: 'media', media: mediaOf(asText(isRecord(image) ? image['url'] : undefined, path)) }
  })
  return { type: 'parts', parts }
}

function asText(value: unknown, path: string): string {
  if (isString(value)) return value
  throw new SluiceError('invalid_request', `\`${path}\` must be a string.`, { param: path })
}

function isImage(input: EmbedInput): boolean {
  return input.type === 'parts' && input.parts.length === 1 && input.parts[0]?.type === 'media'
}

function encodeInputs(inputs: readonly EmbedInput[], images: boolean): Readonly<Record<string, unknown>> {
  if (inputs.every((input) => input.type === 'text')) return { texts: inputs.map(({ text }) => text) }
  if (images) return { images: inputs.flatMap((input) => (input.type === 'parts' ? input.parts.map(encodeImage) : [])) }
  return {
    inputs: inputs.map((input, index) => {
      if (input.type === 'tokens') throw noTokens(index)
      const parts: readonly EmbedPart[] = input.type === 'text' ? [{ type: 'text', text: input.text }] : input.parts
      return {
        content: parts.map((part) =>
          part.type === 'text' ? part : { type: 'image_url', image_url: { url: encodeImage(part) } },
        ),
      }
    }),
  }
}

function encodeImage(part: EmbedPart): string {
  return part.type === 'media' ? urlOf(part.media) : part.text
}

const truncations = { NONE: 'none', START: 'start', END: 'end' } as const
const formatWords: readonly unknown[] = ['float', 'base64', 'int8', 'uint8', 'binary', 'ubinary']

function isTruncate(value: unknown): value is keyof typeof truncations {
  return isString(value) && Object.hasOwn(truncations, value)
}

function areFormats(value: unknown): value is readonly EmbeddingFormat[] {
  return isArray(value) && value.every((format) => formatWords.includes(format))
}
