import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { ChatRequest, ChatResult } from '../../ir/chat.ts'
import type { Warning } from '../../ir/extensions.ts'
import { foldChatEvents } from '../../ir/fold-chat-events.ts'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import { requests } from './__fixtures__/requests.ts'
import { results } from './__fixtures__/results.ts'
import { cohereChat } from './cohere-chat.ts'

interface Said {
  readonly wire: Readonly<Record<string, unknown>>
  /** Their paths. */
  readonly warned: readonly string[]
}

function hear<T>(run: (context: { warn(warning: Warning): void }) => T): { value: T; warned: readonly string[] } {
  const warned: string[] = []
  return { value: run({ warn: ({ path }) => void warned.push(path) }), warned }
}

function say(request: Partial<ChatRequest>): Said {
  const whole = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...request } as const
  const { value, warned } = hear((context) => cohereChat.request.encode(whole, context))
  return { wire: value as Said['wire'], warned }
}

const tool = (name: string, members: object = {}) => ({ type: 'function', name, ...members }) as const
const call = { type: 'tool-call', kind: 'function', id: 'c1', name: 'look', input: '' } as const

describe('another dialect’s request', () => {
  it('has Cohere’s names', () => {
    const { wire, warned } = say({
      maxOutputTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: 0.5,
      presencePenalty: 0,
      seed: 7,
      stop: 'END',
      logprobs: true,
      stream: true,
      choiceCount: 1,
      store: false,
      serviceTier: 'auto',
    })
    expect(wire).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 9,
      temperature: 0.5,
      p: 0.9,
      k: 40,
      frequency_penalty: 0.5,
      presence_penalty: 0,
      seed: 7,
      stop_sequences: ['END'],
      logprobs: true,
      stream: true,
    })
    expect(warned).toEqual([])
  })

  it('keeps within what Cohere takes, and says so', () => {
    const { wire, warned } = say({
      topP: 1,
      topK: 1000,
      frequencyPenalty: -1,
      presencePenalty: 2,
      stop: ['1', '2', '3', '4', '5', '6'],
    })
    expect(wire).toMatchObject({ p: 0.99, k: 500, frequency_penalty: 0, presence_penalty: 1 })
    expect(wire['stop_sequences']).toEqual(['1', '2', '3', '4', '5'])
    expect(warned).toEqual(['top_p', 'top_k', 'frequency_penalty', 'presence_penalty', 'stop'])
  })

  it('leaves out what was said as null', () => {
    expect(say({ temperature: null, stop: null, user: null, logitBias: null })).toEqual({
      wire: { model: 'm', messages: [{ role: 'user', content: 'Hi' }] },
      warned: [],
    })
  })

  it('tells what has no counterpart', () => {
    const { warned } = say({ choiceCount: 2, user: 'u', metadata: { a: 'b' }, parallelToolCalls: false, store: true })
    expect(warned).toEqual(['n', 'parallel_tool_calls', 'user', 'metadata', 'store'])
    expect(say({ serviceTier: 'flex', modalities: ['text', 'audio'] }).warned).toEqual(['service_tier', 'modalities'])
  })

  it.each<[ChatRequest['toolChoice'], unknown, readonly string[]]>([
    [{ type: 'auto' }, undefined, ['look', 'go']],
    [{ type: 'none' }, 'NONE', ['look', 'go']],
    [{ type: 'required' }, 'REQUIRED', ['look', 'go']],
    [{ type: 'tool', kind: 'function', name: 'go' }, 'REQUIRED', ['go']],
    [{ type: 'allowed', mode: 'auto', tools: [{ type: 'function', function: { name: 'look' } }] }, undefined, ['look']],
  ])('chooses tools: %j', (toolChoice, word, names) => {
    const { wire, warned } = say({ tools: [tool('look'), tool('go')], ...(toolChoice && { toolChoice }) })
    expect(wire['tool_choice']).toBe(word)
    const functions = (wire['tools'] as { function: { name: string; parameters: unknown } }[]).map(
      (item) => item.function,
    )
    expect(functions).toEqual(names.map((name) => ({ name, parameters: { type: 'object', properties: {} } })))
    expect(warned).toEqual([])
  })

  it('holds all tools to their schemas, or none', () => {
    expect(say({ tools: [tool('look', { strict: true })] })).toMatchObject({ wire: { strict_tools: true }, warned: [] })
    expect(say({ tools: [tool('look', { strict: true }), tool('go')] }).warned).toEqual(['tools'])
    expect(say({ tools: [tool('look', { strict: false })] }).wire).not.toHaveProperty('strict_tools')
  })

  it('sends what is said before calls as their plan', () => {
    const { wire } = say({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'assistant', content: [{ type: 'reasoning', text: 'Hm' }, { type: 'text', text: 'Wait.' }, call] },
        { role: 'tool', toolCallId: 'c1', content: 'sunny' },
      ],
    })
    expect(wire['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 'Hm' }],
        tool_plan: 'Wait.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
    ])
  })

  it('asks for JSON by its schema, and beside tools in words', () => {
    const responseFormat = { type: 'json-schema', name: 'a', schema: { type: 'object' }, strict: true } as const
    expect(say({ responseFormat })).toMatchObject({
      wire: { response_format: { type: 'json_object', json_schema: { type: 'object' } } },
      warned: [],
    })
    const { wire, warned } = say({ responseFormat, tools: [tool('look')] })
    expect(wire).not.toHaveProperty('response_format')
    expect(wire['messages']).toMatchObject([
      { role: 'system', content: expect.stringContaining('{"type":"object"}') },
      {},
    ])
    expect(warned).toEqual(['response_format'])
  })

  it.each([
    [{ effort: 'none' }, { type: 'disabled' }],
    [{ effort: 'low' }, { type: 'enabled', token_budget: 1024 }],
    [{ effort: 'high' }, { type: 'enabled' }],
    [{ maxTokens: 300 }, { type: 'enabled', token_budget: 300 }],
  ])('thinks: %j', (reasoning, thinking) => {
    expect(say({ reasoning }).wire['thinking']).toEqual(thinking)
  })
})

describe('Cohere’s own request, in OpenAI’s words', () => {
  function translate(name: string): { readonly wire: unknown; readonly warned: readonly string[] } {
    const { value, warned } = hear((context) =>
      openaiChat.request.encode(cohereChat.request.decode(requests[name], context), context),
    )
    return { wire: value, warned }
  }

  it('keeps the tool loop: plan, calls, what documents hold', () => {
    expect(translate('a tool loop').wire).toMatchObject({
      messages: [
        {},
        { content: 'I will look up the weather.', tool_calls: [{ id: 'get_weather_abc' }, { id: 'now_def' }, {}] },
        {
          role: 'tool',
          tool_call_id: 'get_weather_abc',
          content: [{ text: '{"temperature":20,"sky":"clear"}' }, { text: '{"wind":3}' }, { text: 'measured at noon' }],
        },
        { role: 'tool', tool_call_id: 'now_def', content: '{"time":"12:00"}' },
      ],
      tools: [{ function: { name: 'get_weather', strict: true } }, { function: { name: 'now', strict: true } }],
      tool_choice: 'required',
    })
  })

  it('tells what only Cohere takes', () => {
    const { warned } = translate('thinking and documents')
    expect(warned).toContain('documents')
    expect(translate('parameters').warned).toEqual(
      expect.arrayContaining(['safety_mode', 'citation_options', 'priority', 'future']),
    )
  })
})

describe('answers', () => {
  it('cite pages by their address', () => {
    const result = cohereChat.result.decode(results['thinking and citations'], { warn: () => undefined })
    const text = result.choices[0]?.content[1]
    expect(text).toMatchObject({
      type: 'text',
      annotations: [{ type: 'other' }, { type: 'url-citation', url: 'https://yr.no', title: 'Yr', start: 6, end: 11 }],
    })
  })

  it('of other dialects are told with citations, and refusals as text', () => {
    const annotations = [{ type: 'url-citation', url: 'https://a.b', title: 'A', start: 0, end: 2 }] as const
    const result: ChatResult = {
      id: 'x',
      model: 'm',
      choices: [
        {
          index: 0,
          content: [
            { type: 'reasoning', text: '', encrypted: 'c2ln' },
            { type: 'text', text: 'It is', annotations },
            { type: 'refusal', text: 'No.' },
          ],
          finishReason: 'content-filter',
        },
      ],
    }
    const { value, warned } = hear((context) => cohereChat.result.encode(result, context))
    expect(value).toEqual({
      id: 'x',
      finish_reason: 'ERROR_TOXIC',
      message: {
        role: 'assistant',
        content: [
          { type: 'text', text: 'It is' },
          { type: 'text', text: 'No.' },
        ],
        citations: [
          {
            start: 0,
            end: 2,
            text: 'It',
            sources: [{ type: 'document', id: 'https://a.b', document: { url: 'https://a.b', title: 'A' } }],
            content_index: 0,
            type: 'TEXT_CONTENT',
          },
        ],
      },
    })
    expect(warned).toEqual(['message.content[0]', 'message.content[2]'])
  })

  it('count cached tokens once, and bill what Cohere bills', () => {
    const { usage } = cohereChat.result.decode(results['text'], { warn: () => undefined })
    expect(usage).toMatchObject({ input: 101, cacheRead: 400, output: 5, reported: { input: 501, output: 5 } })
    const billed = cohereChat.result.decode(results['a stop sequence and unknown members'], { warn: () => undefined })
    expect(billed.usage).toMatchObject({ input: 8, output: 5 })
  })
})

it.each(['text', 'thinking'])(
  'reads many of %s and citations in linear time: in quadratic time half a minute',
  (type) => {
    const count = 150_000
    const event = (name: string, more: object): string => `data: ${JSON.stringify({ type: name, ...more })}\n\n`
    const contents = Array.from({ length: count }, (_, index) =>
      [
        event('content-start', { index, delta: { message: { content: { type, [type]: 'a' } } } }),
        event('content-end', { index }),
        event('citation-start', { index, delta: { message: { citations: { start: 0, end: 1, text: 'a' } } } }),
      ].join(''),
    )
    const events: ChatEvent[] = []
    const decoder = cohereChat.stream.decoder((told) => events.push(told), { warn: () => undefined })
    const stream = [event('message-start', { id: '1' }), ...contents, event('message-end', {})].join('')
    decoder.write(new TextEncoder().encode(stream))
    decoder.end()
    expect(foldChatEvents(events).choices[0]?.content).toHaveLength(count)
  },
)

it('writes parallel calls one after the other', () => {
  const written: string[] = []
  const encoder = cohereChat.stream.encoder((piece) => written.push(String(piece)), {
    warn: () => undefined,
    includeUsage: true,
  })
  encoder.write({ type: 'message-start', id: 'x', model: 'm' })
  for (const part of [0, 1])
    encoder.write({ type: 'part-start', choice: 0, part, content: { ...call, id: `c${part}` } })
  for (const part of [1, 0]) encoder.write({ type: 'tool-input-delta', choice: 0, part, input: `{"p":${part}}` })
  for (const part of [0, 1]) encoder.write({ type: 'part-end', choice: 0, part })
  encoder.write({ type: 'choice-finish', choice: 0, finishReason: 'tool-calls' })
  encoder.write({ type: 'message-end' })
  const events = written
    .join('')
    .split('\n\n')
    .map((event) => /^event: (.*)$/m.exec(event)?.[1])
  const one = ['tool-call-start', 'tool-call-delta', 'tool-call-end']
  expect(events).toEqual(['message-start', ...one, ...one, 'message-end', undefined, undefined])
})
