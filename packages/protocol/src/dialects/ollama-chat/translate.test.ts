import { describe, expect, it } from 'vitest'
import type { ChatRequest, ChatResult } from '../../ir/chat.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { Warning } from '../../ir/extensions.ts'
import { unfoldChatResult } from '../../ir/unfold-chat-result.ts'
import { noUsage } from '../../ir/usage.ts'
import { anthropicMessages } from '../anthropic-messages/anthropic-messages.ts'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import { requests } from './__fixtures__/requests.ts'
import { results } from './__fixtures__/results.ts'
import { ollamaChat } from './ollama-chat.ts'

interface Said {
  readonly value: unknown
  /** Paths of what could not be said. */
  readonly warned: readonly string[]
}

function hear(run: (context: { warn(warning: Warning): void }) => unknown): Said {
  const warned: string[] = []
  return { value: run({ warn: ({ path }) => void warned.push(path) }), warned }
}

const question = { role: 'user', content: 'Hi' } as const
const quiet = { warn: () => undefined }

function say(request: Partial<ChatRequest>): Said {
  return hear((context) => ollamaChat.request.encode({ model: 'm', messages: [question], ...request }, context))
}

const tool = (name: string, members: object = {}) => ({ type: 'function', name, ...members }) as const
const call = { type: 'tool-call', kind: 'function', id: 'c1', name: 'look', input: '' } as const
const png = { from: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const

describe('another dialect’s request', () => {
  it('has its numbers among the options, and always says whether it streams', () => {
    const { value, warned } = say({
      maxOutputTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: 0.5,
      presencePenalty: 0,
      seed: 7,
      stop: 'END',
      logprobs: true,
      topLogprobs: 2,
      choiceCount: 1,
      store: false,
      serviceTier: 'auto',
    })
    expect(value).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: false,
      logprobs: true,
      top_logprobs: 2,
      options: {
        num_predict: 9,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 40,
        frequency_penalty: 0.5,
        presence_penalty: 0,
        seed: 7,
        stop: ['END'],
      },
    })
    expect(warned).toEqual([])
    expect(say({ stream: true, temperature: null }).value).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    })
  })

  it.each([
    [{ effort: 'none' }, false, []],
    [{ effort: 'minimal' }, 'low', ['reasoning']],
    [{ effort: 'medium' }, 'medium', []],
    [{ effort: 'xhigh' }, 'max', ['reasoning']],
    [{ maxTokens: 8000 }, 'high', ['reasoning']],
    [{}, undefined, []],
  ])('thinks %j', (reasoning, think, warned) => {
    const said = say({ reasoning })
    expect((said.value as { think?: unknown }).think).toBe(think)
    expect(said.warned).toEqual(warned)
  })

  it.each<[NonNullable<ChatRequest['toolChoice']>, readonly string[] | undefined, readonly string[]]>([
    [{ type: 'auto' }, ['a', 'b'], []],
    [{ type: 'none' }, undefined, []],
    [{ type: 'required' }, ['a', 'b'], ['tool_choice']],
    [{ type: 'tool', kind: 'function', name: 'b' }, ['b'], ['tool_choice']],
    [{ type: 'allowed', mode: 'auto', tools: [{ type: 'function', function: { name: 'a' } }] }, ['a'], []],
  ])('offers the tools that are left by %j', (toolChoice, names, warned) => {
    const said = say({ tools: [tool('a'), tool('b', { parameters: { type: 'object' } })], toolChoice })
    const { tools } = said.value as { tools?: readonly { function: { name: string } }[] }
    expect(tools?.map(({ function: { name } }) => name)).toEqual(names)
    expect(said.warned).toEqual(warned)
  })

  it('has each message as one string, with what is beside it', () => {
    const { value, warned } = say({
      messages: [
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'Be brief.' },
            { type: 'text', text: 'Be kind.' },
          ],
        },
        {
          role: 'user',
          name: 'Ann',
          content: [
            { type: 'text', text: 'This?' },
            { type: 'image', media: png },
          ],
        },
        { role: 'user', content: [{ type: 'image', media: { from: 'url', url: 'https://example.com/a.png' } }] },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm.', signature: 's' },
            { type: 'text', text: 'Let me look.' },
            { ...call, input: '{"at":"it"}' },
            { ...call, id: 'c2', name: 'free', kind: 'custom', input: 'text' },
          ],
        },
        { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: 'a cat' }] },
        { role: 'tool', toolCallId: 'c2', content: 'no', isError: true },
      ],
    })
    expect(value).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.\nBe kind.' },
        { role: 'user', content: 'This?', images: [png.data] },
        { role: 'user', content: '' },
        {
          role: 'assistant',
          content: 'Let me look.',
          thinking: 'Hm.',
          tool_calls: [
            { id: 'c1', function: { name: 'look', arguments: { at: 'it' } } },
            { id: 'c2', function: { name: 'free', arguments: { input: 'text' } } },
          ],
        },
        { role: 'tool', content: 'a cat', tool_name: 'look', tool_call_id: 'c1' },
        { role: 'tool', content: 'no', tool_name: 'free', tool_call_id: 'c2' },
      ],
    })
    expect(warned).toEqual([
      'messages[1].name',
      'messages[2].content[0]',
      'messages[3].content[0].signature',
      'messages[5].is_error',
    ])
  })

  it('loses with a warning what has no place', () => {
    const { warned } = say({
      choiceCount: 2,
      user: 'u',
      metadata: { a: 'b' },
      logitBias: { 1: 1 },
      parallelToolCalls: false,
      serviceTier: 'flex',
      store: true,
      tools: [tool('a', { strict: true }), { type: 'provider', extensions: { other: { type: 'search' } } }],
      responseFormat: { type: 'json-schema', name: 'n', description: 'd', schema: {}, strict: true },
    })
    expect(new Set(warned)).toEqual(
      new Set([
        'logit_bias',
        'metadata',
        'n',
        'parallel_tool_calls',
        'response_format.description',
        'service_tier',
        'store',
        'tools[0].strict',
        'tools[1]',
        'tools[1].type',
        'user',
      ]),
    )
  })
})

describe('Ollama’s request in another dialect', () => {
  const decode = (wire: unknown): ChatRequest => ollamaChat.request.decode(wire, quiet)

  it('gives the calls ids, and each result that of the first open call of its tool', () => {
    const { messages } = decode(requests['a tool loop'])
    const wire = openaiChat.request.encode({ model: 'm', messages }, quiet) as { messages: readonly object[] }
    expect(wire.messages.slice(1)).toMatchObject([
      { tool_calls: [{ id: 'call_1_0' }, { id: 'call_1_1' }] },
      { role: 'tool', tool_call_id: 'call_1_0', content: 'sunny' },
      { role: 'tool', tool_call_id: 'call_1_1', content: 'rainy' },
    ])
  })

  it('knows images by their first bytes', () => {
    const { value, warned } = hear((context) => anthropicMessages.request.encode(decode(requests['images']), context))
    expect(value).toMatchObject({
      messages: [
        {
          content: [
            { type: 'image', source: { media_type: 'image/png' } },
            { type: 'image', source: { media_type: 'image/jpeg' } },
            { type: 'text', text: 'What is this?' },
          ],
        },
      ],
    })
    expect(warned).toEqual([])
  })

  it('streams where it does not say otherwise', () => {
    expect(decode(requests['the least']).stream).toBe(true)
    expect(decode(requests['no stream']).stream).toBe(false)
  })

  it('says what is lost of how the model is run', () => {
    const { value, warned } = hear((context) => openaiChat.request.encode(decode(requests['options']), context))
    expect(value).toMatchObject({
      temperature: 0.5,
      top_k: 40,
      seed: 7,
      max_completion_tokens: 200,
      stop: ['END', '\n\n'],
    })
    expect(warned).toEqual(['keep_alive', 'truncate', 'options'])
    const unlimited = hear((context) =>
      openaiChat.request.encode(decode(requests['options that are no limits']), context),
    )
    expect(unlimited.value).not.toHaveProperty('max_completion_tokens')
  })

  it.each([
    [{ model: 'm', messages: [{ role: 'bard', content: '' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content'],
    [{ model: 'm', messages: {} }, 'messages'],
    [{ model: 'm', messages: [], tools: [{ type: 'function' }] }, 'tools[0].function'],
    [{ messages: [] }, 'model'],
  ])('is refused where it has no meaning: %j', (wire, param) => {
    expect(() => decode(wire)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

describe('another dialect’s answer', () => {
  const answer: ChatResult = {
    id: 'x',
    model: 'm',
    created: 1_787_323_394,
    choices: [
      {
        index: 0,
        content: [
          { type: 'reasoning', text: 'Hm.', signature: 's' },
          { type: 'text', text: 'Yes.', annotations: [{ type: 'url-citation', url: 'u' }] },
          { ...call, input: '{"a":1}' },
          { ...call, id: 'c2', input: '[broken' },
        ],
        finishReason: 'tool-calls',
      },
      { index: 1, content: [{ type: 'text', text: 'No.' }], finishReason: 'stop' },
    ],
    usage: { ...noUsage, input: 5, cacheRead: 3, output: 7, reasoning: 2 },
  }
  const message = {
    content: 'Yes.',
    thinking: 'Hm.',
    tool_calls: [
      { id: 'c1', function: { index: 0, name: 'look', arguments: { a: 1 } } },
      { id: 'c2', function: { index: 1, name: 'look', arguments: { input: '[broken' } } },
    ],
  }
  const end = { done: true, done_reason: 'stop', prompt_eval_count: 8, eval_count: 9 }

  it('is one of Ollama’s', () => {
    const { value, warned } = hear((context) => ollamaChat.result.encode(answer, context))
    expect(value).toEqual({
      model: 'm',
      created_at: '2026-08-21T14:43:14.000Z',
      message: { role: 'assistant', ...message },
      ...end,
    })
    expect(warned).toHaveLength(4)
  })

  it('is a stream of Ollama’s', () => {
    const lines = stream(unfoldChatResult(answer))
    expect(lines.map((line) => line['done'])).toEqual([false, false, false, false, true])
    expect(lines.at(-1)).toMatchObject({ message: { role: 'assistant', content: '' }, ...end })
    const messages = lines.map((line) => line['message'] as Partial<typeof message>)
    expect(messages.flatMap((said) => said.tool_calls ?? [])).toEqual(message.tool_calls)
    expect(messages.map((said) => said.thinking ?? '').join('')).toBe('Hm.')
    expect(messages.map((said) => said.content).join('')).toBe('Yes.')
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content-filter', 'content_filter'],
  ] as const)('that ended with %s says %s', (finishReason, word) => {
    const result = { ...answer, choices: [{ index: 0, content: [], finishReason }] }
    expect(ollamaChat.result.encode(result, quiet)).toMatchObject({ done: true, done_reason: word })
    expect(stream(unfoldChatResult(result)).at(-1)).toMatchObject({ done: true, done_reason: word })
  })

  function stream(events: readonly ChatEvent[]): readonly Record<string, unknown>[] {
    let text = ''
    const encoder = ollamaChat.stream.encoder((piece) => void (text += String(piece)), {
      ...quiet,
      includeUsage: false,
    })
    for (const event of events) encoder.write(event)
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
})

describe('Ollama’s answer in another dialect', () => {
  it('has ids that differ from answer to answer, and that OpenAI takes', () => {
    const { id, choices } = ollamaChat.result.decode(results['tool-call-without-id'], quiet)
    expect(id).toBe('ollama-20260707T203253844124Z')
    const [part] = choices[0]?.content ?? []
    expect(part).toMatchObject({ type: 'tool-call', id: 'call_20260707T203253844124Z_0', input: '{"city":"Tokyo"}' })
    expect(choices[0]?.finishReason).toBe('tool-calls')
  })
})
