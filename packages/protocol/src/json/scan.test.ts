import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SluiceError } from '../errors/sluice-error.ts'
import { maximumDepth, scanObject } from './scan.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const keys = [encoder.encode('model'), encoder.encode('stream')]

function scan(text: string): ReturnType<typeof scanObject> {
  return scanObject(encoder.encode(text), keys)
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof SluiceError) return error.code
    throw error
  }
  return 'none'
}

describe('scanObject', () => {
  test('finds the top-level values and no others', () => {
    const text = ' {"a":{"model":"inner"},"model" : "outer" ,"list":["model",{"stream":1}],"stream":true} '
    const { spans, plain } = scan(text)
    expect(spans.map((span) => span && text.slice(span.start, span.end))).toEqual(['"outer"', 'true'])
    expect(plain).toBe(true)
  })

  test.each([
    ['a repeated key', '{"model":"a","model":"b"}'],
    ['a key with escapes', '{"mod\\u0065l":"a"}'],
    ['a byte order mark', '\ufeff{"model":"a"}'],
  ])('calls %s not plain', (_, text) => {
    expect(scan(text).plain).toBe(false)
  })

  test('a repeated key that nobody asked for stays plain', () => {
    expect(scan('{"x":1,"x":2}').plain).toBe(true)
  })

  test.each([
    '',
    '   ',
    '{',
    '{"a"',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":1e}',
    '{"a":tru}',
  ])('refuses %j as JSON', (text) => {
    expect(codeOf(() => scan(text))).toBe('invalid_json')
  })

  test('names the byte at fault', () => {
    expect(() => scan('{"a": oops}')).toThrow('unexpected "o" at byte 6')
  })

  test.each(['[]', '"text"', '17', 'null'])('refuses %s as no object', (text) => {
    expect(codeOf(() => scan(text))).toBe('invalid_request')
  })

  test('refuses nesting beyond the limit and takes nesting up to it', () => {
    const nested = (depth: number): string => '{"a":' + '['.repeat(depth - 1) + ']'.repeat(depth - 1) + '}'
    expect(codeOf(() => scan(nested(maximumDepth)))).toBe('none')
    expect(codeOf(() => scan(nested(maximumDepth + 1)))).toBe('body_too_deep')
    expect(codeOf(() => scan(nested(1_000_000)))).toBe('body_too_deep')
  })

  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
  ])('refuses %s', (_, bytes) => {
    const body = Uint8Array.from([...encoder.encode('{"a":"'), ...bytes, ...encoder.encode('"}')])
    expect(codeOf(() => scanObject(body, keys))).toBe('invalid_utf8')
  })

  test('sees in a large body what it sees in a small one', () => {
    const padding = JSON.stringify('x'.repeat(20_000))
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat(255), (value, at, byte) => {
        const small = encoder.encode(`{"model":${value},"stream":"a\\"b"}`)
        small[at % small.length] = byte
        const large = new Uint8Array([...small.subarray(0, -1), ...encoder.encode(`,"padding":${padding}}`)])
        const ending = small[small.length - 1] === 0x7d
        const seen = (bytes: Uint8Array): unknown => {
          try {
            const { spans, plain, open } = scanObject(bytes, keys)
            return { spans, plain, open }
          } catch (error) {
            return (error as SluiceError).code
          }
        }
        if (ending) expect(seen(large)).toEqual(seen(small))
      }),
      { numRuns: 300 },
    )
  })

  test('agrees with JSON.parse on any value', () => {
    fc.assert(
      fc.property(fc.json(), (value) => {
        expect(codeOf(() => scan(`{"x":${value},"model":"m"}`))).toBe('none')
      }),
    )
  })

  test('agrees with the decoder and JSON.parse on any damaged bytes', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat(255), (value, at, byte) => {
        const body = encoder.encode(`{"model":${value}}`)
        body[at % body.length] = byte
        let expected = 'none'
        try {
          const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
          const parsed: unknown = JSON.parse(text)
          if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) expected = 'other'
        } catch {
          expected = 'other'
        }
        const code = codeOf(() => scanObject(body, keys))
        expect(code === 'none').toBe(expected === 'none')
        if (code === 'none') expect(() => JSON.parse(decoder.decode(body))).not.toThrow()
      }),
      { numRuns: 2000 },
    )
  })
})
