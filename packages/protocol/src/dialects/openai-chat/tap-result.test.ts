import { describe, expect, test } from 'vitest'
import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import { createResultTap } from './tap-result.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function relay(body: string, size: number): { out: string; tap: Tap } {
  const tap = createResultTap()
  const bytes = encoder.encode(body)
  const out: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const piece = tap.write(bytes.subarray(at, at + size))
    if (piece !== undefined) out.push(piece)
  }
  const rest = tap.end()
  if (rest !== undefined) out.push(rest)
  return { out: decoder.decode(joinBytes(out)), tap }
}

const answer = (content: string): string =>
  JSON.stringify({
    id: '1',
    choices: [{ index: 0, message: { role: 'assistant', content: `${content} "usage":{` }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
  })

describe('result tap', () => {
  test.each([
    ['a small answer', answer('Hi'), 7],
    ['a small answer byte by byte', answer('Hi'), 1],
    ['an answer too large to hold', answer('x\\"{[é'.repeat(300_000)), 65_536],
  ])('relays every byte of %s and reads its usage', (_, body, size) => {
    const { out, tap } = relay(body, size)
    expect(out === body).toBe(true)
    expect(tap.usage()).toMatchObject({ input: 9, output: 4 })
    expect(tap.complete).toBe(true)
    expect(tap.error).toBeUndefined()
  })

  test('reads the reason on demand', () => {
    expect(relay(answer('Hi'), 100).tap.finishReason()).toBe('stop')
  })

  test.each(['{"error":{"message":"boom"}}', '{"error":"boom","choices":[]}'])('finds the error in %s', (body) => {
    const { tap } = relay(body, 5)
    expect(tap.complete).toBe(false)
    expect(JSON.stringify(tap.error)).toContain('boom')
  })

  test.each(['<html></html>', '', '{"choices":[', '[]', '{"object":"list"}'])(
    'does not take %j for an answer',
    (body) => {
      const { tap } = relay(body, 5)
      expect(tap.complete).toBe(false)
      expect(tap.error).toBeUndefined()
    },
  )
})
