import { expect, test } from 'vitest'
import { toUsd } from './to-usd.ts'

test('tells costs in dollars, and what is not known as such', () => {
  expect(toUsd({ nanoDollars: 1_250_000 })).toBe(0.00125)
  expect(toUsd({ nanoDollars: 0 })).toBe(0)
  expect([toUsd(null), toUsd(undefined), toUsd({ nanoDollars: null })]).toEqual([null, null, null])
})
