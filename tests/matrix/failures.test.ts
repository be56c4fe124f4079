import { type ChatEvent, foldChatEvents } from '@sluice/protocol'
import { chatDialects } from '@sluice/protocol/dialects'
import type { Fault } from '@sluice/simulator'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TestGateway } from '../start-test-gateway.ts'
import { eventsOf, gistOf, readError, send } from './ask.ts'
import { callers, startMatrix } from './start-matrix.ts'

/** What goes wrong at a provider of any dialect, as a caller of any dialect hears of it, before and in the stream. */
let world: TestGateway

beforeAll(async () => {
  world = await startMatrix()
})

afterAll(() => world.close())

const scenario = { request: { messages: [{ role: 'user', content: 'What is the weather?' }] } } as const
const words = ['It ', 'is ', 'sunny ', 'in ', 'Oslo.']

const statuses: readonly { readonly fault: Fault; readonly status: number; readonly retryAfterMs?: number }[] = [
  { fault: { kind: 'status', status: 400 }, status: 400 },
  { fault: { kind: 'status', status: 401 }, status: 502 },
  { fault: { kind: 'status', status: 429, retryAfter: 7 }, status: 429, retryAfterMs: 7000 },
  { fault: { kind: 'status', status: 500 }, status: 502 },
  { fault: { kind: 'status', status: 503 }, status: 503 },
  { fault: { kind: 'html' }, status: 502 },
  { fault: { kind: 'cut', at: 'head' }, status: 502 },
]

describe.each(callers.map((caller) => [caller.id, caller] as const))('%s', (_, caller) => {
  describe.each(chatDialects.map(({ id }) => [id]))('to %s', (provider) => {
    const model = `via-${provider}/small`
    const fail = (fault: Fault): void => world.simulator.always({ reply: { text: words }, fault })
    const sent = (stream: boolean): ReturnType<typeof send> => send(world.gateway.url, caller, model, scenario, stream)

    beforeEach(() => world.simulator.reset())

    test.each(statuses.map((expected) => [JSON.stringify(expected.fault), expected] as const))(
      'before the answer: %s',
      async (_name, { fault, status, retryAfterMs }) => {
        fail(fault)
        for (const stream of [false, true]) {
          const received = await sent(stream)
          expect(received.response.status).toBe(status)
          const error = readError(caller, received)
          expect(error.message).not.toBe('')
          expect(error.message).not.toContain('upstream-key')
          expect(error.retryAfterMs).toBe(retryAfterMs)
        }
      },
    )

    // Where something was said already: the Responses API announces much before.
    const at = provider === 'openai-responses' ? 6 : 4
    test.each<[string, Fault]>([
      ['an error', { kind: 'error-inside', at }],
      ['a cut connection', { kind: 'cut', at: { event: at } }],
      ['an end that comes too early', { kind: 'truncate', at: { event: at } }],
    ])('in the stream: %s', async (_name, fault) => {
      fail(fault)
      const { response, bytes } = await sent(true)
      expect(response.status).toBe(200)
      const events = eventsOf(caller, [bytes])
      expect(events.filter(({ type }) => type === 'message-end')).toEqual([])
      expect(events.at(-1)).toMatchObject({ type: 'error' })
      expect(words.join('')).toContain(textOf(events))
    })

    test('arriving byte by byte, read byte by byte', async () => {
      world.simulator.always({ reply: { text: words }, fault: { kind: 'split', size: 1 } })
      const { bytes } = await sent(true)
      const events = eventsOf(
        caller,
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      )
      expect(gistOf(foldChatEvents(events))).toMatchObject({ text: words.join(''), finishReason: 'stop' })
    })
  })
})

function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
}
