import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Tap } from '../../dialect.ts'
import { openaiResponses } from './openai-responses.ts'

function recorded(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`__fixtures__/${name}.txt`, import.meta.url)))
}

function relay(pieces: readonly Uint8Array[]): { readonly text: string; readonly tap: Tap } {
  const tap = openaiResponses.tap.stream({ hideUsage: false })
  const out = pieces.map((piece) => tap.write(piece))
  out.push(tap.end())
  return { text: out.map((bytes) => (bytes === undefined ? '' : new TextDecoder().decode(bytes))).join(''), tap }
}

describe('a stream of responses that is relayed', () => {
  const bytes = recorded('streams/tools')

  test('keeps every byte wherever it is split', () => {
    const whole = new TextDecoder().decode(bytes)
    for (let at = 0; at <= bytes.length; at += 7) {
      const { text, tap } = relay([bytes.subarray(0, at), bytes.subarray(at)])
      expect(text).toBe(whole)
      expect(tap.complete).toBe(true)
    }
    expect(relay(Array.from(bytes, (byte) => Uint8Array.of(byte))).text).toBe(whole)
  })

  test('tells usage and why it ended', () => {
    const { tap } = relay([bytes])
    expect(tap.usage()).toMatchObject({ input: 13, cacheRead: 5, cacheWrite: 2, output: 6, reasoning: 4 })
    expect(tap.finishReason()).toBe('tool-calls')
  })

  test('begins with the first event that says something', () => {
    const opening = new TextDecoder().decode(bytes).indexOf('event: response.output_item.added')
    const tap = openaiResponses.tap.stream({ hideUsage: false })
    expect(tap.write(bytes.subarray(0, opening))).toBeUndefined()
    expect(tap.started).toBe(false)
    expect(tap.write(bytes.subarray(opening))).toEqual(bytes)
  })

  test('is not complete when it was cut', () => {
    const { text, tap } = relay([recorded('failures/cut')])
    expect(text).toContain('response.output_text.delta')
    expect(tap.complete).toBe(false)
  })

  test.each(['error-event', 'error-nested'])('holds back an error that comes first: %s', (name) => {
    const { text, tap } = relay([recorded(`failures/${name}`)])
    expect(text).toBe('')
    expect(tap.error).toMatchObject({ type: 'error' })
  })

  test('relays what came before a failure, and not the failure', () => {
    const { text, tap } = relay([recorded('failures/failed')])
    expect(text).toContain('response.output_item.done')
    expect(text).not.toContain('response.failed')
    expect(tap.error).toEqual({ error: { code: 'server_error', message: 'The model failed.' } })
  })
})

describe('a response that is relayed', () => {
  test.each([
    ['tools', 'tool-calls'],
    ['text', 'stop'],
  ])('%s ended with %s', (name, reason) => {
    const tap = openaiResponses.tap.result()
    const bytes = new Uint8Array(readFileSync(new URL(`__fixtures__/results/${name}.json`, import.meta.url)))
    tap.write(bytes)
    expect(tap.end()).toEqual(bytes)
    expect(tap.complete).toBe(true)
    expect(tap.finishReason()).toBe(reason)
    expect(tap.usage()).toMatchObject({ input: 13, output: 6 })
  })
})
