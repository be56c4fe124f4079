import { expect, test } from 'vitest'
import { duration } from './limit-headers.ts'
import { usd } from './limit-refusal.ts'

test.each([
  [0, '0.00 USD'],
  [10_000_000_000, '10.00 USD'],
  [1_234_567_890, '1.23 USD'],
  [100_000_000, '0.10 USD'],
  [62_000_000, '0.062 USD'],
  [42_000, '0.000042 USD'],
  [1, '0.000000001 USD'],
])('%d nano-dollars are written %s', (amount, text) => {
  expect(usd(amount)).toBe(text)
})

test.each([
  [0, '0ms'],
  [20, '20ms'],
  [999.2, '1000ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [59_991, '1m0s'],
  [60_000, '1m0s'],
  [3_599_000, '59m59s'],
  [86_400_000, '24h0m0s'],
])('%d ms are written %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text)
})
