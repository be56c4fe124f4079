import { noUsage } from '@sluice/protocol'
import { expect, it } from 'vitest'
import type { AnswerCost, AnswerFacts } from './call-engine.ts'
import { sumOf } from './sum-of-steps.ts'

const priced: AnswerCost = {
  state: 'priced',
  nanoDollars: 5,
  source: 'table',
  tableNanoDollars: 5,
  priceVersion: 'config',
}
const answer: AnswerFacts = {
  provider: 'lab',
  requestId: 'req_1',
  attempts: 2,
  warnings: [],
  usage: { ...noUsage, input: 3, output: 1 },
  cost: priced,
}

it('is what all used and cost', () => {
  expect(sumOf([answer, answer])).toMatchObject({
    attempts: 4,
    usage: { input: 6, output: 2 },
    cost: { state: 'priced', nanoDollars: 10, tableNanoDollars: 10 },
  })
})

it('is not known of all where it is not known of one', () => {
  const { usage: _, ...untold } = answer
  const sum = sumOf([answer, { ...untold, cost: null }])
  expect(sum).toMatchObject({ attempts: 4, cost: null })
  expect(sum).not.toHaveProperty('usage')
})

it.each([
  ['first', 'estimated', 'priced'],
  ['last', 'priced', 'estimated'],
] as const)('is an estimate where the %s is one', (_which, one, other) => {
  const answers = [one, other].map((state) => ({ ...answer, cost: { ...priced, state } }))
  expect(sumOf(answers).cost?.state).toBe('estimated')
})
