import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { dropMembers, dropTitles, textsOf, warnOfFormats } from '../../ir/embed-forms.ts'
import type { EmbedInput, EmbedPurpose, EmbedRequest } from '../../ir/embed.ts'
import type { Extensions } from '../../ir/extensions.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { isArray, isNumber, isRecord, isString, WireFields, type WireObject } from '../../json/wire-object.ts'

const dialectId = 'openai-embeddings'
const formId = 'openai-embeddings/form'
const extensions = ownExtensions(dialectId)

/** @throws SluiceError `invalid_request` where there is nothing to embed. */
export function decodeRequest(wire: unknown): EmbedRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The request must be a JSON object.')
  const fields = new WireFields(wire)
  const model = fields.take('model', isString) ?? ''
  const input = decodeInput(wire['input'])
  fields.skip('input')
  const dimensions = fields.take('dimensions', isNumber)
  const format = fields.take('encoding_format', isFormat)
  const user = fields.take('user', isString)
  const word = fields.take('input_type', isString)
  const purpose = word === undefined ? undefined : purposes.get(word)
  return {
    model,
    ...input,
    ...(purpose !== undefined && { purpose }),
    ...(dimensions !== undefined && { dimensions }),
    ...(format !== undefined && { formats: [format] }),
    ...(user !== undefined && { user }),
    ...keep(fields.rest(), word),
  }
}

export function encodeRequest(request: EmbedRequest, context: CodecContext): unknown {
  const { model, dimensions, formats, user } = request
  const known = extensions.kept(request.extensions, context)
  const word = request.extensions?.[formId]?.['input_type']
  dropMembers(request, [...unsaid, ...(word === undefined ? (['purpose'] as const) : [])], 'OpenAI', context)
  dropTitles(request, 'OpenAI', context)
  warnOfFormats(request, context)
  return {
    model,
    input: encodeInput(request),
    ...(word !== undefined && { input_type: word }),
    ...(dimensions !== undefined && { dimensions }),
    ...(formats !== undefined && { encoding_format: formats.includes('base64') ? 'base64' : 'float' }),
    ...(user !== undefined && { user }),
    ...known,
  }
}

const unsaid = ['truncate', 'maxInputTokens'] as const

/** What callers say in `input_type`, which OpenAI has not, for models that ask what the vectors are for. */
const purposes: ReadonlyMap<string, EmbedPurpose> = new Map([
  ['search_document', 'search-document'],
  ['search_query', 'search-query'],
  ['passage', 'search-document'],
  ['query', 'search-query'],
  ['classification', 'classification'],
  ['clustering', 'clustering'],
])

/** `input_type` is kept as it was written: a neutral purpose has no place in OpenAI's wire. */
function keep(rest: WireObject | undefined, word: string | undefined): { extensions?: Extensions } {
  const unknown = word !== undefined && !purposes.has(word)
  const { extensions: kept } = extensions.keep(unknown ? { ...rest, input_type: word } : rest)
  if (word === undefined || unknown) return kept === undefined ? {} : { extensions: kept }
  return { extensions: { ...kept, [formId]: { input_type: word } } }
}

/** A text, texts, tokens, or lists of tokens. */
function decodeInput(value: unknown): Pick<EmbedRequest, 'inputs' | 'bare'> {
  if (isString(value)) return { inputs: [{ type: 'text', text: value }], bare: true }
  if (!isArray(value)) throw wrongInput('`input` must be a string or an array.')
  if (value.length > 0 && value.every(isNumber)) return { inputs: [{ type: 'tokens', tokens: value }], bare: true }
  return {
    inputs: value.map((entry, index): EmbedInput => {
      if (isString(entry)) return { type: 'text', text: entry }
      if (isArray(entry) && entry.every(isNumber)) return { type: 'tokens', tokens: entry }
      throw wrongInput(`\`input[${index}]\` must be a string or an array of tokens.`)
    }),
  }
}

function encodeInput({ inputs, bare }: EmbedRequest): unknown {
  const written = inputs.map((input) => (input.type === 'tokens' ? input.tokens : textsOf([input])[0]))
  return bare === true && written.length === 1 ? written[0] : written
}

function wrongInput(message: string): SluiceError {
  return new SluiceError('invalid_request', message, { param: 'input' })
}

function isFormat(value: unknown): value is 'float' | 'base64' {
  return value === 'float' || value === 'base64'
}
