import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { embeddingsFor, floatsOf } from '../../ir/embed-forms.ts'
import type { Embedding, EmbedRequest, EmbedResult } from '../../ir/embed.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { totalInput } from '../../ir/usage.ts'
import { decodeUsage } from '../gemini-generate/usage.ts'
import { isArray, isNumber, isRecord, WireFields, type WireObject } from '../../json/wire-object.ts'

const extensions = ownExtensions('gemini-embed')

/** Reads both `{embedding}` and `{embeddings}`. @throws SluiceError `upstream_invalid_response` */
export function decodeResult(wire: unknown): EmbedResult {
  if (!isRecord(wire)) throw unreadable()
  const fields = new WireFields(wire)
  const { embedding, embeddings } = wire
  fields.skip('embedding')
  fields.skip('embeddings')
  const usage = decodeUsage(wire['usageMetadata'])
  if (usage !== undefined) fields.skip('usageMetadata')
  return {
    embeddings: (isArray(embeddings) ? embeddings : [embedding]).map(decodeEmbedding),
    ...(usage !== undefined && { usage }),
    ...extensions.keep(fields.rest()),
  }
}

export function encodeResult(result: EmbedResult, _context: CodecContext, request: EmbedRequest): unknown {
  const [embedding] = encodeEmbeddings(result, request)
  return { embedding, ...encodeRest(result) }
}

export function encodeBatchResult(result: EmbedResult, _context: CodecContext, request: EmbedRequest): unknown {
  return { embeddings: encodeEmbeddings(result, request), ...encodeRest(result) }
}

function encodeEmbeddings(result: EmbedResult, request: EmbedRequest): readonly WireObject[] {
  return embeddingsFor(result, request).map((embedding) => ({ values: floatsOf(embedding) }))
}

function encodeRest({ usage, extensions: given }: EmbedResult): WireObject {
  const tokens = usage && totalInput(usage)
  return {
    ...(tokens !== undefined && { usageMetadata: { promptTokenCount: tokens, totalTokenCount: tokens } }),
    ...extensions.own(given),
  }
}

function decodeEmbedding(wire: unknown): Embedding {
  const values = isRecord(wire) ? wire['values'] : undefined
  if (isArray(values) && values.every(isNumber)) return { float: values }
  throw unreadable()
}

function unreadable(): SluiceError {
  return new SluiceError('upstream_invalid_response', "The answer holds no embeddings in Google's form.")
}
