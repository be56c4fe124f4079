import { expect, test } from 'vitest'
import { soak } from './soak.ts'

const minutes = 3
/** Bytes a minute: a tenth of what one kilobyte for each request would be. */
const steepest = 512 * 1024

test(`memory is flat after ${minutes} minutes of all kinds of requests`, { timeout: 6 * 60_000 }, async () => {
  const { requests, outcomes, slope } = await soak({ minutes, requestsPerSecond: 80 })
  expect(requests).toBeGreaterThan(1_000)
  // All kinds were among them.
  expect(Object.keys(outcomes).toSorted()).toEqual(expect.arrayContaining(['200', '400', '401', '404', 'cut', 'left']))
  expect(slope).toBeLessThan(steepest)
})
