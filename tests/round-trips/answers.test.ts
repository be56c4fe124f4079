import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ChatDialect,
  type ChatEvent,
  type ChatResult,
  foldChatEvents,
  joinBytes,
  type Tap,
  translateResult,
  translateStream,
} from '@sluice/protocol'
import { chatDialects } from '@sluice/protocol/dialects'
import { chatResult, inPieces } from './arbitrary-chat.ts'
import { gistOfResult } from './gist.ts'
import { expectBothKept, throughJson } from './kept.ts'

/** Every answer, said whole and streamed by every dialect, to callers of every dialect, whole and streamed. */
const quiet = { warn: (): void => undefined }
const runs = { seed: 20_261_121, numRuns: 25 }
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** An answer and how it comes off the wire: its deltas, and the bytes of each chunk. */
const streamed = fc.record({
  events: chatResult.chain(inPieces),
  sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
})

describe.each(chatDialects.map((provider) => [provider.id, provider] as const))('answers of %s', (_, provider) => {
  test('are the fold of their streams', () => {
    fc.assert(
      fc.property(streamed, ({ events, sizes }) => {
        const result = foldChatEvents(events)
        const whole = gistOfResult(readResult(provider, writeResult(provider, result)))
        const folded = foldChatEvents(readStream(provider, chunked(writeStream(provider, events), sizes)))
        expect(gistOfResult(folded)).toStrictEqual(whole)
      }),
      runs,
    )
  })

  test('keep texts, calls, the reason to end and sums of tokens', () => {
    fc.assert(
      fc.property(chatResult, (result) => {
        const { text, calls, callIds, finishReason, inputTokens, outputTokens } = gistOfResult(result)
        const read = gistOfResult(readResult(provider, writeResult(provider, result)))
        expect(read).toMatchObject(
          throughJson({ text, calls, callIds, finishReason, inputTokens, outputTokens }) as object,
        )
      }),
      runs,
    )
  })

  test.each(chatDialects.map((caller) => [caller.id, caller] as const))(
    'come to callers of %s the same four ways, with all that both can say',
    (_caller, caller) => {
      fc.assert(
        fc.property(streamed, ({ events, sizes }) => {
          const result = foldChatEvents(events)
          const [here, there] = [provider, caller].map((dialect) => readResult(dialect, writeResult(dialect, result)))
          const whole = writeResult(provider, result)
          const stream = writeStream(provider, events)
          const asWhole = (tap: Tap, bytes: Uint8Array): ChatResult =>
            readResult(caller, through(tap, chunked(bytes, sizes)))
          const asStream = (tap: Tap, bytes: Uint8Array): ChatResult =>
            foldChatEvents(readStream(caller, chunked(through(tap, chunked(bytes, sizes)), sizes)))
          const options = { caller, provider, usageRequested: true, context: quiet }
          const ways = [
            asWhole(translateResult({ ...options, stream: false }), whole),
            asWhole(translateStream({ ...options, stream: false }), stream),
            asStream(translateResult({ ...options, stream: true }), whole),
            asStream(translateStream({ ...options, stream: true }), stream),
          ].map(gistOfResult)
          for (const way of ways) {
            expect(way).toStrictEqual(ways[0])
            expectBothKept(gistOfResult(result), gistOfResult(here!), gistOfResult(there!), way)
          }
        }),
        runs,
      )
    },
  )
})

function writeResult(dialect: ChatDialect, result: ChatResult): Uint8Array {
  return encoder.encode(JSON.stringify(dialect.result.encode(result, quiet)))
}

function readResult(dialect: ChatDialect, bytes: Uint8Array): ChatResult {
  return dialect.result.decode(JSON.parse(decoder.decode(bytes)), quiet)
}

function writeStream(dialect: ChatDialect, events: readonly ChatEvent[]): Uint8Array {
  const pieces: Uint8Array[] = []
  const emit = (bytes: Uint8Array | string): void => {
    pieces.push(typeof bytes === 'string' ? encoder.encode(bytes) : bytes)
  }
  const stream = dialect.stream.encoder(emit, { ...quiet, includeUsage: true })
  for (const event of events) stream.write(event)
  return joinBytes(pieces)
}

function readStream(dialect: ChatDialect, chunks: readonly Uint8Array[]): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const stream = dialect.stream.decoder((event) => events.push(event), quiet)
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  return events
}

/** In chunks of these sizes, again and again. */
function chunked(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

function through(tap: Tap, chunks: readonly Uint8Array[]): Uint8Array {
  const out: Uint8Array[] = []
  for (const chunk of chunks) out.push(tap.write(chunk) ?? new Uint8Array())
  out.push(tap.end() ?? new Uint8Array())
  expect(tap.error).toBeUndefined()
  expect(tap.complete).toBe(true)
  return joinBytes(out)
}
