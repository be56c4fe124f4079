import type { ChatMessage, ChatRequest, ContentPart, Tool } from '@sluice/protocol'
import { describe, expect, it } from 'vitest'
import { countTokens } from './count-tokens.ts'
import { encodingOf, loadEncoding } from './encoding-of.ts'
import { imageSize } from './image-size.ts'
import { imageTokens } from './image-tokens.ts'

describe('encodings', () => {
  it('are those of the model, however its name is written', () => {
    const expected = {
      'gpt-4o': 'o200k_base',
      'openai/gpt-4o-mini': 'o200k_base',
      'ft:gpt-4o:acme::id': 'o200k_base',
      'ft:gpt-4:acme': 'cl100k_base',
      'gpt-4.1-nano': 'o200k_base',
      'gpt-4.5-preview': 'o200k_base',
      'gpt-4-0613': 'cl100k_base',
      'gpt-35-turbo': 'cl100k_base',
      'gpt-5.4': 'o200k_base',
      'openai/gpt-oss-120b': 'o200k_harmony',
      'text-embedding-3-small': 'cl100k_base',
      'text-davinci-003': 'p50k_base',
      davinci: 'r50k_base',
    }
    for (const [model, encoding] of Object.entries(expected))
      expect(`${model} ${encodingOf(model)}`).toBe(`${model} ${encoding}`)
    for (const model of ['gpt-6-sol', 'claude-sonnet-5', 'llama-3.3-70b']) expect(encodingOf(model)).toBeUndefined()
  })

  it('count what their makers count', async () => {
    const cl100k = await loadEncoding('cl100k_base')
    const o200k = await loadEncoding('o200k_base')
    expect(cl100k('tiktoken is great!')).toBe(6)
    expect(cl100k('antidisestablishmentarianism')).toBe(6)
    expect(cl100k('お誕生日おめでとう')).toBe(9)
    expect(o200k('お誕生日おめでとう')).toBe(8)
    expect(o200k('2 + 2 = 4')).toBe(7)
    expect(o200k('a <|endoftext|> b')).toBeGreaterThan(3)
  })
})

describe('a text without an end of a word', () => {
  const messages = (content: string): ChatMessage[] => [{ role: 'user', content }]
  const overhead = 7

  it.each([
    ['letters of a script without spaces', '中', 1],
    ['signs', '😀', 1],
    ['gaps', ' ', 3 / 255],
    ['gaps of several kinds', ' \u3000', 1 / 2],
    ['digits', '123', 1],
    ['slashes and line breaks', '/\n', 1],
  ])('is counted in parts: %s', async (_, unit, tokensOfOne) => {
    const count = 200_000
    const { tokens, exact, method } = await countTokens({ model: 'gpt-4o', messages: messages(unit.repeat(count)) })
    expect({ exact, method }).toEqual({ exact: false, method: 'o200k_base with words without an end' })
    expect(Math.abs(tokens - overhead - count * tokensOfOne)).toBeLessThan(count * tokensOfOne * 0.05)
  })

  it('is what no text in sentences is', async () => {
    const content = '天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。'.repeat(500)
    expect(await countTokens({ model: 'gpt-4o', messages: messages(content) })).toMatchObject({ exact: true })
  })
})

it('only estimates what is more than any model reads', async () => {
  const text = (words: number): ContentPart => ({ type: 'text', text: 'word '.repeat(words) })
  const count = (...content: ContentPart[]) => countTokens({ model: 'gpt-4.1', messages: [{ role: 'user', content }] })
  expect(await count(text(10_000))).toMatchObject({ exact: true })
  const long = await count(text(10_000), text(3_000_000))
  expect(long).toMatchObject({ exact: false, method: 'o200k_base with more than is counted' })
  expect(long.tokens).toBeGreaterThan(3_000_000)
  expect(long.tokens).toBeLessThan(4_500_000)
})

describe('countTokens', () => {
  // The example of OpenAI's cookbook, whose counts its API confirmed.
  const example: ChatMessage[] = [
    {
      role: 'system',
      content: 'You are a helpful, pattern-following assistant that translates corporate jargon into plain English.',
    },
    { role: 'system', name: 'example_user', content: 'New synergies will help drive top-line growth.' },
    { role: 'system', name: 'example_assistant', content: 'Things working well together will increase revenue.' },
    {
      role: 'system',
      name: 'example_user',
      content: "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
    },
    {
      role: 'system',
      name: 'example_assistant',
      content: "Let's talk later when we're less busy about how to do better.",
    },
    {
      role: 'user',
      content: "This late pivot means we don't have time to boil the ocean for the client deliverable.",
    },
  ]

  it('is exact for text to chat models of OpenAI', async () => {
    expect(await countTokens({ model: 'gpt-4-0613', messages: example })).toEqual({
      tokens: 129,
      exact: true,
      method: 'cl100k_base',
    })
    expect(await countTokens({ model: 'gpt-3.5-turbo-0125', messages: example })).toMatchObject({ tokens: 129 })
    expect(await countTokens({ model: 'openai/gpt-4o', messages: example })).toEqual({
      tokens: 124,
      exact: true,
      method: 'o200k_base',
    })
  })

  it('counts tools as the cookbook does, and says that it is an estimate', async () => {
    const weather: Tool = {
      type: 'function',
      name: 'get_current_weather',
      description: 'Get the current weather in a given location',
      parameters: {
        type: 'object',
        properties: {
          location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' },
          unit: { type: 'string', description: 'The unit of temperature to return', enum: ['celsius', 'fahrenheit'] },
        },
        required: ['location'],
      },
    }
    const request: ChatRequest = {
      model: 'gpt-4o',
      messages: [
        { role: 'system', content: 'You are a helpful assistant that can answer to questions about the weather.' },
        { role: 'user', content: "What's the weather like in San Francisco?" },
      ],
      tools: [weather],
    }
    const { tokens, exact, method } = await countTokens(request)
    expect({ exact, method }).toEqual({ exact: false, method: 'o200k_base with tools' })
    // The API says 101.
    expect(Math.abs(tokens - 101)).toBeLessThanOrEqual(3)
  })

  it('labels what it can only estimate', async () => {
    const messages: ChatMessage[] = [{ role: 'user', content: 'x'.repeat(350) }]
    expect(await countTokens({ model: 'claude-sonnet-5', messages })).toMatchObject({
      exact: false,
      method: 'characters / 3.5',
    })
    expect((await countTokens({ model: 'claude-sonnet-5', messages })).tokens).toBeGreaterThan(100)
    expect((await countTokens({ model: 'gpt-5.4', messages })).exact).toBe(false)
    const chinese = await countTokens({
      model: 'qwen3.8-max',
      messages: [{ role: 'user', content: '你好'.repeat(50) }],
    })
    expect(chinese.tokens).toBeGreaterThanOrEqual(100)
  })

  it('adds images by their size', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAABAAAAAQACAIAAADwf7zUAAAAAElFTkSuQmCC'
    const image = { type: 'image', media: { from: 'base64', mediaType: 'image/png', data: png } } as const
    const text = await countTokens({ model: 'gpt-4o', messages: [{ role: 'user', content: [] }] })
    const seen = await countTokens({ model: 'gpt-4o', messages: [{ role: 'user', content: [image] }] })
    expect(imageSize(png)).toEqual({ width: 1024, height: 1024 })
    expect(seen.tokens - text.tokens).toBe(765)
    expect(seen).toMatchObject({ exact: false, method: 'o200k_base with images' })
  })
})

describe('imageTokens', () => {
  it('follows the documented examples', () => {
    expect(imageTokens('gpt-4o', { width: 1024, height: 1024 }, 'high')).toBe(765)
    expect(imageTokens('gpt-4o', { width: 2048, height: 4096 })).toBe(1105)
    expect(imageTokens('gpt-4o', { width: 4096, height: 8192 }, 'low')).toBe(85)
    expect(imageTokens('gpt-4o-mini', { width: 512, height: 512 })).toBe(8500)
    expect(imageTokens('gpt-4.1-mini', { width: 1024, height: 1024 })).toBe(1659)
    expect(imageTokens('gpt-4.1-mini', { width: 1800, height: 2400 })).toBe(2489)
    expect(imageTokens('claude-sonnet-5', { width: 1000, height: 1000 })).toBe(1334)
    expect(imageTokens('gemini-2.5-pro', { width: 300, height: 300 })).toBe(258)
    expect(imageTokens('gemini-2.5-pro', { width: 960, height: 540 })).toBe(516)
  })

  it('reads the size of what it knows, and of nothing else', () => {
    expect(imageSize('R0lGODlhAQACAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7')).toEqual({ width: 1, height: 2 })
    expect(
      imageSize(btoa('RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x1f\x03\x00\x57\x02\x00????')),
    ).toEqual({
      width: 800,
      height: 600,
    })
    const jpeg =
      '\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x02\x58\x03\x20\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01'
    expect(imageSize(btoa(`${jpeg}and so on`))).toEqual({ width: 800, height: 600 })
    expect(imageSize('not base64!')).toBeUndefined()
    expect(imageSize(btoa('a text that is certainly no image at all'))).toBeUndefined()
    expect(imageSize('iVBORw0KGgo=')).toBeUndefined()
  })
})
