import { expect, it } from 'vitest'
import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { frameEvents, framed } from './__fixtures__/frame-events.ts'
import { bedrockConverse } from './bedrock-converse.ts'

const start = { messageStart: { role: 'assistant' } }
const delta = (text: string) => ({ contentBlockDelta: { contentBlockIndex: 0, delta: { text } } })
const stop = { messageStop: { stopReason: 'max_tokens' } }
const usage = { inputTokens: 5, outputTokens: 7, totalTokens: 12, cacheReadInputTokens: 3 }
const metadata = { metadata: { usage, metrics: { latencyMs: 1 } } }

const streamTap = (): Tap => bedrockConverse.tap.stream({ hideUsage: false })

/** What went on to the caller. */
function relay(tap: Tap, chunks: Iterable<Uint8Array>): Uint8Array {
  const out: Uint8Array[] = []
  for (const chunk of chunks) out.push(tap.write(chunk) ?? new Uint8Array())
  out.push(tap.end() ?? new Uint8Array())
  return joinBytes(out)
}

it('relays a stream as it is, wherever it is split, and reads its usage', () => {
  const bytes = frameEvents([start, delta('It is'), delta(' sunny'), { contentBlockStop: {} }, stop, metadata])
  const splits = Array.from(bytes, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)])
  for (const chunks of [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte)), ...splits]) {
    const tap = streamTap()
    expect(relay(tap, chunks)).toEqual(bytes)
    expect(tap).toMatchObject({ started: true, complete: true, error: undefined })
    expect(tap.usage()).toMatchObject({ input: 5, cacheRead: 3, output: 7 })
    expect(tap.finishReason()).toBe('length')
  }
})

it('keeps a beginning that says nothing, so that a failure can be answered otherwise', () => {
  const tap = streamTap()
  expect(tap.write(frameEvents([start]))).toBeUndefined()
  expect(tap.started).toBe(false)
  expect(tap.write(frameEvents([{ throttlingException: { message: 'Slow down.' } }]))).toBeUndefined()
  expect(tap.error).toMatchObject({ code: 'rate_limit_exceeded', message: 'Slow down.' })
  expect(tap.complete).toBe(false)
})

it('hands on whole messages only, and no exception', () => {
  const said = frameEvents([start, delta('It is')])
  const next = frameEvents([delta(' sunny')])
  const tap = streamTap()
  expect(tap.write(joinBytes([said, next.subarray(0, 20)]))).toEqual(said)
  expect(tap.write(joinBytes([next.subarray(20), frameEvents([{ modelStreamErrorException: {} }])]))).toEqual(next)
  expect(tap.error).toBeInstanceOf(SluiceError)
})

it.each([
  ['that was cut', frameEvents([start, delta('It is')])],
  ['cut within its last message', frameEvents([start, delta('It is'), stop]).subarray(0, -1)],
])('does not take a stream %s for a whole one', (_, bytes) => {
  const tap = streamTap()
  relay(tap, [bytes])
  expect(tap.complete).toBe(false)
  expect(tap.error).toBeUndefined()
})

it('stops where bytes are no messages', () => {
  const said = frameEvents([start, delta('It is')])
  const tap = streamTap()
  expect(tap.write(joinBytes([said, new Uint8Array(20)]))).toEqual(said)
  expect(tap.error).toMatchObject({ code: 'upstream_invalid_response' })
})

it('knows content by its name, wherever that stands', () => {
  const headers = { ':message-type': { type: 'string', value: 'event' } } as const
  const tap = streamTap()
  const bytes = framed({ ...headers, ':event-type': { type: 'string', value: 'contentBlockDelta' } }, '{}')
  expect(tap.write(bytes)).toEqual(bytes)
})

it('does not gather what says nothing without end', () => {
  const tap = streamTap()
  const filler = frameEvents([{ futureEvent: { filler: 'x'.repeat(100_000) } }])
  let relayed = 0
  for (let count = 0; count < 20; count++) relayed += tap.write(filler)?.length ?? 0
  expect(relayed).toBe(20 * filler.length)
})

it('reads a whole answer', () => {
  const answer = { output: { message: { role: 'assistant', content: [] } }, stopReason: 'tool_use', usage }
  const bytes = new TextEncoder().encode(JSON.stringify(answer))
  const tap = bedrockConverse.tap.result()
  expect(relay(tap, [bytes])).toEqual(bytes)
  expect(tap.complete).toBe(true)
  expect(tap.finishReason()).toBe('tool-calls')
  expect(tap.usage()).toMatchObject({ input: 5, output: 7 })
  const other = bedrockConverse.tap.result()
  relay(other, [new TextEncoder().encode('{"message":"no answer"}')])
  expect(other.complete).toBe(false)
})
