import { describe, expect, test } from 'vitest'
import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import { createStreamTap } from './tap-stream.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const text = (content: string, finish: string | null = null): string =>
  `data: {"id":"1","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":${finish === null ? 'null' : `"${finish}"`}}],"usage":null}\n\n`
const usage = 'data: {"id":"1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}\n\n'
const done = 'data: [DONE]\n\n'

function relay(tap: Tap, pieces: readonly Uint8Array[]): string {
  const out: Uint8Array[] = []
  for (const piece of pieces) {
    const bytes = tap.write(piece)
    if (bytes !== undefined) out.push(bytes)
  }
  const rest = tap.end()
  if (rest !== undefined) out.push(rest)
  return decoder.decode(joinBytes(out))
}

/** Relays in every split into two, byte by byte, and whole; all must agree. */
function relayEveryWay(stream: string, hideUsage: boolean): { out: string; tap: Tap } {
  const bytes = encoder.encode(stream)
  const tap = createStreamTap({ hideUsage })
  const out = relay(tap, [bytes])
  const check = (pieces: readonly Uint8Array[]): void => {
    const other = createStreamTap({ hideUsage })
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

describe('stream tap', () => {
  const whole = text('Hi "usage":{"error":') + text('', 'length') + usage + done

  test('relays every byte and reads usage, end and reason', () => {
    const { out, tap } = relayEveryWay(whole, false)
    expect(out).toBe(whole)
    expect(tap.usage()).toMatchObject({ input: 9, output: 4, reported: { total: 13 } })
    expect(tap.complete).toBe(true)
    expect(tap.finishReason()).toBe('length')
  })

  test('keeps a usage event from a caller who did not ask, and still reads it', () => {
    const { out, tap } = relayEveryWay(whole, true)
    expect(out).toBe(whole.replace(usage, ''))
    expect(tap.usage()).toMatchObject({ input: 9, output: 4 })
  })

  test.each(['\n', '\r\n', '\r'])('takes lines that end in %j', (newline) => {
    const { out, tap } = relayEveryWay(whole.replaceAll('\n', newline), false)
    expect(out).toBe(whole.replaceAll('\n', newline))
    expect(tap.complete).toBe(true)
  })

  test('a stream without [DONE] is whole once every choice has finished', () => {
    expect(relayEveryWay(text('Hi') + text('', 'stop'), false).tap.complete).toBe(true)
    const second = 'data: {"choices":[{"index":1,"delta":{"content":"x"},"finish_reason":null}]}\n\n'
    expect(relayEveryWay(text('Hi') + second + text('', 'stop'), false).tap.complete).toBe(false)
  })

  test('a stream that stops in the middle is not whole, and half an event is not relayed', () => {
    const { out, tap } = relayEveryWay(text('Hi') + 'data: {"choices":[{"ind', false)
    expect(out).toBe(text('Hi'))
    expect(tap.complete).toBe(false)
  })

  test('a last event without its blank line still counts', () => {
    const { out, tap } = relayEveryWay(text('Hi', 'stop') + 'data: [DONE]', false)
    expect(out).toContain('data: [DONE]\n\n')
    expect(tap.complete).toBe(true)
  })

  test.each([
    ['an error object', 'data: {"error":{"message":"boom"}}\n\n'],
    ['an error text', 'data: {"error":"boom"}\n\n'],
    ['a named event', 'event: error\ndata: {"message":"boom"}\n\n'],
  ])('stops at %s', (_, event) => {
    const { out, tap } = relayEveryWay(text('Hi') + event + text('never'), false)
    expect(out).toBe(text('Hi'))
    expect(JSON.stringify(tap.error)).toContain('boom')
    expect(tap.complete).toBe(false)
  })

  test('sees an error behind a byte order mark', () => {
    const { out, tap } = relayEveryWay('\ufeffevent: error\ndata: the model crashed\n\n', false)
    expect([out, tap.started, tap.error]).toEqual(['', false, { error: { message: 'the model crashed' } }])
  })

  test('relays a byte order mark', () => {
    const stream = `\ufeff${text('a', 'stop')}`
    const { out, tap } = relayEveryWay(stream, false)
    expect([out, tap.started, tap.complete]).toEqual([stream, true, true])
  })

  test('an error of null is none', () => {
    expect(relayEveryWay('data: {"error":null,"choices":[]}\n\n' + done, false).tap.error).toBeUndefined()
  })

  test('comments alone do not start an answer', () => {
    const tap = createStreamTap({ hideUsage: false })
    expect(tap.write(encoder.encode(': keep-alive\n\n'))).toBeUndefined()
    expect(tap.started).toBe(false)
    tap.write(encoder.encode(text('Hi')))
    expect(tap.started).toBe(true)
    expect(decoder.decode(tap.write(encoder.encode(': keep-alive\n\n')))).toBe(': keep-alive\n\n')
  })

  test('refuses an event without an end', () => {
    const tap = createStreamTap({ hideUsage: false })
    const chunk = new Uint8Array(1024 * 1024).fill(0x61)
    for (let count = 0; count < 17; count++) tap.write(chunk)
    expect(tap.error).toBeDefined()
  })
})
