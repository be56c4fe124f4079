import { expect, it } from 'vitest'
import { describeOperationDialect } from '../../contracts/operation-dialect-contract.ts'
import { openaiModerations } from './openai-moderations.ts'

const model = 'omni-moderation-2024-09-26'
const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
const result = {
  flagged: true,
  categories: { violence: true, sexual: false },
  category_scores: { violence: 0.98, sexual: 0.01 },
  category_applied_input_types: { violence: ['text'], sexual: ['text', 'image'] },
}

describeOperationDialect(openaiModerations, {
  model,
  requests: {
    text: { model, input: 'Hello' },
    texts: { model, input: ['Hello', 'Goodbye'], safety_identifier: 'u' },
    parts: { model, input: [{ type: 'text', text: 'Look' }, picture] },
  },
  results: { verdict: { request: { model, input: 'Hello' }, answer: { id: 'modr-1', model, results: [result] } } },
  unreadable: [
    null,
    {},
    { results: [null] },
    { results: [{ ...result, flagged: undefined }] },
    { results: [{ ...result, categories: { violence: 1 } }] },
  ],
})

it('is no answer without a verdict for each input', () => {
  const verdict = { flagged: false, categories: {}, scores: {} }
  const encode = (verdicts: readonly (typeof verdict)[]) =>
    openaiModerations.result.encode({ verdicts }, { warn: () => undefined }, { model, inputs: ['a', 'b'] })
  expect(encode([verdict, verdict])).toMatchObject({ results: [{ flagged: false }, { flagged: false }] })
  expect(() => encode([verdict])).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
})
