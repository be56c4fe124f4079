import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SluiceError } from '../errors/sluice-error.ts'
import { encodeSseComment, encodeSseEvent, encodeSseLine } from './encode-sse.ts'
import { createSseParser, type SseEvent, type SseParserOptions } from './sse-parser.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function parse(chunks: Iterable<Uint8Array>, options?: SseParserOptions): SseEvent[] {
  const events: SseEvent[] = []
  const parser = createSseParser((event) => events.push(event), options)
  for (const chunk of chunks) parser.write(chunk)
  parser.end()
  return events
}

const parseText = (text: string): SseEvent[] => parse([bytes(text)])

describe('the SSE parser', () => {
  it('accepts LF, CRLF and CR, also mixed', () => {
    const expected = [{ data: 'a' }, { data: 'b\nc', event: 'named' }]
    for (const end of ['\n', '\r\n', '\r']) {
      expect(parseText(`data: a\n\nevent: named\ndata:b\ndata: c\n\n`.replaceAll('\n', end))).toEqual(expected)
    }
    expect(parseText('data: a\r\n\nevent: named\rdata:b\ndata: c\r\r\n')).toEqual(expected)
  })

  it('skips comments, unknown fields, a byte order mark and events without data', () => {
    expect(parseText('\uFEFFdata: a\n\n: keep-alive\n\nretry: 10\nevent: empty\n\nwhatever\ndata: b\n\n')).toEqual([
      { data: 'a' },
      { data: 'b' },
    ])
  })

  it('keeps only one leading space and tells empty data from none', () => {
    expect(parseText('data:  a\n\ndata:\n\ndata\ndata\n\n')).toEqual([{ data: ' a' }, { data: '' }, { data: '\n' }])
  })

  it('remembers the last id until another is set', () => {
    expect(parseText('id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n').map((event) => event.id)).toEqual([
      '1',
      '1',
      '2',
    ])
  })

  it('delivers a last event that lacks its blank line', () => {
    expect(parseText('data: a\n\ndata: [DONE]')).toEqual([{ data: 'a' }, { data: '[DONE]' }])
  })

  it('gives the same events wherever the bytes are split', () => {
    const text =
      '\uFEFF: hi\r\ndata: {"é":"😀"}\r\n\r\nevent: x\rid: 7\rdata: a\rdata: b\r\rdata: ß\n\ndata: [DONE]\n\n'
    const whole = bytes(text)
    const expected = parse([whole])
    expect(expected).toHaveLength(4)
    for (let at = 0; at <= whole.length; at++) {
      expect(parse([whole.subarray(0, at), whole.subarray(at)])).toEqual(expected)
    }
    expect(parse(Array.from(whole, (_, index) => whole.subarray(index, index + 1)))).toEqual(expected)
  })

  it('gives the same events for any input split into any chunks', () => {
    const line = fc.constantFrom('data: x', 'data:', 'data: é😀', ':c', 'event: e', 'id: 1', '', 'junk', 'data')
    const end = fc.constantFrom('\n', '\r\n', '\r')
    const input = fc.array(fc.tuple(line, end)).map((lines) => bytes(lines.flat().join('')))
    fc.assert(
      fc.property(input, fc.array(fc.nat({ max: 80 })), (whole, cuts) => {
        const sorted = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].sort((a, b) => a - b)
        const chunks = sorted.slice(1).map((cut, index) => whole.subarray(sorted[index], cut))
        expect(parse(chunks)).toEqual(parse([whole]))
      }),
    )
  })

  it('reads a long line fed in tiny pieces', () => {
    const size = 400_000
    const events: SseEvent[] = []
    const parser = createSseParser((event) => events.push(event))
    parser.write(bytes('data: '))
    const piece = bytes('x')
    for (let index = 0; index < size; index++) parser.write(piece)
    parser.write(bytes('\n\n'))
    expect(events[0]?.data.length).toBe(size)
  })

  it('refuses an event beyond the limit, as one line, as many, and unfinished', () => {
    const options = { maxEventLength: 100 }
    const tooLong = [`data: ${'x'.repeat(101)}\n\n`, 'data: 0123456789\n'.repeat(10), 'x'.repeat(101)]
    for (const text of tooLong) {
      const run = (): unknown =>
        parse(
          Array.from(bytes(text), (byte) => Uint8Array.of(byte)),
          options,
        )
      expect(run).toThrow(SluiceError)
      expect(run).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
    }
    expect(parse([bytes(`data: ${'x'.repeat(90)}\n\n`.repeat(50))], options)).toHaveLength(50)
  })
})

describe('the SSE encoder', () => {
  it('is undone by the parser', () => {
    const word = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\0]/g, ''))
    const event = fc.record({
      data: fc.string({ unit: fc.constantFrom('a', '\n', ' ', ':', 'é', '😀', '\uFEFF') }),
      event: word.filter((text) => text !== ''),
      id: word,
    })
    fc.assert(
      fc.property(fc.array(event), (events) => {
        expect(parseText(events.map(encodeSseEvent).join(''))).toEqual(events)
      }),
    )
  })

  it('turns every line break into a data line', () => {
    expect(encodeSseEvent({ data: 'a\r\nb\rc\nd' })).toBe('data: a\ndata: b\ndata: c\ndata: d\n\n')
    expect(encodeSseLine('{}')).toBe('data: {}\n\n')
  })

  it('writes comments and names that cannot break out of their line', () => {
    expect(parseText(encodeSseComment('still\ndata: here'))).toEqual([])
    expect(parseText(encodeSseEvent({ event: 'a\ndata: b', data: 'c' }))).toEqual([{ event: 'a data: b', data: 'c' }])
  })
})
