import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { base64Of, embeddingsFor, floatsOf, warnOfFormats } from '../../ir/embed-forms.ts'
import type { Embedding, EmbeddingFormat, EmbedRequest, EmbedResult } from '../../ir/embed.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { totalInput } from '../../ir/usage.ts'
import { decodeUsage } from '../cohere-chat/usage.ts'
import { isArray, isNumber, isRecord, isString, WireFields } from '../../json/wire-object.ts'

const extensions = ownExtensions('cohere-embed')
const numeric = ['float', 'int8', 'uint8', 'binary', 'ubinary'] as const

/** Also reads the one list that older versions and Bedrock give. @throws SluiceError `upstream_invalid_response` */
export function decodeResult(wire: unknown): EmbedResult {
  if (!isRecord(wire)) throw unreadable()
  const fields = new WireFields(wire)
  fields.skip('embeddings')
  const id = fields.take('id', isString)
  fields.take('response_type', isString)
  const usage = decodeUsage(wire['meta'])
  return {
    ...(id !== undefined && { id }),
    embeddings: decodeEmbeddings(wire['embeddings']),
    ...(usage !== undefined && { usage }),
    ...extensions.keep(fields.rest()),
  }
}

/** What of the wanted forms the provider did not give is given as floats, with a warning. */
export function encodeResult(result: EmbedResult, context: CodecContext, request: EmbedRequest): unknown {
  const embeddings = embeddingsFor(result, request)
  const wanted = request.formats ?? ['float']
  const missing = wanted.some(
    (format) => isOther(format) && embeddings.some((embedding) => embedding[format] === undefined),
  )
  if (missing) warnOfFormats(request, context)
  const formats = new Set(wanted.filter((format) => !missing || !isOther(format)))
  if (formats.size === 0) formats.add('float')
  const texts = request.inputs.flatMap((input) => (input.type === 'text' ? [input.text] : []))
  const known = extensions.own(result.extensions)
  return {
    id: result.id ?? '',
    embeddings: Object.fromEntries([...formats].map((format) => [format, embeddings.map((one) => write(one, format))])),
    ...(texts.length > 0 && { texts }),
    ...(result.usage !== undefined && {
      meta: { api_version: { version: '2' }, billed_units: { input_tokens: totalInput(result.usage) } },
    }),
    ...known,
    response_type: 'embeddings_by_type',
  }
}

function write(embedding: Embedding, format: EmbeddingFormat): unknown {
  if (format === 'float') return floatsOf(embedding)
  return format === 'base64' ? base64Of(embedding) : embedding[format]
}

function isOther(format: EmbeddingFormat): boolean {
  return format !== 'float' && format !== 'base64'
}

function decodeEmbeddings(value: unknown): readonly Embedding[] {
  if (isArray(value)) return value.map((vector) => ({ float: numbersOf(vector) }))
  if (!isRecord(value)) throw unreadable()
  const embeddings: Record<string, unknown>[] = []
  const put = (format: EmbeddingFormat, read: (vector: unknown) => unknown): void => {
    const vectors = value[format]
    if (!isArray(vectors)) return
    for (const [index, vector] of vectors.entries()) (embeddings[index] ??= {})[format] = read(vector)
  }
  for (const format of numeric) put(format, numbersOf)
  put('base64', (vector) => (isString(vector) ? vector : undefined))
  return embeddings
}

function numbersOf(vector: unknown): readonly number[] {
  if (isArray(vector) && vector.every(isNumber)) return vector
  throw unreadable()
}

function unreadable(): SluiceError {
  return new SluiceError('upstream_invalid_response', "The answer holds no embeddings in Cohere's form.")
}
