import { expect, test } from 'vitest'
import { RecentTimes } from './recent-times.ts'

function after(...times: readonly number[]): number | undefined {
  const recent = new RecentTimes()
  for (const time of times) recent.add(time)
  return recent.patience
}

const times = (count: number, of: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => of(index))

test('waits for as long as 95 of 100 took', () => {
  expect(after(...times(100, (index) => (index < 80 ? 100 : index * 10 - 700)))).toBe(250)
})

test('is not told by a few', () => {
  expect(after(...times(19, () => 100))).toBeUndefined()
})

test('takes what is usual for no delay, and what hangs for no measure', () => {
  expect(after(...times(100, (index) => 100 + index / 10))).toBeCloseTo(210, 0)
  expect(after(...times(100, (index) => (index % 10 === 0 ? 2_000 : 100)))).toBe(300)
})

test('goes by the last of them', () => {
  expect(after(...times(200, () => 500), ...times(160, () => 100))).toBe(200)
})
