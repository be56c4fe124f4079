import { expect, it } from 'vitest'
import { describeOperationDialect } from '../../contracts/operation-dialect-contract.ts'
import { mistralModerations } from './mistral-moderations.ts'

const model = 'mistral-moderation-latest'
const categories = { sexual: false, selfharm: false, violence_and_threats: true, pii: false }
const category_scores = { sexual: 0.01, selfharm: 0.02, violence_and_threats: 0.9, pii: 0 }
const answer = { id: 'mod-1', model, results: [{ categories, category_scores }] }

describeOperationDialect(mistralModerations, {
  model,
  requests: { text: { model, input: 'Hello' }, texts: { model, input: ['Hello', 'Goodbye'], metadata: { a: 1 } } },
  results: { verdict: { request: { model, input: 'Hello' }, answer } },
  unreadable: [null, {}, { results: [{}] }, { results: [{ categories: { pii: 'no' }, category_scores }] }],
})

const quiet = { warn: () => undefined }

it('is said by OpenAI’s words where they mean the same, and flagged by any category', () => {
  expect(mistralModerations.result.decode(answer, quiet).verdicts).toEqual([
    {
      flagged: true,
      categories: { sexual: false, 'self-harm': false, violence: true, pii: false },
      scores: { sexual: 0.01, 'self-harm': 0.02, violence: 0.9, pii: 0 },
    },
  ])
})

it('refuses a picture rather than passing it unseen', () => {
  const media = { from: 'url', url: 'https://example.com/a.png' } as const
  expect(() => mistralModerations.request.encode({ model, inputs: [[{ type: 'media', media }]] }, quiet)).toThrow(
    expect.objectContaining({ code: 'invalid_request', param: 'input[0]' }),
  )
})
