import { jsonAnswer } from '../../answer.ts'
import { type Dialect, RequestRefused } from '../../dialect.ts'
import { cohereHttp, requireCohereModel } from '../cohere-chat/cohere-chat.ts'
import { overlap } from '../openai-operations/made-up.ts'
import { readObject } from '../openai-operations/refuse.ts'

/** Texts by how many of the query's words they have. https://docs.cohere.com/v2/reference/rerank */
export const cohereRerank: Dialect = {
  ...cohereHttp,
  id: 'cohere-rerank',
  operation: 'rerank',
  method: 'POST',
  matches: (path) => path.endsWith('/v2/rerank'),
  answer(request, context) {
    const { model, query, documents, top_n: top } = readObject(request)
    if (typeof model !== 'string' || model === '') refuse('model is required')
    requireCohereModel(model, context.models)
    if (typeof query !== 'string' || query === '') refuse('invalid request: query must not be empty')
    if (!Array.isArray(documents) || documents.length === 0)
      refuse('invalid request: list of documents must not be empty')
    if (!documents.every((text) => typeof text === 'string')) refuse('invalid type: documents must be strings')
    if (top !== undefined && (typeof top !== 'number' || top < 1)) refuse('invalid request: top_n must be 1 or more')
    const results = documents
      .map((text, index) => ({ index, relevance_score: overlap(query, text) }))
      .toSorted((one, other) => other.relevance_score - one.relevance_score)
      .slice(0, top)
    return jsonAnswer(200, {
      id: context.identity.id(''),
      results,
      meta: { api_version: { version: '2' }, billed_units: { search_units: Math.ceil(documents.length / 100) } },
    })
  },
}

function refuse(message: string): never {
  throw new RequestRefused({ status: 400, message })
}
