import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import { anthropicMessages } from './anthropic-messages.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function recorded(path: string): string {
  return readFileSync(new URL(`__fixtures__/${path}`, import.meta.url), 'utf8')
}

function relay(tap: Tap, pieces: readonly Uint8Array[]): string {
  const out = [...pieces.map((piece) => tap.write(piece)), tap.end()].filter((bytes) => bytes !== undefined)
  return decoder.decode(joinBytes(out))
}

/** Relays in every split into two, byte by byte, and whole; all must agree. */
function relayEveryWay(text: string): { out: string; tap: Tap } {
  const bytes = encoder.encode(text)
  const create = (): Tap => anthropicMessages.tap.stream({ hideUsage: false })
  const tap = create()
  const out = relay(tap, [bytes])
  const check = (pieces: readonly Uint8Array[]): void => {
    const other = create()
    expect(relay(other, pieces)).toBe(out)
    expect(other.usage()).toEqual(tap.usage())
    expect(other.complete).toBe(tap.complete)
    expect(other.error).toEqual(tap.error)
    expect(other.finishReason()).toBe(tap.finishReason())
  }
  for (let at = 0; at <= bytes.length; at++) check([bytes.subarray(0, at), bytes.subarray(at)])
  check(Array.from(bytes, (byte) => Uint8Array.of(byte)))
  return { out, tap }
}

describe('the stream tap', () => {
  test.each(['text', 'tools-parallel', 'thinking', 'crlf'])(
    'relays every byte of %s, and reads usage, end and reason',
    (name) => {
      const stream = recorded(`streams/${name}.chunks.txt`)
      const { out, tap } = relayEveryWay(stream)
      expect(out).toBe(stream)
      expect(tap.complete).toBe(true)
      expect(tap.usage()?.output).toBeGreaterThan(0)
      expect(tap.finishReason()).toBeDefined()
    },
  )

  test('adds what only the beginning says of usage', () => {
    const { tap } = relayEveryWay(recorded('streams/no-stop-event.chunks.txt'))
    expect(tap.usage()).toMatchObject({ input: 5, output: 8 })
    expect(tap.finishReason()).toBe('tool-calls')
  })

  test('a stream that stops in the middle is not whole, and half an event is not relayed', () => {
    const { out, tap } = relayEveryWay(`${recorded('failures/cut.chunks.txt')}event: content_block_de`)
    expect(out).toBe(recorded('failures/cut.chunks.txt'))
    expect(tap.complete).toBe(false)
  })

  test.each(['error-event', 'error-unnamed'])('stops at %s', (name) => {
    const { out, tap } = relayEveryWay(recorded(`failures/${name}.chunks.txt`))
    expect(out).toBe(recorded('failures/cut.chunks.txt'))
    expect(tap.error).toMatchObject({ error: { type: expect.any(String) } })
    expect(tap.complete).toBe(false)
  })

  test('pings alone do not start an answer', () => {
    const tap = anthropicMessages.tap.stream({ hideUsage: false })
    expect(tap.write(encoder.encode('event: ping\ndata: {"type": "ping"}\n\n'))).toBeUndefined()
    expect(tap.started).toBe(false)
  })

  test('refuses an event without an end', () => {
    const tap = anthropicMessages.tap.stream({ hideUsage: false })
    const chunk = new Uint8Array(1024 * 1024).fill(0x61)
    for (let count = 0; count < 17; count++) tap.write(chunk)
    expect(tap.error).toBeDefined()
  })
})

test('adds up counts of many names in linear time: in quadratic time these take half a minute', () => {
  const counts = Array.from({ length: 16_000 }, (_, at) => {
    const data = JSON.stringify({ type: 'message_delta', delta: {}, usage: { [`k${at}`]: 1, output_tokens: at } })
    return `event: message_delta\ndata: ${data}\n\n`
  })
  const tap = anthropicMessages.tap.stream({ hideUsage: false })
  tap.write(new TextEncoder().encode(counts.join('')))
  expect(tap.usage()).toMatchObject({ output: 15_999 })
})

describe('the result tap', () => {
  const read = (text: string): { out: string; tap: Tap } => {
    const tap = anthropicMessages.tap.result()
    return { out: relay(tap, [encoder.encode(text.slice(0, 9)), encoder.encode(text.slice(9))]), tap }
  }

  test('reads usage and reason of a message', () => {
    const { out, tap } = read(recorded('results/thinking.json'))
    expect(out).toBe(recorded('results/thinking.json'))
    expect(tap.complete).toBe(true)
    expect(tap.usage()).toMatchObject({ input: 20, output: 20, reasoning: 70 })
    expect(tap.finishReason()).toBe('length')
  })

  test('reads them of one that is too large to be held', () => {
    const message = JSON.parse(recorded('results/text.json'))
    const { tap } = read(JSON.stringify({ ...message, content: [{ type: 'text', text: 'x'.repeat(2_000_000) }] }))
    expect(tap.started).toBe(true)
    expect(tap.complete).toBe(true)
    expect(tap.usage()).toMatchObject({ input: 12, cacheRead: 2000, cacheWrite: 200, cacheWriteLong: 100, output: 15 })
  })

  test('knows an error, and what is no message', () => {
    expect(read(recorded('failures/error-body.chunks.txt')).tap.error).toMatchObject({
      error: { type: 'rate_limit_error' },
    })
    expect(read('{"choices":[]}').tap.complete).toBe(false)
    expect(read('<html>').tap.complete).toBe(false)
  })
})

describe('a request', () => {
  const body = encoder.encode('{"model":"sonnet","stream":true,"max_tokens":1.0,"messages":[]}')
  const changes = { model: 'claude-sonnet-5-5', modelJson: encoder.encode('"claude-sonnet-5-5"'), includeUsage: true }

  test('is changed in its name only', () => {
    const peek = anthropicMessages.peek(body)
    expect(peek).toMatchObject({ model: 'sonnet', stream: true, usageRequested: true, plain: true })
    const expected = '{"model":"claude-sonnet-5-5","stream":true,"max_tokens":1.0,"messages":[]}'
    expect(decoder.decode(joinBytes(anthropicMessages.patch?.(body, peek, changes) ?? []))).toBe(expected)
    expect(decoder.decode(anthropicMessages.rewrite(body, changes))).toBe(expected)
  })
})
