import { describe, expect, it } from 'vitest'
import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import { results } from './__fixtures__/results.ts'
import { failures, streams } from './__fixtures__/streams.ts'
import { ollamaChat } from './ollama-chat.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const streamTap = (): Tap => ollamaChat.tap.stream({ hideUsage: false })

function relay(tap: Tap, chunks: Iterable<Uint8Array>): string {
  const out: Uint8Array[] = []
  for (const chunk of chunks) {
    const bytes = tap.write(chunk)
    if (bytes !== undefined) out.push(bytes)
  }
  const rest = tap.end()
  if (rest !== undefined) out.push(rest)
  return decoder.decode(joinBytes(out))
}

const oneByOne = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte))

describe('a stream that is relayed', () => {
  it.each(Object.entries(streams))(
    '%s: is the same, whole or byte by byte, but for blank lines before it',
    (_, bytes) => {
      for (const chunks of [[bytes], oneByOne(bytes)]) {
        const tap = streamTap()
        expect(relay(tap, chunks).trimStart()).toBe(decoder.decode(bytes).trimStart())
        expect(tap).toMatchObject({ started: true, complete: true, error: undefined })
      }
    },
  )

  it('tells its usage and its end', () => {
    const tap = streamTap()
    relay(tap, [streams['text']!])
    expect(tap.usage()).toMatchObject({ input: 26, output: 237 })
    expect(tap.finishReason()).toBe('stop')
    const calling = streamTap()
    relay(calling, [streams['tool-calls']!])
    expect(calling.finishReason()).toBe('tool-calls')
  })

  it.each(Object.entries(failures))('%s: is not whole', (_, { bytes }) => {
    for (const chunks of [[bytes], oneByOne(bytes)]) {
      const tap = streamTap()
      const relayed = relay(tap, chunks)
      expect(tap.complete).toBe(false)
      expect(relayed).not.toContain('"error"')
      // An error line may follow what the caller holds.
      expect(relayed === '' || relayed.endsWith('\n')).toBe(true)
    }
  })

  it.each(['done', 'error'])('is not over when a call or a text says %s', (word) => {
    const told = {
      role: 'assistant',
      content: `"${word}":true`,
      tool_calls: [{ function: { name: 'f', arguments: { [word]: true } } }],
    }
    const tap = streamTap()
    const line = `${JSON.stringify({ model: 'm', message: told, done: false })}\n`
    expect(relay(tap, [encoder.encode(line)])).toBe(line)
    expect(tap).toMatchObject({ started: true, complete: false, error: undefined })
  })

  it('commits to nothing before its first line is there', () => {
    const tap = streamTap()
    tap.write(encoder.encode('\n'))
    tap.write(streams['text']!.subarray(0, 40))
    expect(tap.started).toBe(false)
  })
})

describe('a whole answer that is relayed', () => {
  it.each(Object.entries(results))('%s: is the same', (_, wire) => {
    const text = JSON.stringify(wire)
    const tap = ollamaChat.tap.result()
    expect(relay(tap, oneByOne(encoder.encode(text)))).toBe(text)
    expect(tap).toMatchObject({ complete: true, error: undefined })
    const { usage, choices } = ollamaChat.result.decode(wire, { warn: () => undefined })
    expect(tap.usage()).toEqual(usage)
    if (choices[0]?.providerFinishReason === undefined && (wire as { done_reason?: string }).done_reason !== undefined)
      expect(tap.finishReason()).toBe(choices[0]?.finishReason)
  })

  it('may be an error, or nothing of the kind', () => {
    const failed = ollamaChat.tap.result()
    relay(failed, [encoder.encode('{"error":"no"}')])
    expect(failed).toMatchObject({ complete: false, error: { error: 'no' } })
    const html = ollamaChat.tap.result()
    relay(html, [encoder.encode('<html>')])
    expect(html).toMatchObject({ complete: false, error: undefined })
  })

  it('may be too large to be held', () => {
    const picture = { ...(results['text'] as object), message: { role: 'assistant', images: ['x'.repeat(2_000_000)] } }
    const tap = ollamaChat.tap.result()
    const bytes = encoder.encode(JSON.stringify(picture))
    expect(relay(tap, [bytes.subarray(0, 1_500_000), bytes.subarray(1_500_000)]).length).toBe(bytes.length)
    expect(tap).toMatchObject({ started: true, complete: true })
    expect(tap.usage()).toMatchObject({ input: 26, output: 237 })
    expect(tap.finishReason()).toBe('stop')
  })
})

describe('a request that is relayed', () => {
  const changes = { model: 'gemma4:12b', modelJson: encoder.encode('"gemma4:12b"'), includeUsage: true }
  const send = (body: string): string => {
    const bytes = encoder.encode(body)
    const pieces = ollamaChat.patch?.(bytes, ollamaChat.peek(bytes), changes)
    return pieces === undefined ? 'rewritten' : decoder.decode(joinBytes([...pieces]))
  }

  it.each([
    ['{"model":"m"}', true],
    ['{"model":"m","stream":null}', true],
    ['{"model":"m","stream":true}', true],
    ['{"model":"m","stream": false }', false],
    ['{"model":"m","stream":false,"stream":null}', true],
    [String.raw`{"model":"m","stre\u0061m":false}`, false],
  ])('%s streams: %s', (body, stream) => {
    expect(ollamaChat.peek(encoder.encode(body))).toMatchObject({ model: 'm', stream, usageRequested: true })
  })

  it('changes in nothing but the name of its model', () => {
    expect(send('{ "model":"m",  "options":{"num_ctx":1e3} }')).toBe(
      '{ "model":"gemma4:12b",  "options":{"num_ctx":1e3} }',
    )
    expect(send('{"model":"m","model":"n"}')).toBe('rewritten')
    expect(decoder.decode(ollamaChat.rewrite(encoder.encode('{"model":"m","stream":true}'), changes))).toBe(
      '{"model":"gemma4:12b","stream":true}',
    )
  })
})
