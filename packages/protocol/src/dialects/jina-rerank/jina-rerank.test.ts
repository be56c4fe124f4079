import { expect, it } from 'vitest'
import { describeOperationDialect } from '../../contracts/operation-dialect-contract.ts'
import { jinaRerank } from './jina-rerank.ts'

const model = 'jina-reranker-v3'
const [query, documents] = ['Oslo?', ['Oslo is in Norway.', 'Rome is not.']]

describeOperationDialect(jinaRerank, {
  model,
  requests: {
    texts: { model, query, documents },
    options: { model, query, documents, top_n: 1, return_documents: true, max_tokens_per_doc: 100, truncation: false },
    objects: { model, query, documents: [{ text: 'Oslo', url: 'https://example.com' }, { text: 'Rome' }] },
  },
  results: {
    scores: {
      request: { model, query, documents },
      answer: {
        model,
        usage: { prompt_tokens: 9, total_tokens: 9 },
        object: 'list',
        results: [
          { index: 1, relevance_score: 0.9 },
          { index: 0, relevance_score: 0.1 },
        ],
      },
    },
    documents: {
      request: { model, query, documents, top_n: 1 },
      answer: {
        id: 'r',
        model,
        results: [{ index: 0, relevance_score: 0.5, document: { text: 'Oslo is in Norway.' } }],
      },
    },
  },
  unreadable: [null, {}, { results: [{}] }, { results: [{ index: 0 }] }],
})

const quiet = { warn: () => undefined }
const request = { model, query, documents: documents.map((text) => ({ text })) }
const encode = (results: readonly { index: number; score: number }[], more = {}) =>
  jinaRerank.result.encode({ results }, quiet, { ...request, ...more })

it('repeats the documents where that is wanted, though the provider did not', () => {
  const results = [
    { index: 0, score: 0.1 },
    { index: 1, score: 0.9 },
  ]
  expect(encode(results, { returnDocuments: true, top: 1 })).toEqual({
    model,
    results: [{ index: 1, relevance_score: 0.9, document: { text: 'Rome is not.' } }],
  })
})

it('takes no ranking of what was not sent', () => {
  expect(() => encode([{ index: 2, score: 1 }])).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
})
