import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addLatencies, addLatency, createLatencyCounts, forgetLatencies, latencyAt } from './latency-counts.ts'

const latencies = fc.array(fc.integer({ min: 1, max: 3_600_000 }), { minLength: 1, maxLength: 50 })
const percent = fc.constantFrom(1, 50, 90, 95, 99, 100)

test('tells percentiles to a hundredth, whoever counted them', () => {
  fc.assert(
    fc.property(latencies, latencies, percent, (ones, others, share) => {
      const [one, other] = [createLatencyCounts(), createLatencyCounts()]
      for (const value of ones) addLatency(one, value)
      for (const value of others) addLatency(other, value)
      addLatencies(one, other)
      const sorted = [...ones, ...others].toSorted((left, right) => left - right)
      const exact = sorted[Math.ceil((share / 100) * sorted.length) - 1]!
      const told = latencyAt(one, share)
      expect(told).toBeGreaterThanOrEqual(exact)
      expect(told).toBeLessThanOrEqual(exact * 1.01)
      if (exact < 256) expect(told).toBe(exact)
      expect(one.sum).toBe(sorted.reduce((sum, value) => sum + value, 0))
    }),
  )
})

test('what is too short or too long counts as the shortest and the longest, and all can be forgotten', () => {
  const counts = createLatencyCounts()
  for (const value of [undefined, -5, 0.2, 1e12]) addLatency(counts, value)
  expect([latencyAt(counts, 75), latencyAt(counts, 100) >= 3_600_000]).toEqual([1, true])
  forgetLatencies(counts)
  expect([counts.count, latencyAt(counts, 99)]).toEqual([0, 0])
})
