import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNdjsonParser, type NdjsonParserOptions } from './ndjson-parser.ts'

const encoder = new TextEncoder()

function read(chunks: readonly Uint8Array[], options?: NdjsonParserOptions): unknown[] {
  const values: unknown[] = []
  const parser = createNdjsonParser((value) => values.push(value), options)
  for (const chunk of chunks) parser.write(chunk)
  parser.end()
  return values
}

const text = (value: string): Uint8Array[] => [encoder.encode(value)]
const invalid = expect.objectContaining({ code: 'upstream_invalid_response' })

describe('lines of JSON', () => {
  it.each([
    ['{"a":1}\n{"b":2}\n', [{ a: 1 }, { b: 2 }]],
    ['{"a":1}\r\n{"b":2}\r\n', [{ a: 1 }, { b: 2 }]],
    ['\n\n{"a":1}\n \t\n\r\n[2]\n', [{ a: 1 }, [2]]],
    ['{"a":1}\n{"b":2}', [{ a: 1 }, { b: 2 }]],
    ['null\nfalse\n0\n""\n', [null, false, 0, '']],
    ['\uFEFF{"a":"é😀"}\n', [{ a: 'é😀' }]],
    ['', []],
  ])('%j', (lines, expected) => {
    expect(read(text(lines))).toEqual(expected)
  })

  it('say the same wherever their bytes are split', () => {
    const lines = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 })
    const ends = fc.constantFrom('\n', '\r\n', '\n\n')
    fc.assert(
      fc.property(lines, ends, fc.array(fc.nat({ max: 40 })), (values, end, sizes) => {
        const bytes = encoder.encode(values.map((value) => JSON.stringify(value) + end).join(''))
        const chunks: Uint8Array[] = []
        let from = 0
        for (const size of [...sizes, bytes.length]) {
          chunks.push(bytes.subarray(from, from + size))
          from = Math.min(from + size, bytes.length)
        }
        expect(read(chunks)).toEqual(JSON.parse(JSON.stringify(values)))
      }),
    )
  })

  it.each(['{"a":1}\n{"b":', '{"a":1}\n{"b":"é'])('drop what was cut within a line: %j', (lines) => {
    expect(read([encoder.encode(lines).subarray(0, -1)])).toEqual([{ a: 1 }])
  })

  it('are delivered before the line that is wrong', () => {
    const values: unknown[] = []
    const parser = createNdjsonParser((value) => values.push(value))
    expect(() => parser.write(encoder.encode('{"a":1}\n<html>\n'))).toThrow(invalid)
    expect(values).toEqual([{ a: 1 }])
  })
})

describe('what is refused', () => {
  it('bytes that are not UTF-8', () => {
    expect(() => read([Uint8Array.of(0x22, 0xff, 0x22, 0x0a)])).toThrow(invalid)
  })

  it('a line that is too long, as soon as that is known', () => {
    expect(read(text('"12345678"\n'), { maxLineLength: 10 })).toEqual(['12345678'])
    expect(() => read(text('"123456789"\n'), { maxLineLength: 10 })).toThrow(invalid)
    const parser = createNdjsonParser(() => undefined, { maxLineLength: 10 })
    parser.write(encoder.encode('"12345'))
    expect(() => parser.write(encoder.encode('6789a'))).toThrow(invalid)
  })
})
