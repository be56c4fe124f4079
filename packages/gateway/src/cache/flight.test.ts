import { SluiceError, type Tap } from '@sluice/protocol'
import type { Answer, AnswerSink } from 'sluice'
import { expect, test } from 'vitest'
import { Flight, type FlightReader } from './flight.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** An answer whose provider is the test. */
function provider(): {
  readonly answer: Answer
  readonly state: { resting: boolean; cancelled: boolean; sink?: AnswerSink }
} {
  const state: { resting: boolean; cancelled: boolean; sink?: AnswerSink } = { resting: false, cancelled: false }
  const tap = { complete: true, usage: () => ({ marker: true }), finishReason: () => 'stop' } as unknown as Tap
  const answer = {
    target: {},
    headers: {},
    stream: true,
    tap,
    whole: undefined,
    relay: (sink: AnswerSink) => void (state.sink = sink),
    pause: () => void (state.resting = true),
    resume: () => void (state.resting = false),
    cancel: () => void (state.cancelled = true),
  } as unknown as Answer
  return { answer, state }
}

/** Reads into a text, and rests when told to after the next piece. */
function listen(reader: FlightReader | undefined): { text: string; rest: boolean; readonly reader: FlightReader } {
  const listener = { text: '', rest: false, reader: reader! }
  reader!.relay({
    write(piece) {
      listener.text += new TextDecoder().decode(piece)
      if (listener.rest) reader!.pause()
    },
    end: () => void (listener.text += '.'),
    fail: ({ code }) => void (listener.text += `!${code}`),
  })
  return listener
}

function start(limit = 100): {
  readonly flight: Flight
  readonly state: ReturnType<typeof provider>['state']
  readonly landed: string[]
} {
  const { answer, state } = provider()
  const landed: string[] = []
  const flight = new Flight(answer, {
    limit,
    warnings: [],
    landed: (pieces) => void landed.push(pieces.map((piece) => new TextDecoder().decode(piece)).join('|')),
    closed: () => void landed.push('closed'),
  })
  return { flight, state, landed }
}

test('a reader who joins late hears everything from the beginning', () => {
  const { flight, state, landed } = start()
  const first = listen(flight.join())
  state.sink?.write(bytes('one '))
  const second = listen(flight.join())
  expect(second.text).toBe('one ')
  state.sink?.write(bytes('two'))
  state.sink?.end()
  expect([first.text, second.text]).toEqual(['one two.', 'one two.'])
  expect(landed).toEqual(['closed', 'one |two'])
  expect(flight.join()).toBeUndefined()
})

test('the provider rests only while all readers rest', () => {
  const { flight, state } = start()
  const slow = listen(flight.join())
  const quick = listen(flight.join())
  slow.rest = true
  state.sink?.write(bytes('a'))
  state.sink?.write(bytes('b'))
  expect([slow.text, quick.text, state.resting]).toEqual(['a', 'ab', false])
  quick.rest = true
  state.sink?.write(bytes('c'))
  expect(state.resting).toBe(true)
  slow.rest = false
  slow.reader.resume()
  expect([slow.text, state.resting]).toEqual(['abc', false])
})

test('of an answer too long to be kept, the slowest reader sets the pace, and nobody joins any more', () => {
  const { flight, state, landed } = start(3)
  const slow = listen(flight.join())
  const quick = listen(flight.join())
  slow.rest = true
  for (const piece of ['ab', 'cd']) state.sink?.write(bytes(piece))
  expect([slow.text, quick.text, state.resting]).toEqual(['ab', 'abcd', true])
  expect(flight.join()).toBeUndefined()
  slow.rest = false
  slow.reader.resume()
  expect([slow.text, state.resting]).toEqual(['abcd', false])
  state.sink?.write(bytes('ef'))
  state.sink?.end()
  expect([slow.text, quick.text]).toEqual(['abcdef.', 'abcdef.'])
  // It is not kept.
  expect(landed).toEqual(['closed'])
})

test('a slow reader gets the rest after the end', () => {
  const { flight, state } = start()
  const slow = listen(flight.join())
  listen(flight.join())
  slow.rest = true
  for (const piece of ['a', 'b', 'c']) state.sink?.write(bytes(piece))
  state.sink?.end()
  slow.rest = false
  expect(slow.text).toBe('a')
  slow.reader.resume()
  expect(slow.text).toBe('abc.')
})

test('a failure is heard by all, after what came before it, and nothing is kept', () => {
  const { flight, state, landed } = start()
  const listeners = [listen(flight.join()), listen(flight.join())]
  state.sink?.write(bytes('a'))
  state.sink?.fail(new SluiceError('upstream_disconnected', 'Gone.'))
  expect(listeners.map(({ text }) => text)).toEqual(['a!upstream_disconnected', 'a!upstream_disconnected'])
  expect(landed).toEqual(['closed'])
})

test('one pays: the first, or who is next when they leave before the end', () => {
  const { flight, state } = start()
  const [first, second, third] = [flight.join()!, flight.join()!, flight.join()!]
  for (const reader of [first, second, third]) listen(reader)
  const paying = (): boolean[] => [first, second, third].map(({ tap }) => tap.usage() !== undefined)
  expect(paying()).toEqual([true, false, false])
  first.cancel()
  expect(paying()).toEqual([false, true, false])
  state.sink?.end()
  // Who paid stays who paid.
  expect(paying()).toEqual([false, true, false])
  expect(state.cancelled).toBe(false)
})

test('the last to leave ends the call, and still pays for what was heard', () => {
  const { flight, state, landed } = start()
  const [first, second] = [flight.join()!, flight.join()!]
  for (const reader of [first, second]) listen(reader)
  second.cancel()
  expect(state.cancelled).toBe(false)
  first.cancel()
  expect(state.cancelled).toBe(true)
  expect(first.tap.usage()).toBeDefined()
  expect(landed).toEqual(['closed'])
})
