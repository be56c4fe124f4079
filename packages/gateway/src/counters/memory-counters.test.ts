import { expect, test } from 'vitest'
import { describeCounters } from './contracts/describe-counters.ts'
import { createMemoryCounters } from './memory-counters.ts'

describeCounters('Counters in memory', (now) => {
  const counters = createMemoryCounters(now)
  return Promise.resolve({ counters, close: () => counters.close() })
})

test('nothing is waited for', () => {
  const counters = createMemoryCounters(() => 0)
  expect(counters.take([{ kind: 'window', key: 'a', most: 1, period: 1000 }], [1])).not.toBeInstanceOf(Promise)
})
