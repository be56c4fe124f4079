import { expect, test } from 'vitest'
import { killTargets } from './kill-targets.ts'

test('providers that are killed under load, one after the other, are not noticed before an answer has begun', async () => {
  const requests = 300
  const report = await killTargets({ requests, concurrency: 10, kills: 3, continuation: false })
  const { whole, streamed, errors, cut, upstreamCalls, absorbed } = report
  expect(errors).toEqual([])
  expect(whole).toBe(requests / 2)
  expect(streamed + cut.length).toBe(requests / 2)
  // Each call beyond one for each request made up for one that failed.
  const calls = Object.values(upstreamCalls).reduce((total, count) => total + count, 0)
  expect(calls).toBe(requests + absorbed)
  expect(absorbed).toBeGreaterThan(0)
})
