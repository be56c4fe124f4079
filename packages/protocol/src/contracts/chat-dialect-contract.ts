import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinBytes } from '../bytes/join-bytes.ts'
import type { ChatDialect, CodecContext } from '../dialect.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { ChatEvent } from '../ir/chat-event.ts'
import type { ChatResult, ContentPart } from '../ir/chat.ts'
import { foldChatEvents } from '../ir/fold-chat-events.ts'
import { unfoldChatResult } from '../ir/unfold-chat-result.ts'
import { totalInput, totalOutput } from '../ir/usage.ts'
import type { ChatFixtures } from './chat-fixtures.ts'
import { findOrderFault } from './chat-stream-order.ts'

/** Registers the tests that every chat dialect must pass, on its own recordings. */
export function describeChatDialect(dialect: ChatDialect, fixtures: ChatFixtures): void {
  describe(`the chat dialect ${dialect.id}`, () => {
    describeCodec('request', dialect.request, fixtures.requests)
    describeCodec('result', dialect.result, fixtures.results)
    describeStreams(dialect, fixtures)
    describeSize(dialect)
    describeFailures(dialect, fixtures)
    describeErrors(dialect, fixtures)
    describeArbitraryInput(dialect, fixtures)
  })
}

function describeCodec<T>(
  what: string,
  codec: { decode: Decode<T>; encode: Encode<T> },
  fixtures: Readonly<Record<string, unknown>>,
): void {
  describe(`writes a ${what} back as it was read`, () => {
    it.for(Object.entries(fixtures))('%s', ([, wire]) => {
      const before = structuredClone(wire)
      const warnings: unknown[] = []
      const context = { warn: (warning: unknown) => warnings.push(warning) }
      const value = codec.decode(wire, context)
      const written = throughJson(codec.encode(value, context))
      expect(written).toStrictEqual(wire)
      expect(wire).toStrictEqual(before)
      expect(warnings).toEqual([])
      expect(codec.decode(written, context)).toStrictEqual(value)
    })
  })
}

type Decode<T> = (wire: unknown, context: CodecContext) => T
type Encode<T> = (value: T, context: CodecContext) => unknown

function describeStreams(dialect: ChatDialect, fixtures: ChatFixtures): void {
  const streams = Object.entries(fixtures.streams)

  describe('a whole stream', () => {
    it.for(streams)('%s: keeps the order of events and ends', ([, bytes]) => {
      const events = decodeStream(dialect, [bytes])
      expect(findOrderFault(events)).toBeUndefined()
      expect(events.at(-1)).toEqual({ type: 'message-end' })
    })

    it.for(streams)('%s: says the same wherever its bytes are split', ([, bytes]) => {
      const whole = decodeStream(dialect, [bytes])
      for (let at = 0; at <= bytes.length; at++) {
        expect(decodeStream(dialect, [bytes.subarray(0, at), bytes.subarray(at)])).toStrictEqual(whole)
      }
      expect(decodeStream(dialect, byteByByte(bytes))).toStrictEqual(whole)
    })

    it.for(streams)('%s: never looks finished when cut before its answer was whole', ([, bytes]) => {
      const whole = foldChatEvents(decodeStream(dialect, [bytes]))
      for (let at = 0; at < bytes.length; at++) {
        const events = decodeStream(dialect, [bytes.subarray(0, at)])
        expect(findOrderFault(events)).toBeUndefined()
        if (events.at(-1)?.type === 'error') continue
        // What is missing then is no more than what follows the finish reasons, such as usage or an audio's expiry.
        expect(answerOf(foldChatEvents(events))).toStrictEqual(answerOf(whole))
      }
    })

    it.for(streams.filter(([name]) => name in fixtures.results))('%s: folds to the result', ([name, bytes]) => {
      const folded = foldChatEvents(decodeStream(dialect, [bytes]))
      expect(meaningOf(folded)).toStrictEqual(meaningOf(dialect.result.decode(fixtures.results[name], quiet)))
    })

    it.for(streams)('%s: keeps its meaning when written as a stream and as a result', ([, bytes]) => {
      const events = decodeStream(dialect, [bytes])
      const folded = foldChatEvents(events)
      const again = foldChatEvents(decodeStream(dialect, [encodeStream(dialect, events, true)]))
      expect(meaningOf(again)).toStrictEqual(meaningOf(folded))
      const result = dialect.result.decode(throughJson(dialect.result.encode(folded, quiet)), quiet)
      expect(meaningOf(result)).toStrictEqual(meaningOf(folded))
    })

    it.for(streams)('%s: counts no token twice', ([, bytes]) => {
      const { usage } = foldChatEvents(decodeStream(dialect, [bytes]))
      if (usage === undefined) return
      const { input = totalInput(usage), output = totalOutput(usage) } = usage.reported ?? {}
      expect([totalInput(usage), totalOutput(usage)]).toEqual([input, output])
    })
  })
}

function describeSize(dialect: ChatDialect): void {
  // More than arguments fit on a stack.
  const many = Array.from({ length: 150_000 }, (_, at) => at)

  describe('what has very many members', () => {
    it('is an answer like any other', () => {
      const content = many.map(() => ({ token: 'a', logprob: -1, bytes: null, top: [] }))
      const part = { type: 'text', text: 'a' } as const
      const choice = { index: 0, content: [part], finishReason: 'stop', logprobs: { content } } as const
      const result = { id: 'i', model: 'm', choices: [choice] }
      expect(encodeStream(dialect, unfoldChatResult(result), false).length).toBeGreaterThan(0)
      const again = dialect.result.decode(throughJson(dialect.result.encode(result, quiet)), quiet)
      expect(again.choices[0]?.content).toHaveLength(1)
    })

    it('is a request like any other', () => {
      const content = many.map((at): ContentPart => {
        return { type: 'tool-call', kind: 'function', id: `c${at}`, name: 'f', input: '{}' }
      })
      const asked = { model: 'm', messages: [{ role: 'assistant', content }] } as const
      const request = unlessRefused(() => dialect.request.encode(asked, quiet))
      if (request === undefined) return
      const { messages } = dialect.request.decode(throughJson(request), quiet)
      expect(messages.at(-1)?.content).toHaveLength(many.length)
    })
  })
}

function describeFailures(dialect: ChatDialect, fixtures: ChatFixtures): void {
  describe('a stream that failed', () => {
    it.for(Object.entries(fixtures.failures))('%s: ends with its error', ([, { bytes, code }]) => {
      for (const chunks of [[bytes], byteByByte(bytes)]) {
        const events = decodeStream(dialect, chunks)
        expect(findOrderFault(events)).toBeUndefined()
        expect(events.at(-1)).toMatchObject({ type: 'error', error: { code } })
        expect(() => foldChatEvents(events)).toThrow(SluiceError)
      }
    })

    it.for(Object.entries(fixtures.failures))('%s: looks failed to the caller too', ([, { bytes }]) => {
      const events = decodeStream(dialect, [bytes])
      const again = decodeStream(dialect, [encodeStream(dialect, events, true)])
      expect(again.at(-1)?.type).toBe('error')
    })
  })
}

function describeErrors(dialect: ChatDialect, fixtures: ChatFixtures): void {
  describe('an error answer', () => {
    it.for(Object.entries(fixtures.errors))('%s', ([, answer]) => {
      const header = (name: string): string | undefined => answer.headers?.[name]
      const error = dialect.error.decode({ status: answer.status, header, body: answer.body })
      const { code, retryable, retryAfterMs, param, message } = answer
      expect(error).toBeInstanceOf(SluiceError)
      expect(error.code).toBe(code)
      if (retryable !== undefined) expect(error.retryable).toBe(retryable)
      expect(error.retryAfterMs).toBe(retryAfterMs)
      expect(error.param).toBe(param)
      if (message !== undefined) expect(error.message).toContain(message)

      const body = throughJson(dialect.error.encode(error, 'req_1'))
      expect(JSON.stringify(body)).toContain(JSON.stringify(error.message).slice(1, -1))
      const event = dialect.error.encodeEvent(error, 'req_1')
      const bytes = typeof event === 'string' ? new TextEncoder().encode(event) : event
      expect(decodeStream(dialect, [bytes]).at(-1)).toMatchObject({ type: 'error', error: { message: error.message } })
    })
  })
}

function describeArbitraryInput(dialect: ChatDialect, fixtures: ChatFixtures): void {
  // As it comes off a wire, where there is no -0 once it was written.
  const json = fc.jsonValue({ maxDepth: 4 }).map(throughJson)
  const damaged = (values: readonly unknown[]): fc.Arbitrary<unknown> =>
    fc
      .tuple(fc.constantFrom(...values), fc.array(fc.tuple(fc.nat(), json), { minLength: 1, maxLength: 4 }))
      .map(([value, changes]) => changes.reduce((before: unknown, [at, put]) => replaceAt(before, at, put), value))

  describe('arbitrary input', () => {
    it('never breaks the request codec', () => {
      const input = fc.oneof(json, damaged(Object.values(fixtures.requests)))
      fc.assert(
        fc.property(input, (wire) => {
          const request = unlessRefused(() => dialect.request.decode(wire, quiet))
          if (request !== undefined) expect(dialect.request.encode(request, quiet)).toBeDefined()
        }),
      )
    })

    it('never breaks the result codec', () => {
      const input = fc.oneof(json, damaged(Object.values(fixtures.results)))
      fc.assert(
        fc.property(input, (wire) => {
          const result = unlessRefused(() => dialect.result.decode(wire, quiet))
          if (result === undefined) return
          const again = dialect.result.decode(throughJson(dialect.result.encode(result, quiet)), quiet)
          expect(without(meaningOf(again), ['reported'])).toStrictEqual(without(meaningOf(result), ['reported']))
        }),
      )
    })

    it('never breaks the stream codec', () => {
      const streams = Object.values(fixtures.streams)
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc
          .tuple(fc.constantFrom(...streams), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }))))
          .map(([stream, changes]) => {
            const copy = stream.slice()
            for (const [at, byte] of changes) copy[at % copy.length] = byte
            return copy
          }),
      )
      fc.assert(
        fc.property(bytes, (stream) => {
          expect(findStreamFault(dialect, stream)).toBeUndefined()
        }),
      )
    })

    it('never breaks the stream codec as JSON either', () => {
      const { read, write } = fixtures.framing ?? lines
      const chunks = Object.values(fixtures.streams).flatMap(read)
      const chunkLists = fc.array(fc.oneof(fc.constantFrom(...chunks), damaged(chunks)), { maxLength: 6 })
      fc.assert(
        fc.property(chunkLists, (wires) => {
          expect(findStreamFault(dialect, write(wires))).toBeUndefined()
        }),
        { numRuns: 300 },
      )
    })

    it('never breaks the error codec', () => {
      const status = fc.constantFrom(200, 400, 401, 403, 404, 413, 422, 429, 500, 503)
      const bodies = Object.values(fixtures.errors).map((answer) => answer.body)
      fc.assert(
        fc.property(status, fc.oneof(json, fc.string(), damaged(bodies)), (given, body) => {
          const error = dialect.error.decode({ status: given, header: () => undefined, body })
          expect(error).toBeInstanceOf(SluiceError)
          expect(error.message).not.toBe('')
          throughJson(dialect.error.encode(error, 'req_1'))
        }),
      )
    })
  })
}

const quiet: CodecContext = { warn: () => undefined }

function decodeStream(dialect: ChatDialect, chunks: Iterable<Uint8Array>): ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = dialect.stream.decoder((event) => events.push(event), quiet)
  for (const chunk of chunks) decoder.write(chunk)
  decoder.end()
  return events
}

function encodeStream(dialect: ChatDialect, events: readonly ChatEvent[], includeUsage: boolean): Uint8Array {
  const pieces: Uint8Array[] = []
  const emit = (piece: Uint8Array | string): unknown =>
    pieces.push(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece)
  const encoder = dialect.stream.encoder(emit, { ...quiet, includeUsage })
  for (const event of events) encoder.write(event)
  return joinBytes(pieces)
}

function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte))
}

/** Whether any bytes give events in order, and the same end after they were written and read again. */
function findStreamFault(dialect: ChatDialect, bytes: Uint8Array): string | undefined {
  const events = decodeStream(dialect, [bytes])
  const again = decodeStream(dialect, [encodeStream(dialect, events, true)])
  const [end, endAgain] = [events.at(-1)?.type, again.at(-1)?.type]
  if (end !== endAgain) return `ended with ${end}, and with ${endAgain} when written and read again`
  return findOrderFault(events) ?? findOrderFault(again)
}

/** The JSON in a stream's lines, whatever its framing. */
const lines: NonNullable<ChatFixtures['framing']> = {
  read: (bytes) =>
    new TextDecoder()
      .decode(bytes)
      .split(/[\r\n]+/)
      .flatMap((line) => {
        try {
          return [JSON.parse(line.replace(/^data: ?/, ''))]
        } catch {
          return []
        }
      }),
  write(events) {
    const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
    return new TextEncoder().encode(`${text}data: [DONE]\n\n`)
  },
}

/** Nothing but a `SluiceError` may be thrown. */
function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof SluiceError) return undefined
    throw error
  }
}

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** All of a result but what only one dialect knows. */
function meaningOf(result: ChatResult): unknown {
  return without(result, ['extensions', 'providerFinishReason'])
}

function answerOf(result: ChatResult): unknown {
  return without(result.choices, ['extensions', 'expiresAt'])
}

function without(value: unknown, names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, names))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([name, member]) => !names.includes(name) && member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, without(member, names)]))
}

/** A copy with one value, counted in depth-first order, replaced. */
function replaceAt(value: unknown, at: number, put: unknown): unknown {
  let size = 0
  const count = (item: unknown): void => {
    size++
    if (typeof item === 'object' && item !== null) Object.values(item).forEach(count)
  }
  count(value)
  let left = at % size
  const copy = (item: unknown): unknown => {
    if (left-- === 0) return put
    if (Array.isArray(item)) return item.map(copy)
    if (typeof item !== 'object' || item === null) return item
    return Object.fromEntries(Object.entries(item).map(([name, member]) => [name, copy(member)]))
  }
  return copy(value)
}
