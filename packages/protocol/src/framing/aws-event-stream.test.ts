import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SluiceError } from '../errors/sluice-error.ts'
import type { AwsEventHeader, AwsEventHeaders } from './aws-event-header.ts'
import {
  type AwsEventMessage,
  type AwsEventParserOptions,
  createAwsEventParser,
  encodeAwsEvent,
} from './aws-event-stream.ts'
import { crc32 } from './crc32.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const unhex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

function parse(chunks: Iterable<Uint8Array>, options?: AwsEventParserOptions): AwsEventMessage[] {
  const messages: AwsEventMessage[] = []
  const parser = createAwsEventParser((message) => messages.push(message), options)
  for (const chunk of chunks) parser.write(chunk)
  expect(parser.idle).toBe(true)
  return messages
}

const message = (headers: Record<string, AwsEventHeader>, payload: string): AwsEventMessage => ({
  headers: new Map(Object.entries(headers)),
  payload: utf8(payload),
})
const string = (value: string): AwsEventHeader => ({ type: 'string', value })

/** Written by AWS's own codec; the first four are those of its published test vectors. */
const known: readonly (readonly [name: string, hex: string, message: AwsEventMessage])[] = [
  ['an empty message', '000000100000000005c248eb7d98c8ff', message({}, '')],
  ['a payload only', '0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936', message({}, "{'foo':'bar'}")],
  [
    'a string header',
    '0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
    message({ 'content-type': string('application/json') }, "{'foo':'bar'}"),
  ],
  [
    'an integer header',
    '0000002b0000000e348bec7b086576656e742d6964040000a00c7b27666f6f273a27626172277dd3890285',
    message({ 'event-id': { type: 'integer', value: 0xa00c } }, "{'foo':'bar'}"),
  ],
  [
    'headers of every other type',
    '0000004c0000003cd74e16a6017400016601016202f9017303fb2e0169040001e2400175090102030405060708090a0b0c0d0e0f100164080000018bcfe5680001780600030102ffd79568e3',
    message(
      {
        t: { type: 'boolean', value: true },
        f: { type: 'boolean', value: false },
        b: { type: 'byte', value: -7 },
        s: { type: 'short', value: -1234 },
        i: { type: 'integer', value: 123_456 },
        u: { type: 'uuid', value: unhex('0102030405060708090a0b0c0d0e0f10') },
        d: { type: 'timestamp', value: 1_700_000_000_000n },
        x: { type: 'binary', value: Uint8Array.of(1, 2, 255) },
      },
      '',
    ),
  ],
  [
    'an event of Bedrock',
    '000000a2000000579acad7c80b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a22486920e29880227d2c2270223a22616263227d787eaf1f',
    message(
      {
        ':event-type': string('contentBlockDelta'),
        ':content-type': string('application/json'),
        ':message-type': string('event'),
      },
      '{"contentBlockIndex":0,"delta":{"text":"Hi ☀"},"p":"abc"}',
    ),
  ],
]

it('has the checksum of zlib', () => {
  expect(crc32(utf8('123456789'))).toBe(0xcbf4_3926)
  expect(crc32(utf8('xx123456789x'), 2, 11)).toBe(0xcbf4_3926)
})

describe('the event stream of AWS', () => {
  it.for(known)('%s: reads and writes as AWS does', ([, hex, expected]) => {
    const bytes = unhex(hex)
    expect(parse([bytes])).toEqual([expected])
    expect(encodeAwsEvent(expected)).toEqual(bytes)
  })

  it('gives the same messages wherever the bytes are split', () => {
    const whole = unhex(known.map(([, hex]) => hex).join(''))
    const expected = known.map(([, , each]) => each)
    for (let at = 0; at <= whole.length; at++) {
      expect(parse([whole.subarray(0, at), whole.subarray(at)])).toEqual(expected)
    }
    expect(parse(Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it('reads whatever it writes, cut into any pieces', () => {
    const bytes = fc.uint8Array({ maxLength: 40 })
    const header: fc.Arbitrary<AwsEventHeader> = fc.oneof(
      fc.record({ type: fc.constant('boolean' as const), value: fc.boolean() }),
      fc.record({ type: fc.constant('byte' as const), value: fc.integer({ min: -128, max: 127 }) }),
      fc.record({ type: fc.constant('short' as const), value: fc.integer({ min: -32_768, max: 32_767 }) }),
      fc.record({ type: fc.constant('integer' as const), value: fc.integer() }),
      fc.record({
        type: fc.constantFrom('long' as const, 'timestamp' as const),
        value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      }),
      fc.record({ type: fc.constant('binary' as const), value: bytes }),
      fc.record({ type: fc.constant('uuid' as const), value: fc.uint8Array({ minLength: 16, maxLength: 16 }) }),
      fc.record({ type: fc.constant('string' as const), value: fc.string({ unit: 'grapheme', maxLength: 20 }) }),
    )
    const headers = fc
      .array(fc.tuple(fc.string({ maxLength: 20 }), header), { maxLength: 5 })
      .map((entries): AwsEventHeaders => new Map(entries))
    const messages = fc.array(fc.record({ headers, payload: bytes }), { maxLength: 4 })
    fc.assert(
      fc.property(messages, fc.array(fc.nat({ max: 400 })), (all, cuts) => {
        const stream = Uint8Array.from(all.flatMap((each) => [...encodeAwsEvent(each)]))
        const sorted = [0, ...cuts.map((cut) => Math.min(cut, stream.length)), stream.length].sort((a, b) => a - b)
        const chunks = sorted.slice(1).map((cut, index) => stream.subarray(sorted[index], cut))
        expect(parse(chunks)).toEqual(all)
      }),
    )
  })

  it('knows that it stands within a message', () => {
    const bytes = unhex(known[2]![1])
    for (let at = 1; at < bytes.length; at++) {
      const parser = createAwsEventParser(() => expect.unreachable())
      parser.write(bytes.subarray(0, at))
      expect(parser.idle).toBe(false)
    }
  })

  it('reads a long message fed in tiny pieces', () => {
    const long = encodeAwsEvent({ headers: new Map(), payload: new Uint8Array(400_000).fill(7) })
    const [read] = parse(Array.from(long, (_, index) => long.subarray(index, index + 1)))
    expect(read?.payload.length).toBe(400_000)
  })

  it('refuses a message of which any byte is wrong', () => {
    const bytes = unhex(known[3]![1])
    for (let at = 0; at < bytes.length; at++) {
      const broken = bytes.with(at, bytes[at]! ^ 0x10)
      expect(() => parse([broken])).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
    }
  })

  it('refuses a length beyond the limit before it makes room for it', () => {
    const prelude = (length: number, headers: number): Uint8Array => {
      const start = new Uint8Array(12)
      const view = new DataView(start.buffer)
      view.setUint32(0, length)
      view.setUint32(4, headers)
      view.setUint32(8, crc32(start, 0, 8))
      return start
    }
    for (const start of [prelude(0xffff_ffff, 0), prelude(16 * 1024 * 1024 + 1, 0), prelude(8, 0), prelude(20, 5)]) {
      for (const chunks of [[start], Array.from(start, (byte) => Uint8Array.of(byte))]) {
        expect(() => parse(chunks)).toThrow(SluiceError)
      }
    }
    const options = { maxMessageLength: 50 }
    const fits = encodeAwsEvent({ headers: new Map(), payload: new Uint8Array(34) })
    expect(parse([fits], options)).toHaveLength(1)
    const long = encodeAwsEvent({ headers: new Map(), payload: new Uint8Array(35) })
    const refusal = { message: expect.stringContaining('longer than 50 bytes'), retryable: false }
    expect(() => parse([long], options)).toThrow(expect.objectContaining(refusal))
  })

  it.for<[string, Uint8Array]>([
    ['of an unknown type', Uint8Array.of(1, 0x61, 10)],
    ['that ends too early', Uint8Array.of(1, 0x61, 7, 0, 9, 0x61)],
    ['whose name ends too early', Uint8Array.of(200, 0x61)],
    ['without a type', Uint8Array.of(1, 0x61)],
  ])('refuses a header %s', ([, header]) => {
    const framed = encodeAwsEvent({ headers: new Map(), payload: header })
    const view = new DataView(framed.buffer)
    view.setUint32(4, header.length)
    view.setUint32(8, crc32(framed, 0, 8))
    view.setUint32(framed.length - 4, crc32(framed, 0, framed.length - 4))
    expect(() => parse([framed])).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
  })

  it('writes no header that the format cannot say', () => {
    const write = (name: string, value: string) => () =>
      encodeAwsEvent({ headers: new Map([[name, string(value)]]), payload: new Uint8Array() })
    expect(write('x'.repeat(256), '')).toThrow(RangeError)
    expect(write('x', 'x'.repeat(32_768))).toThrow(RangeError)
  })
})
