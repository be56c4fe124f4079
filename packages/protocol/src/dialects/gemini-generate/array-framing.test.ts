import { expect, test } from 'vitest'
import { geminiGenerate } from './gemini-generate.ts'
import { streams } from './__fixtures__/streams.ts'

const path = '/v1beta/models/gemini-3.8-flash:streamGenerateContent'

function eventsOf(bytes: Uint8Array): readonly unknown[] {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/)
  return lines.filter((line) => line.startsWith('data:')).map((line) => JSON.parse(line.slice(5)) as unknown)
}

function reframe(pieces: readonly Uint8Array[]): { readonly texts: readonly string[]; readonly contentType: string } {
  const framing = geminiGenerate.peekPath?.(path, '').framing
  if (framing === undefined) throw new TypeError('no framing')
  const reframer = framing.reframer()
  return { texts: [...pieces.map((piece) => reframer.write(piece)), reframer.end()], contentType: framing.contentType }
}

test.each(Object.entries(streams))('%s is the same as an array, wherever it is split', (_, bytes) => {
  const events = eventsOf(bytes)
  for (let at = 0; at <= bytes.length; at++) {
    const { texts, contentType } = reframe([bytes.subarray(0, at), bytes.subarray(at)])
    expect(JSON.parse(texts.join(''))).toEqual(events)
    expect(contentType).toBe('application/json; charset=utf-8')
  }
})

test('each event goes out when it is there', () => {
  const events = ['data: {"a":1}\n\n', 'data: {"b":2}\n\n'].map((text) => new TextEncoder().encode(text))
  expect(reframe(events).texts).toEqual(['[{"a":1}', ',\r\n{"b":2}', ']\n'])
  expect(reframe([]).texts).toEqual(['[]\n'])
})

test.each([['alt=sse'], ['key=k&alt=sse'], ['$alt=sse'], ['%24alt=sse&key=k']])('%s asks for events', (query) => {
  expect(geminiGenerate.peekPath?.(path, query)).toEqual({ model: 'gemini-3.8-flash', stream: true })
})

test.each([[''], ['alt=json'], ['key=alt=sse2'], ['xalt=sse']])('%s does not', (query) => {
  expect(geminiGenerate.peekPath?.(path, query).framing).toBeDefined()
})
