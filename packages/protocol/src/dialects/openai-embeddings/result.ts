import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { base64Of, embeddingsFor, floatsOf } from '../../ir/embed-forms.ts'
import type { Embedding, EmbedRequest, EmbedResult } from '../../ir/embed.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { totalInput } from '../../ir/usage.ts'
import { isArray, isNumber, isRecord, isString, WireFields } from '../../json/wire-object.ts'
import { readUsage } from '../openai-operations/usage.ts'

const extensions = ownExtensions('openai-embeddings')

/** @throws SluiceError `upstream_invalid_response` */
export function decodeResult(wire: unknown): EmbedResult {
  const data = isRecord(wire) ? wire['data'] : undefined
  if (!isRecord(wire) || !isArray(data)) throw unreadable()
  const fields = new WireFields(wire)
  fields.skip('data')
  fields.takeExact('object', 'list')
  const model = fields.take('model', isString)
  const id = fields.take('id', isString)
  const usage = readUsage(wire['usage'])
  if (usage !== undefined) fields.skip('usage')
  return {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    embeddings: inOrder(data).map(decodeEmbedding),
    ...(usage !== undefined && { usage }),
    ...extensions.keep(fields.rest()),
  }
}

export function encodeResult(result: EmbedResult, _context: CodecContext, request: EmbedRequest): unknown {
  const { id, model, usage } = result
  const input = usage && totalInput(usage)
  const write = request.formats?.includes('base64') === true ? base64Of : floatsOf
  return {
    ...(id !== undefined && { id }),
    object: 'list',
    data: embeddingsFor(result, request).map((embedding, index) => ({
      object: 'embedding',
      index,
      embedding: write(embedding),
    })),
    model: model ?? request.model,
    usage: { prompt_tokens: input ?? 0, total_tokens: input ?? 0 },
    ...extensions.own(result.extensions),
  }
}

/** By their `index`, where they have one. */
function inOrder(data: readonly unknown[]): readonly unknown[] {
  const indexOf = (entry: unknown, otherwise: number): number =>
    isRecord(entry) && isNumber(entry['index']) ? entry['index'] : otherwise
  return data
    .map((entry, at) => [indexOf(entry, at), entry] as const)
    .sort(([one], [other]) => one - other)
    .map(([, entry]) => entry)
}

function decodeEmbedding(entry: unknown): Embedding {
  const embedding = isRecord(entry) ? entry['embedding'] : undefined
  if (isString(embedding)) return { base64: embedding }
  if (isArray(embedding) && embedding.every(isNumber)) return { float: embedding }
  throw unreadable()
}

function unreadable(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The answer is not a list of embeddings.')
}
