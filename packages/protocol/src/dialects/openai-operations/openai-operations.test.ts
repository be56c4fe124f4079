import { describe, expect, test } from 'vitest'
import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Dialect, Tap } from '../../dialect.ts'
import { totalInput } from '../../ir/usage.ts'
import { relayedDialects } from './openai-operations.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function dialect(id: string): Dialect {
  return relayedDialects.find((candidate) => candidate.id === id)!
}

/** What is relayed of an answer that comes in pieces of `size` bytes. */
function relay(tap: Tap, answer: string, size: number): string {
  const bytes = encoder.encode(answer)
  const relayed: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const now = tap.write(bytes.slice(at, at + size))
    if (now !== undefined) relayed.push(now)
  }
  const rest = tap.end()
  if (rest !== undefined) relayed.push(rest)
  return decoder.decode(joinBytes(relayed))
}

describe('a form', () => {
  const { peek, patch, rewrite } = dialect('openai-transcriptions')
  const changes = { model: 'whisper-1', modelJson: encoder.encode('"whisper-1"'), includeUsage: false }
  const part = (name: string, value: string): string =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

  test.each([
    [
      'in its place',
      `${part('a', '1')}${part('model', 'mine')}--x--\r\n`,
      `${part('a', '1')}${part('model', 'whisper-1')}--x--\r\n`,
    ],
    [
      'in front where it is missing',
      `${part('a', '1')}--x--\r\n`,
      `${part('model', 'whisper-1')}${part('a', '1')}--x--\r\n`,
    ],
  ])('gets the model’s name %s', (_where, body, expected) => {
    const bytes = encoder.encode(body)
    expect(decoder.decode(joinBytes(patch!(bytes, peek(bytes), changes)!))).toBe(expected)
    expect(decoder.decode(rewrite(bytes, changes))).toBe(expected)
  })

  test('that is none is refused', () => {
    expect(() => peek(encoder.encode('{"model":"x"}'))).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })
})

describe('an answer to a form', () => {
  const answers = {
    json: '{"text":"Hi","usage":{"type":"tokens","input_tokens":30,"input_token_details":{"audio_tokens":28},"output_tokens":4}}',
    events:
      'data: {"type":"transcript.text.delta","delta":"Hi"}\n\ndata: {"type":"transcript.text.done","text":"Hi","usage":{"input_tokens":30,"output_tokens":4}}\n\n',
    text: 'Hi\n',
    subtitles: 'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHi\n\n',
    nothing: '',
  }
  test.each(Object.entries(answers))('in %s is relayed as it is, however it is split', (kind, answer) => {
    for (let size = 1; size <= answer.length; size++) {
      const tap = dialect('openai-transcriptions').tap.result()
      expect(relay(tap, answer, size)).toBe(answer)
      expect([tap.error, tap.complete]).toEqual([undefined, true])
      const usage = tap.usage()
      expect(usage && [totalInput(usage), usage.output]).toEqual(
        kind === 'json' || kind === 'events' ? [30, 4] : undefined,
      )
    }
  })

  test('that is an error is not taken for one', () => {
    for (const answer of [
      '{"error":{"message":"no"}}',
      'data: {"error":{"message":"no"}}\n\n',
      'data: {"type":"error","message":"no"}\n\n',
      'data: {"error":"no"}\n\n',
      'event: error\ndata: {"message":"no"}\n\n',
      'event: error\ndata: no\n\n',
      '\ufeffdata: {"error":"no"}\n\n',
      '\ufeffevent: error\ndata: no\n\n',
    ]) {
      const tap = dialect('openai-transcriptions').tap.result()
      relay(tap, answer, 7)
      expect(tap.error).toBeDefined()
      // Nothing was committed to, so that the failure can still be answered as one.
      expect([tap.started, tap.complete]).toEqual([false, false])
    }
  })

  test('that breaks off is not whole', () => {
    for (const answer of [answers.json.slice(0, -1), answers.events.slice(0, 60)]) {
      const tap = dialect('openai-image-edits').tap.result()
      relay(tap, answer, 10)
      expect(tap.complete).toBe(false)
    }
  })
})

test('a stream of pictures is whole with its last event, which has the usage', () => {
  const { tap } = dialect('openai-images')
  const piece =
    'event: image_generation.partial_image\ndata: {"type":"image_generation.partial_image","b64_json":"AAAA"}\n\n'
  const last =
    'event: image_generation.completed\ndata: {"type":"image_generation.completed","usage":{"input_tokens":5,"output_tokens":9,"input_tokens_details":{"image_tokens":2}}}\n\n'
  const watching = tap.stream({ hideUsage: false })
  expect(relay(watching, piece + last, 11)).toBe(piece + last)
  expect([watching.complete, watching.usage()]).toMatchObject([true, { input: 3, imageInput: 2, output: 9 }])
  const cut = tap.stream({ hideUsage: false })
  relay(cut, piece, 11)
  expect([cut.started, cut.complete]).toEqual([true, false])
})

describe('usage that is not of tokens alone', () => {
  test('counts the seconds of what was heard, in whole ones', () => {
    const tap = dialect('openai-transcriptions').tap.result()
    relay(tap, '{"text":"Hi","usage":{"type":"duration","seconds":8.2}}', 7)
    expect(tap.usage()).toMatchObject({ audioSeconds: 9, input: 0, output: 0 })
    const endless = dialect('openai-transcriptions').tap.result()
    relay(endless, '{"text":"Hi","usage":{"type":"duration","seconds":1e300}}', 7)
    expect(endless.usage()).toBeUndefined()
  })

  test('counts the characters that were to be spoken, and not their halves', () => {
    const tap = dialect('openai-speech').tap.result(encoder.encode('{"model":"tts-1","input":"Hi 😀"}'))
    relay(tap, 'sound', 2)
    expect(tap.usage()).toMatchObject({ characters: 4, input: 0 })
    expect(dialect('openai-speech').tap.result(encoder.encode('{')).usage()).toBeUndefined()
  })

  test('tells tokens of pictures from those of text', () => {
    const tap = dialect('openai-images').tap.result()
    const usage = { input_tokens: 5, output_tokens: 9, output_tokens_details: { image_tokens: 7, text_tokens: 2 } }
    relay(tap, JSON.stringify({ created: 1, data: [{}], usage }), 11)
    expect(tap.usage()).toMatchObject({ input: 5, output: 2, imageOutput: 7 })
  })
})
