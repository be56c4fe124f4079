import { describe, expect, it } from 'vitest'
import type { Tap } from '../../dialect.ts'
import { results } from './__fixtures__/results.ts'
import { failures, streams } from './__fixtures__/streams.ts'
import { geminiGenerate } from './gemini-generate.ts'

function run(tap: Tap, pieces: Iterable<Uint8Array>): Uint8Array {
  const out: number[] = []
  for (const piece of pieces) out.push(...(tap.write(piece) ?? []))
  out.push(...(tap.end() ?? []))
  return Uint8Array.from(out)
}

const byteByByte = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte))
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const streamTap = (): Tap => geminiGenerate.tap.stream({ hideUsage: false })

describe('a relayed stream', () => {
  const events = Object.entries(streams).filter(([name]) => name !== 'as an array')

  it.for(events)('%s: passes untouched and is known to be whole', ([, bytes]) => {
    for (const pieces of [[bytes], byteByByte(bytes)]) {
      const tap = streamTap()
      expect(run(tap, pieces)).toEqual(bytes)
      expect(tap.complete).toBe(true)
      expect(tap.error).toBeUndefined()
    }
  })

  it('tells usage and finish reason', () => {
    const tap = streamTap()
    run(tap, [streams['parallel calls']!])
    expect(tap.usage()).toMatchObject({ input: 10, output: 5, reasoning: 3 })
    expect(tap.finishReason()).toBe('tool-calls')
    const blocked = streamTap()
    run(blocked, [streams['blocked']!])
    expect(blocked.finishReason()).toBe('content-filter')
  })

  it('relays whole events only, and is not whole before its finish reason', () => {
    const text = streams['text']!
    for (let at = 0; at < text.length; at++) {
      const tap = streamTap()
      const relayed = new TextDecoder().decode(run(tap, [text.subarray(0, at)]))
      const events = relayed.split(/[\r\n]+/).filter((line) => line !== '')
      for (const event of events) expect(() => void JSON.parse(event.slice('data: '.length))).not.toThrow()
      expect(tap.complete).toBe(relayed.includes('"finishReason"'))
    }
  })

  it.for(['cut', 'one candidate cut', 'usage only', 'empty'])('%s: is not whole', (name) => {
    const tap = streamTap()
    run(tap, [failures[name]!.bytes])
    expect(tap.complete).toBe(false)
  })

  it('keeps an error from the caller and tells it', () => {
    for (const name of ['an error event', 'an error in an array']) {
      for (const pieces of [[failures[name]!.bytes], byteByByte(failures[name]!.bytes)]) {
        const tap = streamTap()
        expect(new TextDecoder().decode(run(tap, pieces))).not.toContain('overloaded')
        expect(geminiGenerate.error.decode({ status: 200, header: () => undefined, body: tap.error }).code).toBe(
          'upstream_overloaded',
        )
      }
    }
  })
})

describe('a relayed answer', () => {
  it.for(Object.entries(results))('%s: passes untouched and is known to be whole', ([, wire]) => {
    const tap = geminiGenerate.tap.result()
    const bytes = bytesOf(wire)
    expect(run(tap, byteByByte(bytes))).toEqual(bytes)
    expect(tap.complete).toBe(true)
    const { usage, choices } = geminiGenerate.result.decode(wire, { warn: () => undefined })
    expect(tap.usage()).toEqual(usage)
    expect(tap.finishReason()).toBe(choices[0]?.finishReason)
  })

  it('is read as it passes when it is larger than what is held, as pictures are', () => {
    const wire = {
      candidates: [
        {
          content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'A'.repeat(2 ** 21) } }] },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4 },
    }
    const tap = geminiGenerate.tap.result()
    const bytes = bytesOf(wire)
    expect(tap.write(bytes)?.length).toBe(bytes.length)
    expect(tap.end()).toBeUndefined()
    expect(tap.complete).toBe(true)
    expect(tap.usage()).toMatchObject({ input: 3, output: 4 })
  })

  it.for([
    { error: { code: 500, message: 'x', status: 'INTERNAL' } },
    [{ error: { code: 500, message: 'x', status: 'INTERNAL' } }],
  ])('tells an error: %j', (wire) => {
    const tap = geminiGenerate.tap.result()
    run(tap, [bytesOf(wire)])
    expect(tap.complete).toBe(false)
    expect(tap.error).toEqual(wire)
  })

  it('is not taken for one when it says nothing', () => {
    for (const wire of [{}, { candidates: [] }, { promptFeedback: {} }]) {
      const tap = geminiGenerate.tap.result()
      run(tap, [bytesOf(wire)])
      expect(tap.complete).toBe(false)
    }
  })
})

describe('a path', () => {
  it.for(['gemini-3.8-flash', 'lab/qwen', 'llama3:8b', 'a b?c#d%2F..'])('holds the model %s', (model) => {
    for (const stream of [true, false]) {
      const path = geminiGenerate.path(model, stream)
      expect(path).not.toMatch(/[ #]|\.\.\/|\/models\/.*\//)
      expect(geminiGenerate.peekPath?.(`/v1beta${path}`)).toEqual({ model, stream })
    }
  })

  it('may hold a name with a bare slash, as clients send it', () => {
    expect(geminiGenerate.peekPath?.('/v1beta/models/lab/qwen:generateContent')).toEqual({
      model: 'lab/qwen',
      stream: false,
    })
  })

  it('is refused for other methods', () => {
    for (const path of ['/v1beta/models/x:embedContent', '/v1beta/models/x', '/v1beta/models/%ff:generateContent']) {
      expect(() => geminiGenerate.peekPath?.(path)).toThrow(/served here|encoded well/)
    }
  })
})
