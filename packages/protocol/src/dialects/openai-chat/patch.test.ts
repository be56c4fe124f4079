import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinBytes } from '../../bytes/join-bytes.ts'
import { patchChatRequest, rewriteChatRequest } from './patch.ts'
import { peekChatRequest, peekOutputLimit } from './peek.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function patch(text: string, model = 'new', includeUsage = true): string | undefined {
  const body = encoder.encode(text)
  const pieces = patchChatRequest(body, peekChatRequest(body), {
    model,
    modelJson: encoder.encode(JSON.stringify(model)),
    includeUsage,
  })
  return pieces === undefined ? undefined : decoder.decode(joinBytes(pieces))
}

function rewrite(text: string, model = 'new', includeUsage = true): string {
  return decoder.decode(
    rewriteChatRequest(encoder.encode(text), { model, modelJson: encoder.encode(JSON.stringify(model)), includeUsage }),
  )
}

describe('patchChatRequest', () => {
  test('replaces the name and nothing else', () => {
    expect(patch('{ "model" : "old",\n "temperature":1.0,"messages":[] }')).toBe(
      '{ "model" : "new",\n "temperature":1.0,"messages":[] }',
    )
  })

  test('leaves the bytes alone when the name stays', () => {
    const body = encoder.encode('{"model":"same","messages":[]}')
    expect(
      patchChatRequest(body, peekChatRequest(body), {
        model: 'same',
        modelJson: encoder.encode('"same"'),
        includeUsage: true,
      }),
    ).toEqual([body])
  })

  test.each([
    [
      'adds options',
      '{"model":"a","stream":true}',
      '{"stream_options":{"include_usage":true},"model":"new","stream":true}',
    ],
    [
      'replaces null options',
      '{"stream_options":null,"model":"a","stream":true}',
      '{"stream_options":{"include_usage":true},"model":"new","stream":true}',
    ],
    [
      'fills empty options',
      '{"stream":true,"stream_options":{ },"model":"a"}',
      '{"stream":true,"stream_options":{"include_usage":true },"model":"new"}',
    ],
    [
      'joins other options',
      '{"stream":true,"stream_options":{"x":1},"model":"a"}',
      '{"stream":true,"stream_options":{"include_usage":true,"x":1},"model":"new"}',
    ],
    [
      'turns false to true',
      '{"stream":true,"stream_options":{"include_usage":false},"model":"a"}',
      '{"stream":true,"stream_options":{"include_usage":true},"model":"new"}',
    ],
    [
      'keeps true',
      '{"stream":true,"stream_options":{"include_usage":true},"model":"a"}',
      '{"stream":true,"stream_options":{"include_usage":true},"model":"new"}',
    ],
    ['says the model when none was said', '{"messages":[]}', '{"model":"new","messages":[]}'],
    ['leaves options alone without a stream', '{"stream":false,"model":"a"}', '{"stream":false,"model":"new"}'],
  ])('%s', (_, before, after) => {
    expect(patch(before)).toBe(after)
  })

  test('escapes a name that needs it', () => {
    expect(JSON.parse(patch('{"model":"a"}', 'quo"te\\')!)).toEqual({ model: 'quo"te\\' })
  })

  test.each([
    '{}',
    '{"model":"a","model":"b"}',
    '{"mod\\u0065l":"a"}',
    '{"model":"a","stream":true,"stream_options":{"include_usage":false,"include_usage":true}}',
  ])('refuses %s', (text) => {
    expect(patch(text)).toBeUndefined()
    expect(JSON.parse(rewrite(text))).toMatchObject({ model: 'new' })
  })

  test('numbers reach the provider as they were written, on both ways', () => {
    const numbers = '"a":1.0,"b":-0,"c":1e400,"d":12345678901234567890,"e":[1.50,{"f":0.10}]'
    expect(patch(`{"model":"m",${numbers}}`)).toContain(numbers)
    expect(rewrite(`{"model":"m",${numbers}}`)).toContain(numbers)
  })

  test('means the same as rewriting, for any request', () => {
    const options = fc.option(
      fc.oneof(fc.constant(null), fc.record({ include_usage: fc.boolean(), x: fc.jsonValue() }, { requiredKeys: [] })),
      { nil: undefined },
    )
    const request = fc.record({
      model: fc.option(fc.string(), { nil: undefined }),
      stream: fc.boolean(),
      stream_options: options,
      messages: fc.jsonValue(),
      extra: fc.jsonValue(),
    })
    fc.assert(
      fc.property(request, fc.string(), fc.boolean(), (value, model, includeUsage) => {
        const text = JSON.stringify(value)
        expect(JSON.parse(patch(text, model, includeUsage)!)).toEqual(JSON.parse(rewrite(text, model, includeUsage)))
      }),
    )
  })
})

describe('peekChatRequest', () => {
  test('reads what routing needs', () => {
    expect(
      peekChatRequest(encoder.encode('{"model":"m","stream":true,"stream_options":{"include_usage":true}}')),
    ).toMatchObject({
      model: 'm',
      stream: true,
      usageRequested: true,
      plain: true,
    })
  })

  test('decodes escapes in the name', () => {
    expect(peekChatRequest(encoder.encode('{"model":"a\\u002fb"}')).model).toBe('a/b')
  })

  test.each(['256', '0', '-1', '1.5', '2e3', '12345678901234567890', 'null', '"256"', '[256]', '{}', 'true'])(
    'sees that max_tokens is %s as parsing it would',
    (text) => {
      const body = encoder.encode(`{"messages":[{"max_tokens":1}], "max_tokens": ${text} ,"n":3}`)
      const parsed: unknown = JSON.parse(text)
      const seen = (name: string): number | undefined => peekOutputLimit(body, peekChatRequest(body), name)
      expect(seen('max_tokens')).toBe(typeof parsed === 'number' ? parsed : undefined)
      expect([seen('n'), seen('max_completion_tokens')]).toEqual([3, undefined])
    },
  )

  test.each(['{"model":17}', '{"model":["a"]}', '{"stream":"yes"}', '{"stream":1}'])(
    'refuses %s and names the field',
    (text) => {
      expect(() => peekChatRequest(encoder.encode(text))).toThrowError(
        expect.objectContaining({ code: 'invalid_request', param: expect.any(String) }),
      )
    },
  )
})
