import { openaiChat, SluiceError } from '@sluice/protocol'
import { expect, test } from 'vitest'
import type { Answer } from '../dispatch/answer.ts'
import { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { type Call, hedge } from './hedge.ts'
import { RecentTimes } from './recent-times.ts'
import { TargetState } from './target-state.ts'

/** A call, how it ends, and how many times of its target were learned. */
function slowCall(id: string) {
  const learned: number[] = []
  const state = new TargetState(id)
  state.recent = Object.assign(new RecentTimes(), { add: (time: number) => void learned.push(time) })
  const target = { state } as Target
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const call: Call = { target, startedAt: performance.now(), answer: promise, abortable: { abort: () => undefined } }
  return {
    call,
    learned,
    answer: () => resolve({ target } as Answer),
    fail: () => reject(new SluiceError('upstream_error', `${id} failed.`)),
  }
}

type SlowCall = ReturnType<typeof slowCall>

/** How many times of each target were learned in a race that ends so. */
async function learnedOf(end: (first: SlowCall, second: SlowCall) => void): Promise<readonly number[]> {
  const body = new TextEncoder().encode('{"model":"any","messages":[]}')
  const exchange = new Exchange('req_1', openaiChat, body, openaiChat.peek(body), performance.now())
  const [first, second] = [slowCall('a'), slowCall('b')]
  await hedge(exchange, first.call, 0, () => {
    setImmediate(() => end(first, second))
    return second.call
  })
  return [first.learned.length, second.learned.length]
}

test('a first call that is given up counts as one that took so long, and no other does', async () => {
  expect(await learnedOf((_, second) => second.answer())).toEqual([1, 0])
  // The second was given less time.
  expect(await learnedOf((first) => first.answer())).toEqual([0, 0])
  expect(
    await learnedOf((first, second) => {
      first.fail()
      setImmediate(second.answer)
    }),
  ).toEqual([0, 0])
})
