import { expect, test } from 'vitest'
import { ConcurrencyLimit, type Waiting } from './concurrency-limit.ts'

const caller = (principal: string): Waiting => ({ principal, underWay: undefined })

function setUp(most: number, queue = 100) {
  const limit = new ConcurrencyLimit('lab/a', { most, queue, patience: 60_000 })
  const order: string[] = []
  const enter = async (principal: string): Promise<void> => {
    await limit.enter(caller(principal))
    order.push(principal)
  }
  return { limit, order, enter }
}

test('gives places at once while there are any', () => {
  const { limit } = setUp(2)
  expect(limit.enter(caller('a'))).toBeUndefined()
  expect(limit.full).toBe(false)
  expect(limit.enter(caller('a'))).toBeUndefined()
  expect(limit.full).toBe(true)
  limit.leave()
  expect(limit.full).toBe(false)
})

test('never gives more places than there are, and each that becomes free', async () => {
  const { limit, enter, order } = setUp(3)
  for (let index = 0; index < 10; index++) void enter('a')
  await Promise.resolve()
  for (let done = 3; done <= 10; done++) {
    expect(order).toHaveLength(done)
    limit.leave()
    await new Promise(setImmediate)
  }
  limit.leave()
  limit.leave()
  expect(limit.full).toBe(false)
})

test('lets callers take turns', async () => {
  const { limit, enter, order } = setUp(1)
  void enter('busy')
  for (let index = 0; index < 5; index++) void enter('busy')
  void enter('modest')
  void enter('other')
  for (let index = 0; index < 8; index++) {
    await new Promise(setImmediate)
    limit.leave()
  }
  expect(order).toEqual(['busy', 'busy', 'modest', 'other', 'busy', 'busy', 'busy', 'busy'])
})

test('refuses when the queue is full', () => {
  const { limit } = setUp(1, 1)
  void limit.enter(caller('a'))
  void limit.enter(caller('a'))
  expect(() => limit.enter(caller('b'))).toThrow('All 1 places at lab/a are taken; 1 requests wait already.')
})

test('lets those go who leave or have waited too long', async () => {
  const { limit } = setUp(1)
  void limit.enter(caller('a'))
  const leaving = caller('b')
  const left = limit.enter(leaving)
  leaving.underWay?.abort()
  await expect(left).rejects.toMatchObject({ code: 'client_closed_request' })
  expect(limit.waiting).toBe(0)

  const impatient = new ConcurrencyLimit('lab/a', { most: 1, queue: 9, patience: 1 })
  void impatient.enter(caller('a'))
  await expect(impatient.enter(caller('b'))).rejects.toMatchObject({ code: 'upstream_overloaded' })
  expect(impatient.waiting).toBe(0)
  // The place that nobody waits for any more is free again.
  impatient.leave()
  expect(impatient.full).toBe(false)
})

test('keeps the turn of a caller of whose requests another one leaves', async () => {
  const { limit, order, enter } = setUp(1)
  void enter('busy')
  const leaving = [caller('a'), caller('a')].map((one) => [one, limit.enter(one)] as const)
  void enter('a')
  void enter('b')
  for (const [one, place] of leaving) {
    one.underWay?.abort()
    await expect(place).rejects.toMatchObject({ code: 'client_closed_request' })
  }
  expect(limit.waiting).toBe(2)
  for (let index = 0; index < 3; index++) {
    await new Promise(setImmediate)
    limit.leave()
  }
  expect(order).toEqual(['busy', 'a', 'b'])
  expect([limit.waiting, limit.full]).toEqual([0, false])
})
