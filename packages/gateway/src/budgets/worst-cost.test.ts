import { flatPrice, type ModelPrice } from 'sluice'
import { expect, test } from 'vitest'
import { worstCost } from './worst-cost.ts'

/** Pico-dollars: a nano-dollar is a thousand of them. */
const price = flatPrice('test', { input: 1_000, cacheWrite: 2_000, output: 10_000, reasoning: 20_000, request: 5_000 })
const asked = { input: 100, output: 10, bytes: 400, facts: { params: {} } }

test('input and output count at their dearest rates, and the request itself', () => {
  expect(worstCost(price, asked, 0)).toBe(100 * 2 + 10 * 20 + 5)
})

test('audio and pictures count at their own rates, where those are dearer', () => {
  const spoken = flatPrice('test', { input: 1_000, audioInput: 40_000, output: 10_000, audioOutput: 80_000 })
  expect(worstCost(spoken, asked, 0)).toBe(100 * 40 + 10 * 80)
  expect(worstCost(flatPrice('test', { input: 1_000, imageInput: 3_000 }), asked, 0)).toBe(100 * 3)
})

test('what is asked to be processed otherwise counts at the rates for that', () => {
  const dear: ModelPrice = {
    ...price,
    variants: [{ processing: 'priority', when: { type: 'always' }, rates: { reasoning: 60_000 } }],
  }
  expect(worstCost(dear, asked, 0)).toBe(405)
  expect(worstCost(dear, { ...asked, facts: { params: { service_tier: 'priority' } } }, 0)).toBe(100 * 2 + 10 * 60 + 5)
})

test('a part of a nano-dollar is a whole one', () => {
  expect(worstCost(flatPrice('test', { input: 1 }), { ...asked, input: 1 }, 0)).toBe(1)
})

test('audio counts for as much as its provider bills at the least', () => {
  const spoken = { ...flatPrice('test', { audioSecond: 3_000 }), minimumAudioSeconds: 10 }
  const short = { ...asked, output: 0, bytes: 4_000 }
  expect(worstCost(spoken, short, 0)).toBe(10 * 3)
  expect(worstCost(spoken, { ...short, bytes: 40_000 }, 0)).toBe(20 * 3)
})
