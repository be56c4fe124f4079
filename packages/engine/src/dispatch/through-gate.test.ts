import { openaiChat } from '@sluice/protocol'
import { expect, test } from 'vitest'
import type { Abortable } from './abortable.ts'
import type { Answer } from './answer.ts'
import { Exchange } from './exchange.ts'
import type { Target } from './target.ts'
import { throughGate } from './through-gate.ts'

const target = { state: {} } as unknown as Target

/** A request that waits for its gate. */
function waiting(): { readonly exchange: Exchange; readonly open: () => void } {
  const body = new TextEncoder().encode('{"messages":[]}')
  const exchange = new Exchange('req_1', openaiChat, body, openaiChat.peek(body), performance.now())
  const { promise, resolve } = Promise.withResolvers<undefined>()
  exchange.gate = { enter: () => promise }
  return { exchange, open: () => resolve(undefined) }
}

function abortable(): Abortable & { aborts: number } {
  return {
    aborts: 0,
    abort() {
      this.aborts++
    },
  }
}

test('gives up the call that its gate let through', async () => {
  const { exchange, open } = waiting()
  const call = abortable()
  const attempt = throughGate((asked) => {
    asked.underWay = call
    return Promise.resolve({} as Answer)
  })
  const answered = attempt(exchange, target)
  open()
  await answered
  exchange.abort()
  expect(call.aborts).toBe(1)
})

test('has nothing to give up of an answer that needs no call', async () => {
  const { exchange, open } = waiting()
  const attempt = throughGate(() => Promise.resolve({} as Answer))
  const answered = attempt(exchange, target)
  open()
  await answered
  expect(() => exchange.abort()).not.toThrow()
})

test('leaves alone what is under way beside an answer that needs no call', async () => {
  const { exchange, open } = waiting()
  const attempt = throughGate(() => Promise.resolve({} as Answer))
  const answered = attempt(exchange, target)
  const own = exchange.underWay!
  const beside = abortable()
  exchange.underWay = beside
  open()
  await answered
  own.abort()
  expect(beside.aborts).toBe(0)
  expect(exchange.underWay).toBe(beside)
})
