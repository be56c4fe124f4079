import { describe, expect, test } from 'vitest'
import { describeAnswerStore } from '../cache/contracts/describe-answer-store.ts'
import { keptAnswer } from '../cache/contracts/kept-answer.ts'
import { createMemoryAnswerStore } from '../cache/memory-answer-store.ts'
import { createWorkerAnswerStore } from '../cache/worker-answer-store.ts'
import type { Limit } from '../counters/counters.ts'
import { createMemoryCounters } from '../counters/memory-counters.ts'
import { createPeers, type WorkerPeers } from './create-peers.ts'
import { createHub, type Hub } from './hub.ts'

interface Office {
  readonly hub: Hub
  /** A worker of this process, whose messages are copied all the same. */
  hire(worker: number, isDeaf?: boolean): WorkerPeers
}

function office(patience?: number): Office {
  const hub = createHub({
    counters: createMemoryCounters(Date.now),
    lasting: { total: (one: number, other: number) => one + other },
    ...(patience !== undefined && { patience }),
  })
  return {
    hub,
    hire(worker, isDeaf = false) {
      const peers = createPeers(worker, (message) => queueMicrotask(() => hub.hear(worker, structuredClone(message))))
      hub.join(worker, (message) => {
        if (!isDeaf) queueMicrotask(() => peers.receive(structuredClone(message)))
      })
      return peers
    },
  }
}

test('all are asked, who asks too; those that have no answer, or fail, are left out', async () => {
  const { hire } = office()
  const [one, two, three, four] = [hire(1), hire(2), hire(3), hire(4)]
  one.answer('twice', (about) => Number(about) * 2)
  two.answer('twice', (about) => Promise.resolve(Number(about) * 2))
  three.answer('twice', () => Promise.reject(new Error('no')))
  expect(await four.ask('twice', 21)).toEqual([42, 42])
  expect(await one.ask('unheard of')).toEqual([])
})

test('one that does not answer is not waited for long, and not at all when it is gone', async () => {
  const { hire, hub } = office(50)
  const one = hire(1)
  hire(2, true)
  one.answer('here', () => 'yes')
  expect(await one.ask('here')).toEqual(['yes'])
  const patient = office(1e6)
  const other = patient.hire(1)
  patient.hire(2, true)
  other.answer('here', () => 'yes')
  const asked = other.ask('here')
  patient.hub.leave(2)
  expect(await asked).toEqual(['yes'])
  hub.leave(1)
  expect(await hub.ask('here')).toEqual([])
})

test('a worker that is gone takes nothing any more', async () => {
  const { hire, hub } = office()
  const [one, other] = [hire(1), hire(2)]
  const place: Limit = { kind: 'places', key: 'p', most: 1 }
  void one.counters.take([place], [1])
  hub.leave(1)
  await other.ask('anything')
  expect(await other.counters.take([place], [1])).toMatchObject({ refusedBy: -1 })
})

test('what lasts is in the sum after its worker is gone, once', async () => {
  const { hire, hub } = office()
  const totals = [5, 7, 1]
  const workers = [hire(1), hire(2), hire(3)]
  workers.forEach((worker, index) => worker.answer('total', () => totals[index]))
  const sum = async (): Promise<number> => ((await hub.ask('total')) as number[]).reduce((all, one) => all + one, 0)
  expect(await sum()).toBe(13)
  totals[0] = 6
  expect(await sum()).toBe(14)
  hub.leave(1)
  hub.leave(3)
  totals[1] = 8
  expect(await sum()).toBe(15)
  hire(4).answer('total', () => 2)
  expect(await sum()).toBe(17)
})

test('what lasts is in the sum also of a worker that does not answer in time, as it said it last', async () => {
  const { hire, hub } = office(50)
  let isBusy = false
  hire(1).answer('total', () => 5)
  hire(2).answer('total', () => (isBusy ? new Promise(() => undefined) : 7))
  expect(await hub.ask('total')).toEqual([5, 7])
  isBusy = true
  expect(await hub.ask('total')).toEqual([5, 7])
})

test('news goes to all others', async () => {
  const { hire } = office()
  const [one, two, three] = [hire(1), hire(2), hire(3)]
  const heard: string[] = []
  for (const [name, worker] of Object.entries({ one, two, three }))
    worker.hear('weather', (about) => void heard.push(`${name}: ${String(about)}`))
  two.tell('weather', 'rain')
  // Behind the news.
  await two.ask('anything')
  expect(heard.toSorted()).toEqual(['one: rain', 'three: rain'])
})

const maxBytes = 1024 * 1024

describe("a worker's answers", () => {
  describeAnswerStore(async (ttl) =>
    createWorkerAnswerStore(createMemoryAnswerStore({ ttl, maxBytes, now: Date.now }), office().hire(1)),
  )
})

test('what is purged by one worker is purged by all', async () => {
  const { hire } = office()
  const stores = [1, 2].map((worker) => {
    const own = createMemoryAnswerStore({ ttl: 60_000, maxBytes, now: () => 0 })
    return { own, store: createWorkerAnswerStore(own, hire(worker)) }
  })
  const answer = keptAnswer({ keptAt: 0 })
  for (const { store } of stores) await store.set('a', answer)
  expect(await stores[0]!.store.contents()).toMatchObject({ entries: 2 })
  expect(await stores[0]!.store.purge({ model: 'large' })).toBe(0)
  expect(await stores[0]!.store.purge()).toBe(2)
  for (const { own } of stores) expect(await own.get('a')).toBeUndefined()
})
