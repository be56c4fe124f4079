import { jsonAnswer } from '../../answer.ts'
import type { Dialect } from '../../dialect.ts'
import { openaiHttp, requireModel } from '../openai/http.ts'
import { overlap } from './made-up.ts'
import { isObject, missing, readInteger, readModel, readObject, readText, refuse } from './refuse.ts'

/** Documents by how many of the query's words they have; as Jina, Cohere and vLLM write it. https://api.jina.ai/redoc */
export const jinaRerank: Dialect = {
  ...openaiHttp,
  id: 'jina-rerank',
  operation: 'rerank',
  method: 'POST',
  matches: (path) => path.endsWith('/rerank'),
  answer(request, context) {
    const wire = readObject(request)
    const model = readModel(wire)
    const query = readText(wire['query'], 'query')
    const documents = readDocuments(wire['documents'])
    const count = readInteger(wire['top_n'], 'top_n', 1, Number.MAX_SAFE_INTEGER) ?? documents.length
    requireModel(model, context.models)
    const results = documents
      .map((text, index) => ({
        index,
        relevance_score: overlap(query, text),
        ...(wire['return_documents'] === true && { document: { text } }),
      }))
      .toSorted((one, other) => other.relevance_score - one.relevance_score)
      .slice(0, count)
    const tokens = [query, ...documents].join(' ').split(' ').length
    return jsonAnswer(200, {
      id: context.identity.id('rerank-'),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
      results,
    })
  },
}

function readDocuments(value: unknown): readonly string[] {
  if (value === undefined || value === null) missing('documents')
  if (!Array.isArray(value) || value.length === 0)
    refuse("Invalid 'documents': expected a non-empty array.", 'documents', 'invalid_type')
  return value.map((entry: unknown, index) => {
    const text = isObject(entry) ? entry['text'] : entry
    return typeof text === 'string'
      ? text
      : refuse(`Invalid type for 'documents[${index}]': expected a string.`, 'documents', 'invalid_type')
  })
}
