import { MessageChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { describeCounters } from './contracts/describe-counters.ts'
import type { Limit } from './counters.ts'
import { createCountersDesk } from './counters-desk.ts'
import type { CountersAnswer, CountersQuestion } from './counters-messages.ts'
import { createMemoryCounters } from './memory-counters.ts'
import { createWorkerCounters, type WorkerCounters } from './worker-counters.ts'

/** Workers that are no processes, but know of each other as little: messages are copied, and take their time. */
function office(now: () => number = Date.now): {
  readonly hire: (worker: number) => WorkerCounters
  readonly dismiss: (worker: number) => void
  readonly messages: () => number
  close(): void
} {
  const desk = createCountersDesk(createMemoryCounters(now))
  const ports: MessageChannel[] = []
  let messages = 0
  return {
    hire(worker) {
      const channel = new MessageChannel()
      ports.push(channel)
      channel.port1.on('message', (questions: CountersQuestion[]) => {
        messages++
        channel.port1.postMessage(desk.answer(worker, questions))
      })
      const counters = createWorkerCounters((questions) => channel.port2.postMessage(questions))
      channel.port2.on('message', (answers: CountersAnswer[]) => counters.hear(answers))
      return counters
    },
    dismiss: (worker) => desk.release(worker),
    messages: () => messages,
    close: () => ports.forEach(({ port1 }) => port1.close()),
  }
}

describeCounters('Counters of a worker', (now) => {
  const { hire, close } = office(now)
  return Promise.resolve({ counters: hire(1), close: () => Promise.resolve(close()) })
})

const window: Limit = { kind: 'window', key: 'w', most: 10, period: 60_000 }
const places: Limit = { kind: 'places', key: 'p', most: 2 }
const money = { kind: 'spend', key: 's', most: 100, endsAt: Infinity } as const

test('workers share what there is, and ask for what many take at once in one message', async () => {
  const { hire, messages, close } = office()
  const [one, other] = [hire(1), hire(2)]
  const decisions = await Promise.all(
    Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? one : other).take([window], [1])),
  )
  expect(decisions.filter(({ reservation }) => reservation !== undefined)).toHaveLength(10)
  expect(messages()).toBe(2)
  close()
})

test('what a worker held that is no more is free at once, and what it was counted for stays counted', async () => {
  const { hire, dismiss, close } = office()
  const [one, other] = [hire(1), hire(2)]
  await one.seed(money, 0)
  const limits = [window, places, money]
  expect((await one.take(limits, [1, 2, 60])).reservation).toBeDefined()
  const { reservation: own } = await other.take([window, money], [1, 30])
  expect((await other.take([places], [1])).refusedBy).toBe(0)
  dismiss(1)
  expect(await other.take(limits, [1, 1, 70])).toMatchObject({ refusedBy: -1, remaining: [7, 1, 0] })
  // Its own is as it was.
  expect(await other.settle(own!, [1, 20])).toEqual([0, 20])
  close()
})
