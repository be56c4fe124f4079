import type { CodecContext, RerankDialect } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { rankingFor } from '../../ir/ranking.ts'
import type { RankedDocument, RerankDocument, RerankRequest, RerankResult } from '../../ir/rerank.ts'
import { totalInput } from '../../ir/usage.ts'
import { isArray, isBoolean, isNumber, isRecord, isString, WireFields } from '../../json/wire-object.ts'
import { createOperationDialect } from '../openai-operations/create-operation-dialect.ts'
import { readUsage } from '../openai-operations/usage.ts'

const dialectId = 'jina-rerank'
const extensions = ownExtensions(dialectId)

/** As Jina, vLLM and Cohere's first version have it. https://api.jina.ai/redoc */
export const jinaRerank: RerankDialect = Object.freeze<RerankDialect>({
  ...createOperationDialect({ id: dialectId, operation: 'rerank', path: '/rerank', member: 'results', streams: false }),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
})

/** @throws SluiceError `invalid_request` where there is nothing to be put in order. */
function decodeRequest(wire: unknown): RerankRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The request must be a JSON object.')
  const fields = new WireFields(wire)
  const query = fields.take('query', isString)
  const documents = fields.take('documents', isArray)
  if (query === undefined) throw new SluiceError('invalid_request', '`query` must be a string.', { param: 'query' })
  if (documents === undefined)
    throw new SluiceError('invalid_request', '`documents` must be an array.', { param: 'documents' })
  const model = fields.take('model', isString) ?? ''
  const top = fields.take('top_n', isNumber)
  const returnDocuments = fields.take('return_documents', isBoolean)
  const maxDocumentTokens = fields.take('max_tokens_per_doc', isNumber)
  return {
    model,
    query,
    documents: documents.map(decodeDocument),
    ...(top !== undefined && { top }),
    ...(returnDocuments !== undefined && { returnDocuments }),
    ...(maxDocumentTokens !== undefined && { maxDocumentTokens }),
    ...extensions.keep(fields.rest()),
  }
}

function encodeRequest(request: RerankRequest, context: CodecContext): unknown {
  const { model, query, documents, top, returnDocuments, maxDocumentTokens } = request
  const known = extensions.kept(request.extensions, context)
  return {
    model,
    query,
    documents: documents.map(({ text, members }) => (members === undefined ? text : { ...members, text })),
    ...(top !== undefined && { top_n: top }),
    ...(returnDocuments !== undefined && { return_documents: returnDocuments }),
    ...(maxDocumentTokens !== undefined && { max_tokens_per_doc: maxDocumentTokens }),
    ...known,
  }
}

function decodeDocument(document: unknown, index: number): RerankDocument {
  if (isString(document)) return { text: document }
  if (isRecord(document) && isString(document['text'])) {
    const { text, ...members } = document
    return { text, members }
  }
  throw new SluiceError('invalid_request', `\`documents[${index}]\` must be a string, or an object with a \`text\`.`, {
    param: `documents[${index}]`,
  })
}

/** @throws SluiceError `upstream_invalid_response` */
function decodeResult(wire: unknown): RerankResult {
  const results = isRecord(wire) ? wire['results'] : undefined
  if (!isRecord(wire) || !isArray(results)) throw unreadable()
  const fields = new WireFields(wire)
  fields.skip('results')
  const id = fields.take('id', isString)
  const model = fields.take('model', isString)
  const usage = readUsage(wire['usage'])
  if (usage !== undefined) fields.skip('usage')
  return {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    results: results.map(decodeRanked),
    ...(usage !== undefined && { usage }),
    ...extensions.keep(fields.rest()),
  }
}

function encodeResult(result: RerankResult, _context: CodecContext, request: RerankRequest): unknown {
  const { id, model, usage } = result
  const tokens = usage && totalInput(usage)
  return {
    ...(id !== undefined && { id }),
    model: model ?? request.model,
    ...(tokens !== undefined && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
    ...extensions.own(result.extensions),
    results: rankingFor(result, request).map(({ index, score, document }) => ({
      index,
      relevance_score: score,
      ...(document !== undefined && { document }),
    })),
  }
}

function decodeRanked(entry: unknown): RankedDocument {
  if (!isRecord(entry) || !isNumber(entry['index']) || !isNumber(entry['relevance_score'])) throw unreadable()
  const { index, relevance_score: score, document } = entry
  return {
    index,
    score,
    ...(isRecord(document) ? { document } : isString(document) ? { document: { text: document } } : {}),
  }
}

function unreadable(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The answer is not a ranking of documents.')
}
