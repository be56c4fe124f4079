import type { CodecContext, RerankDialect } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { ownExtensions } from '../../ir/own-extensions.ts'
import { rankingFor } from '../../ir/ranking.ts'
import type { RankedDocument, RerankRequest, RerankResult } from '../../ir/rerank.ts'
import { noUsage, readCount, totalInput, type Usage } from '../../ir/usage.ts'
import { cohereErrors } from '../cohere-chat/error.ts'
import { decodeUsage } from '../cohere-chat/usage.ts'
import { isArray, isNumber, isRecord, isString, WireFields } from '../../json/wire-object.ts'
import { createOperationDialect } from '../openai-operations/create-operation-dialect.ts'

const dialectId = 'cohere-rerank'
const extensions = ownExtensions(dialectId)

/** Cohere's reranking, version 2. https://docs.cohere.com/v2/reference/rerank */
export const cohereRerank: RerankDialect = Object.freeze<RerankDialect>({
  ...createOperationDialect({
    id: dialectId,
    operation: 'rerank',
    path: '/v2/rerank',
    member: 'results',
    answer: { usage: 'meta', readUsage },
    error: cohereErrors,
    streams: false,
  }),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
})

/** @throws SluiceError `invalid_request` where there is nothing to be put in order. */
function decodeRequest(wire: unknown): RerankRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The request must be a JSON object.')
  const fields = new WireFields(wire)
  const query = fields.take('query', isString)
  const documents = fields.take('documents', areTexts)
  if (query === undefined) throw new SluiceError('invalid_request', '`query` must be a string.', { param: 'query' })
  if (documents === undefined)
    throw new SluiceError('invalid_request', '`documents` must be an array of strings.', { param: 'documents' })
  const model = fields.take('model', isString) ?? ''
  const top = fields.take('top_n', isNumber)
  const maxDocumentTokens = fields.take('max_tokens_per_doc', isNumber)
  return {
    model,
    query,
    documents: documents.map((text) => ({ text })),
    ...(top !== undefined && { top }),
    ...(maxDocumentTokens !== undefined && { maxDocumentTokens }),
    ...extensions.keep(fields.rest()),
  }
}

/** Documents are not repeated by Cohere; where they are wanted they are put into the answer here. */
function encodeRequest(request: RerankRequest, context: CodecContext): unknown {
  const { model, query, documents, top, maxDocumentTokens } = request
  const known = extensions.kept(request.extensions, context)
  return {
    model,
    query,
    documents: documents.map(({ text }) => text),
    ...(top !== undefined && { top_n: top }),
    ...(maxDocumentTokens !== undefined && { max_tokens_per_doc: maxDocumentTokens }),
    ...known,
  }
}

/** @throws SluiceError `upstream_invalid_response` */
function decodeResult(wire: unknown): RerankResult {
  const results = isRecord(wire) ? wire['results'] : undefined
  if (!isRecord(wire) || !isArray(results)) throw unreadable()
  const fields = new WireFields(wire)
  fields.skip('results')
  const id = fields.take('id', isString)
  const usage = readUsage(wire['meta'])
  return {
    ...(id !== undefined && { id }),
    results: results.map(decodeRanked),
    ...(usage !== undefined && { usage }),
    ...extensions.keep(fields.rest()),
  }
}

function encodeResult(result: RerankResult, _context: CodecContext, request: RerankRequest): unknown {
  const { id, usage } = result
  return {
    ...(id !== undefined && { id }),
    results: rankingFor(result, request).map(({ index, score }) => ({ index, relevance_score: score })),
    ...(usage !== undefined && { meta: { api_version: { version: '2' }, billed_units: billedUnits(usage) } }),
    ...extensions.own(result.extensions),
  }
}

function billedUnits(usage: Usage): Readonly<Record<string, number>> {
  return usage.searches === undefined ? { input_tokens: totalInput(usage) } : { search_units: usage.searches }
}

/** Searches are what Cohere bills. https://docs.cohere.com/v2/docs/how-does-cohere-pricing-work */
function readUsage(meta: unknown): Usage | undefined {
  const billed = isRecord(meta) ? meta['billed_units'] : undefined
  const searches = isRecord(billed) ? readCount(billed['search_units']) : undefined
  const tokens = decodeUsage(meta)
  return searches === undefined ? tokens : { ...(tokens ?? noUsage), searches }
}

function decodeRanked(entry: unknown): RankedDocument {
  if (!isRecord(entry) || !isNumber(entry['index']) || !isNumber(entry['relevance_score'])) throw unreadable()
  return { index: entry['index'], score: entry['relevance_score'] }
}

function areTexts(value: unknown): value is readonly string[] {
  return isArray(value) && value.every(isString)
}

function unreadable(): SluiceError {
  return new SluiceError('upstream_invalid_response', "The answer is not a ranking in Cohere's form.")
}
