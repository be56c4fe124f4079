import { describe, expect, test } from 'vitest'
import type { Warning } from '../../ir/extensions.ts'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import { anthropicMessages } from './anthropic-messages.ts'

interface Translated {
  readonly wire: Record<string, unknown>
  /** The paths that were warned of. */
  readonly lost: readonly string[]
}

/** From OpenAI's wire to Anthropic's. */
function toAnthropic(members: object): Translated {
  const request = { model: 'claude-opus-4-6', messages: [{ role: 'user', content: 'Hi' }], ...members }
  const warnings: Warning[] = []
  const context = { warn: (warning: Warning) => warnings.push(warning) }
  const wire = anthropicMessages.request.encode(openaiChat.request.decode(request, context), context)
  return { wire: JSON.parse(JSON.stringify(wire)), lost: warnings.map(({ path }) => path) }
}

const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: {} } } }

describe('messages', () => {
  test('a plain question needs the model, a limit and its text', () => {
    expect(toAnthropic({})).toEqual({
      wire: { model: 'claude-opus-4-6', max_tokens: 128_000, messages: [{ role: 'user', content: 'Hi' }] },
      lost: [],
    })
  })

  test('system and developer messages stand before all others', () => {
    const messages = [
      { role: 'system', content: 'One.' },
      { role: 'developer', content: 'Two.' },
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'Three.' },
    ]
    const { wire, lost } = toAnthropic({ messages })
    expect(wire).toMatchObject({ system: 'One.\n\nTwo.\n\nThree.', messages: [{ role: 'user', content: 'Hi' }] })
    expect(lost).toEqual(['messages[3]'])
  })

  test('a conversation of system messages only is said by the user', () => {
    const { wire } = toAnthropic({ messages: [{ role: 'system', content: 'Go.' }] })
    expect(wire['messages']).toEqual([{ role: 'user', content: 'Go.' }])
    expect(wire).not.toHaveProperty('system')
  })

  test('cache marks on parts, messages and tools are kept', () => {
    const cache_control = { type: 'ephemeral' }
    const { wire, lost } = toAnthropic({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Long.', cache_control }] },
        { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control }] },
      ],
      tools: [
        { ...weather, cache_control },
        { type: 'function', function: { ...weather.function, cache_control } },
      ],
    })
    expect(wire['system']).toEqual([{ type: 'text', text: 'Long.', cache_control }])
    expect(wire['messages']).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control }] }])
    expect(wire['tools']).toMatchObject([{ cache_control }, { cache_control }])
    expect(lost).toEqual([])
  })

  test('all results of a turn are together, before whatever else the user says', () => {
    const call = (id: string): object => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } })
    const { wire } = toAnthropic({
      messages: [
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: '', tool_calls: [call('call:1'), call('call_2')] },
        { role: 'tool', tool_call_id: 'call:1', content: 'one' },
        { role: 'user', content: 'Well?' },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'two' }] },
      ],
      tools: [weather],
    })
    expect(wire['messages']).toEqual([
      { role: 'user', content: 'Go' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 } },
          { type: 'tool_use', id: 'call_2', name: 'f', input: { a: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: 'one' },
          { type: 'tool_result', tool_use_id: 'call_2', content: [{ type: 'text', text: 'two' }] },
          { type: 'text', text: 'Well?' },
        ],
      },
    ])
  })

  test('what says nothing is left out, and turns alternate', () => {
    const { wire } = toAnthropic({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: '' },
        { role: 'user', content: 'b' },
        { role: 'assistant', content: 'Once upon ' },
      ],
    })
    expect(wire['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'assistant', content: 'Once upon' },
    ])
  })

  test('results of tools have no empty text', () => {
    const result = (id: string, ...texts: string[]): object => ({
      role: 'tool',
      tool_call_id: id,
      content: texts.map((text) => ({ type: 'text', text })),
    })
    expect(toAnthropic({ messages: [result('a', ''), result('b', '', 'x')] }).wire['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [] },
          { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: 'x' }] },
        ],
      },
    ])
  })

  test('arguments: none are an empty object, broken ones stay readable', () => {
    const call = (text: string): object => ({ id: 'x', type: 'function', function: { name: 'f', arguments: text } })
    const messages = [{ role: 'assistant', content: null, tool_calls: [call(''), call('{"a":'), call('null')] }]
    const { wire, lost } = toAnthropic({ messages })
    expect(wire['messages']).toMatchObject([
      { content: [{ input: {} }, { input: { arguments: '{"a":' } }, { input: { arguments: 'null' } }] },
    ])
    expect(lost).toEqual(['messages[0].input', 'messages[0].input'])
  })

  test('reasoning goes back only when signed', () => {
    const { wire, lost } = toAnthropic({
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'A', reasoning_content: 'unsigned' },
        { role: 'user', content: 'And?' },
        {
          role: 'assistant',
          content: 'B',
          reasoning_details: [
            { type: 'reasoning.text', text: 'signed', signature: 'EqQ' },
            { type: 'reasoning.encrypted', data: 'xyz' },
          ],
        },
      ],
    })
    expect(wire['messages']).toMatchObject([
      {},
      { content: 'A' },
      {},
      {
        content: [
          { type: 'thinking', thinking: 'signed', signature: 'EqQ' },
          { type: 'redacted_thinking', data: 'xyz' },
          { type: 'text', text: 'B' },
        ],
      },
    ])
    expect(lost).toEqual(['messages[1].reasoning'])
  })

  test('images and files have sources', () => {
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/jpg;base64,/9j/' } },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'JVBERi0=' } },
      { type: 'file', file: { filename: 'a.txt', file_data: 'data:text/plain;base64,R3LDvMOfZQ==' } },
      { type: 'file', file: { file_id: 'file_1' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
    ]
    const { wire, lost } = toAnthropic({ messages: [{ role: 'user', content }] })
    expect(wire['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: '/9j/' } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
            title: 'a.pdf',
          },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grüße' }, title: 'a.txt' },
          { type: 'document', source: { type: 'file', file_id: 'file_1' } },
        ],
      },
    ])
    expect(lost).toEqual(['messages[0].content[1].detail', 'messages[0].content[5]'])
  })
})

describe('tools', () => {
  test.each([
    ['auto', undefined, { type: 'auto' }],
    ['none', false, { type: 'none' }],
    ['required', undefined, { type: 'any' }],
    [{ type: 'function', function: { name: 'get_weather' } }, undefined, { type: 'tool', name: 'get_weather' }],
    ['auto', false, { type: 'auto', disable_parallel_tool_use: true }],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    [undefined, true, undefined],
  ])('the choice %j, parallel %j', (tool_choice, parallel_tool_calls, expected) => {
    expect(toAnthropic({ tools: [weather], tool_choice, parallel_tool_calls }).wire['tool_choice']).toEqual(expected)
  })

  test('have a schema of an object', () => {
    const bare = { type: 'function', function: { name: 'now', description: 'The time', strict: false } }
    const custom = { type: 'custom', custom: { name: 'sql' } }
    expect(toAnthropic({ tools: [bare, custom] }).wire['tools']).toEqual([
      { name: 'now', description: 'The time', input_schema: { type: 'object', properties: {} } },
      {
        name: 'sql',
        input_schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
      },
    ])
  })

  test('cannot be forced on models that always think, and end thinking on others', () => {
    const forced = { tools: [weather], tool_choice: 'required', reasoning_effort: 'high' }
    const refusing = toAnthropic({ ...forced, model: 'claude-sonnet-5-5' })
    expect(refusing.wire).toMatchObject({ tool_choice: { type: 'auto' }, thinking: { type: 'adaptive' } })
    expect(refusing.lost).toEqual(['tool_choice'])
    const taking = toAnthropic({ ...forced, model: 'claude-sonnet-5' })
    expect(taking.wire).toMatchObject({ tool_choice: { type: 'any' }, thinking: { type: 'disabled' } })
    expect(taking.lost).toEqual(['reasoning'])
  })
})

describe('reasoning', () => {
  test.each([
    ['claude-3-7-sonnet-latest', 'high', { type: 'enabled', budget_tokens: 4096 }, undefined],
    ['claude-sonnet-4-20250514', 'minimal', { type: 'enabled', budget_tokens: 1024 }, undefined],
    ['claude-haiku-4.5', 'none', undefined, undefined],
    ['anthropic/claude-opus-4-6', 'medium', { type: 'adaptive' }, 'medium'],
    ['claude-opus-4-6', 'xhigh', { type: 'adaptive' }, 'high'],
    ['claude-opus-4-8', 'xhigh', { type: 'adaptive' }, 'xhigh'],
    ['claude-sonnet-5', 'none', { type: 'disabled' }, undefined],
    ['claude-opus-5', 'minimal', { type: 'adaptive' }, 'low'],
    ['us.anthropic.claude-sonnet-5-5', 'none', { type: 'between_tools' }, 'low'],
    ['claude-opus-5-5', 'none', undefined, 'low'],
    ['claude-fable-5-2', 'max', { type: 'adaptive' }, 'max'],
    ['claude-novel-7', 'low', { type: 'adaptive' }, 'low'],
    ['MiniMax-M3', 'high', undefined, undefined],
  ])('%s with effort %s', (model, reasoning_effort, thinking, effort) => {
    const { wire } = toAnthropic({ model, reasoning_effort })
    expect(wire['thinking']).toEqual(thinking)
    expect(wire['output_config']).toEqual(effort === undefined ? undefined : { effort })
  })

  test('a budget leaves room for the answer, or is left out', () => {
    const model = 'claude-sonnet-4-5'
    const thinking = (max_tokens: number): unknown =>
      toAnthropic({ model, max_tokens, reasoning_effort: 'max' }).wire['thinking']
    expect(thinking(50_000)).toEqual({ type: 'enabled', budget_tokens: 16_384 })
    expect(thinking(2000)).toEqual({ type: 'enabled', budget_tokens: 1999 })
    expect(thinking(1024)).toBeUndefined()
  })

  test('with a budget waits for the next turn when this one began without', () => {
    const messages = [
      { role: 'user', content: 'Go' },
      { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'a', content: 'x' },
    ]
    const { wire, lost } = toAnthropic({
      model: 'claude-sonnet-4-5',
      messages,
      reasoning_effort: 'low',
      tools: [weather],
    })
    expect(wire).not.toHaveProperty('thinking')
    expect(lost).toEqual(['reasoning'])
  })
})

describe('sampling', () => {
  test.each([
    ['claude-3-5-haiku-latest', { temperature: 1.5, top_p: 0.9 }, { temperature: 1, top_p: 0.9 }],
    ['claude-opus-4-5', { temperature: 0.2, top_p: 0.9 }, { temperature: 0.2 }],
    ['claude-opus-4-5', { top_p: 0.9 }, { top_p: 0.9 }],
    ['claude-opus-4-7', { temperature: 0.2, top_p: 0.9 }, {}],
    ['claude-opus-4-5', { temperature: 0.2, reasoning_effort: 'high' }, {}],
  ])('%s with %j', (model, asked, sent) => {
    const { wire } = toAnthropic({ model, ...asked })
    const { temperature, top_p } = wire
    expect(JSON.parse(JSON.stringify({ temperature, top_p }))).toEqual(sent)
  })

  test('a default that is not taken is no loss', () => {
    expect(
      toAnthropic({ model: 'claude-opus-5-5', temperature: 1, top_p: 1, n: 1, frequency_penalty: 0 }).lost,
    ).toEqual([])
  })
})

describe('the rest', () => {
  test('has a place, or a warning', () => {
    const { wire, lost } = toAnthropic({
      max_completion_tokens: 200_000,
      stop: ['END', ' '],
      user: 'u-1',
      service_tier: 'default',
      stream: true,
      stream_options: { include_usage: true },
      metadata: { a: 'b' },
      seed: 1,
      n: 2,
    })
    expect(wire).toMatchObject({
      max_tokens: 128_000,
      stop_sequences: ['END'],
      metadata: { user_id: 'u-1' },
      service_tier: 'standard_only',
      stream: true,
    })
    expect(wire).not.toHaveProperty('stream_options')
    expect(lost.toSorted()).toEqual(['max_tokens', 'metadata', 'n', 'seed', 'stop', 'stream_options'])
  })

  test('a schema for the answer is closed and freed of bounds', () => {
    const schema = {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } } },
      },
    }
    const { wire, lost } = toAnthropic({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })
    expect(wire['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: {
            list: {
              type: 'array',
              items: { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false },
            },
          },
        },
      },
    })
    expect(lost).toEqual(['response_format.minimum'])
  })

  test('JSON that the model cannot be held to is asked for in words', () => {
    const old = toAnthropic({
      model: 'claude-3-haiku',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
    })
    expect(old.wire['system']).toMatch(/^Be kind\.\n\nAnswer with one JSON value.*\{"type":"object"\}$/s)
    expect(toAnthropic({ response_format: { type: 'json_object' } }).wire['system']).toMatch(/JSON object/)
  })
})
