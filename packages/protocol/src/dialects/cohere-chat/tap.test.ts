import { describe, expect, it } from 'vitest'
import type { Tap } from '../../dialect.ts'
import { results } from './__fixtures__/results.ts'
import { failures, streams } from './__fixtures__/streams.ts'
import { cohereChat } from './cohere-chat.ts'

function run(tap: Tap, pieces: Iterable<Uint8Array>): Uint8Array {
  const out: number[] = []
  for (const piece of pieces) out.push(...(tap.write(piece) ?? []))
  out.push(...(tap.end() ?? []))
  return Uint8Array.from(out)
}

const byteByByte = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte))
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const streamTap = (): Tap => cohereChat.tap.stream({ hideUsage: false })

describe('a relayed stream', () => {
  it.for(Object.entries(streams))('%s: passes untouched and is known to be whole', ([, bytes]) => {
    for (const pieces of [[bytes], byteByByte(bytes)]) {
      const tap = streamTap()
      expect(run(tap, pieces)).toEqual(bytes)
      expect(tap.complete).toBe(true)
      expect(tap.error).toBeUndefined()
    }
  })

  it('tells usage and finish reason', () => {
    const tap = streamTap()
    run(tap, [streams['text']!])
    expect(tap.usage()).toMatchObject({ input: 101, cacheRead: 400, output: 5 })
    expect(tap.finishReason()).toBe('stop')
    const calls = streamTap()
    run(calls, [streams['parallel calls']!])
    expect(calls.finishReason()).toBe('tool-calls')
  })

  it.for(['no start', 'cut before its end', 'empty'])('%s: is not whole', (name) => {
    const tap = streamTap()
    run(tap, [failures[name]!.bytes])
    expect(tap.complete).toBe(false)
  })

  it.for(['an error at the end', 'an error before the start', 'an error event'])(
    '%s: is kept from the caller',
    (name) => {
      const { bytes, code } = failures[name]!
      for (const pieces of [[bytes], byteByByte(bytes)]) {
        const tap = streamTap()
        const relayed = new TextDecoder().decode(run(tap, pieces))
        expect(relayed).not.toContain('error')
        expect(tap.complete).toBe(false)
        const error = cohereChat.error.decode({ status: 200, header: () => undefined, body: tap.error })
        expect(error.code).toBe(code)
      }
    },
  )

  it('commits to nothing before something is said', () => {
    const [head = ''] = new TextDecoder().decode(streams['parallel calls']).split('\n\n')
    const tap = streamTap()
    expect(tap.write(new TextEncoder().encode(`${head}\n\n`))).toBeUndefined()
    expect(tap.started).toBe(false)
  })
})

describe('a relayed answer', () => {
  it('is whole, with its usage and finish reason', () => {
    const tap = cohereChat.tap.result()
    const bytes = bytesOf(results['parallel calls'])
    expect(run(tap, byteByByte(bytes))).toEqual(bytes)
    expect(tap.complete).toBe(true)
    expect(tap.usage()).toMatchObject({ input: 501, output: 5 })
    expect(tap.finishReason()).toBe('tool-calls')
  })

  it('is none where there is no finish reason', () => {
    const tap = cohereChat.tap.result()
    run(tap, [bytesOf({ message: 'invalid api token' })])
    expect(tap.complete).toBe(false)
  })
})
