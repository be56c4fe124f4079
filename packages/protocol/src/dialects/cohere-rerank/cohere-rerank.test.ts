import { expect, it } from 'vitest'
import { describeOperationDialect } from '../../contracts/operation-dialect-contract.ts'
import { cohereRerank } from './cohere-rerank.ts'

const model = 'rerank-v4.0-pro'
const [query, documents] = ['Oslo?', ['Oslo is in Norway.', 'Rome is not.']]
const meta = (billed_units: object) => ({ api_version: { version: '2' }, billed_units })
const results = [
  { index: 1, relevance_score: 0.9 },
  { index: 0, relevance_score: 0.1 },
]

describeOperationDialect(cohereRerank, {
  model,
  requests: {
    texts: { model, query, documents },
    options: { model, query, documents, top_n: 1, max_tokens_per_doc: 100, priority: 1 },
  },
  results: {
    searches: { request: { model, query, documents }, answer: { id: 'r', results, meta: meta({ search_units: 2 }) } },
    tokens: { request: { model, query, documents }, answer: { results, meta: meta({ input_tokens: 12 }) } },
  },
  unreadable: [null, {}, { results: [{}] }, { results: [{ relevance_score: 1 }] }],
})

it.each([
  ['2', 2],
  ['1.5', 2],
  ['1e999', undefined],
])('counts the searches that are billed, in an answer that is relayed too: %s', (units, searches) => {
  const tap = cohereRerank.tap.result()
  const answer = JSON.stringify({ results, meta: meta({ search_units: 0 }) })
  tap.write(new TextEncoder().encode(answer.replace('"search_units":0', `"search_units":${units}`)))
  tap.end()
  expect(tap.usage()?.searches).toBe(searches)
})
