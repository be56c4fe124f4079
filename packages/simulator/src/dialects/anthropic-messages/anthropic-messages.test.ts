import Anthropic from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator.ts'

let simulator: Simulator
let client: Anthropic
afterEach(() => simulator.close())

async function start(options: SimulatorOptions = {}, apiKey = 'sk-ant-test'): Promise<void> {
  await (simulator as Simulator | undefined)?.close()
  simulator = await startSimulator(options)
  client = new Anthropic({ baseURL: simulator.origin, apiKey, maxRetries: 0 })
}
beforeEach(() => start())

const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Good morning' }]
const usual = { model: 'claude-sonnet-5-5', max_tokens: 1000, messages }
const spoken = "This is Sluice's demo provider, not a model. You said: Good morning"
const weather: Anthropic.Tool = {
  name: 'get_weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

describe('an answer', () => {
  test('is a whole message, with the headers that clients look at', async () => {
    const { data, response, request_id: id } = await client.messages.create(usual).withResponse()
    expect(data).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5-5',
      content: [{ type: 'text', text: spoken }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 5, output_tokens: 12, cache_read_input_tokens: 0 },
    })
    expect(data.id).toMatch(/^msg_/)
    expect(id).toMatch(/^req_/)
    expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toMatch(/^\d+$/)
  })

  test('stops at the limit', async () => {
    expect(await client.messages.create({ ...usual, max_tokens: 3 })).toMatchObject({
      stop_reason: 'max_tokens',
      content: [{ text: "This is Sluice's" }],
      usage: { output_tokens: 3 },
    })
  })

  test('counts cached input apart', async () => {
    simulator.next({
      reply: { text: 'x', usage: { input: 100, cachedInput: 60, cacheWrite: 30, output: 5, reasoning: 2 } },
    })
    expect((await client.messages.create(usual)).usage).toMatchObject({
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      output_tokens: 5,
      output_tokens_details: { thinking_tokens: 2 },
    })
  })

  test('explains a refusal', async () => {
    simulator.next('refusal')
    expect(await client.messages.create(usual)).toMatchObject({
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', explanation: "I'm sorry, I can't help with that." },
    })
  })

  test('is JSON by a schema when asked', async () => {
    const schema = {
      type: 'object',
      properties: { age: { type: 'integer' } },
      required: ['age'],
      additionalProperties: false,
    }
    const answer = await client.messages.create({
      ...usual,
      output_config: { format: { type: 'json_schema', schema } },
    })
    const [block] = answer.content
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual({ age: 1 })
  })
})

describe('a stream', () => {
  test('has the same message as the answer, block by block', async () => {
    simulator.always({
      reply: {
        reasoning: 'Hmm, let me see.',
        text: 'Yes.',
        toolCalls: [{ name: 'get_weather', arguments: { city: 'Zürich 🏔' } }, { name: 'now' }],
      },
    })
    const stream = client.messages.stream(usual)
    const events: string[] = []
    stream.on('streamEvent', ({ type }) => events.push(type))
    const message = await stream.finalMessage()
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'Hmm, let me see.', signature: expect.stringMatching(/^EqQB/) },
      { type: 'text', text: 'Yes.' },
      { type: 'tool_use', name: 'get_weather', input: { city: 'Zürich 🏔' } },
      { type: 'tool_use', name: 'now', input: {} },
    ])
    expect(message.stop_reason).toBe('tool_use')
    expect(events.filter((type) => type === 'message_start')).toHaveLength(1)
    expect(events.at(-2)).toBe('message_delta')
    expect(events.at(-1)).toBe('message_stop')
    const whole = await client.messages.create(usual)
    const withoutIds = (content: unknown): unknown =>
      JSON.parse(JSON.stringify(content, (key, value: unknown) => (key === 'id' || key === 'signature' ? '' : value)))
    expect(withoutIds(message.content)).toEqual(withoutIds(whole.content))
    expect(message.usage.output_tokens).toBe(whole.usage.output_tokens)
  })

  test('reaches the helpers for text', async () => {
    let text = ''
    const stream = client.messages.stream(usual).on('text', (delta) => (text += delta))
    expect(await stream.finalText()).toBe(spoken)
    expect(text).toBe(spoken)
  })

  test.each(['byte-by-byte', 'crlf', 'keep-alive'] as const)('survives %s', async (preset) => {
    simulator.next(preset)
    expect(await client.messages.stream(usual).finalText()).toBe(spoken)
  })

  test('that fails says so', async () => {
    simulator.next({ fault: { kind: 'error-inside', at: 4, error: { status: 529 } } })
    const failure = client.messages.stream(usual).finalMessage()
    await expect(failure).rejects.toMatchObject({
      type: 'overloaded_error',
      message: expect.stringContaining('Overloaded'),
    })
    simulator.next('reset-mid-body')
    await expect(client.messages.stream(usual).finalMessage()).rejects.toThrow(/terminated|reset|closed/i)
  })
})

describe('tools', () => {
  test('are called when forced, and their results are answered', async () => {
    const tools = [weather]
    const asked = await client.messages.create({ ...usual, tools, tool_choice: { type: 'any' } })
    const [call] = asked.content
    if (call?.type !== 'tool_use') throw new Error('no call')
    expect(call).toMatchObject({ name: 'get_weather', input: { city: 'example' } })
    const results: Anthropic.ContentBlockParam[] = [{ type: 'tool_result', tool_use_id: call.id, content: '18 °C' }]
    const turns = [
      ...messages,
      { role: 'assistant' as const, content: asked.content },
      { role: 'user' as const, content: results },
    ]
    const answer = await client.messages.create({ ...usual, tools, messages: turns })
    expect(answer.content).toMatchObject([{ text: expect.stringMatching(/18 °C$/) }])
  })
})

test('tokens are counted', async () => {
  simulator.next('server-error')
  expect(await client.messages.countTokens({ model: 'claude-sonnet-5-5', messages })).toEqual({ input_tokens: 5 })
  expect(simulator.pending).toBe(1)
})

describe('errors', () => {
  test.each([
    [400, Anthropic.BadRequestError, 'invalid_request_error'],
    [401, Anthropic.AuthenticationError, 'authentication_error'],
    [403, Anthropic.PermissionDeniedError, 'permission_error'],
    [404, Anthropic.NotFoundError, 'not_found_error'],
    [429, Anthropic.RateLimitError, 'rate_limit_error'],
    [500, Anthropic.InternalServerError, 'api_error'],
    [529, Anthropic.InternalServerError, 'overloaded_error'],
  ] as const)('of status %i', async (status, kind, type) => {
    simulator.next({ fault: { kind: 'status', status } })
    const error = (await client.messages.create(usual).catch((reason: unknown) => reason)) as InstanceType<
      typeof Anthropic.APIError
    >
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({ status, type, requestID: expect.stringMatching(/^req_/) })
  })

  test('for keys and models', async () => {
    await start({ apiKey: 'sk-right', models: ['claude-haiku-5-5'] }, 'sk-wrong')
    await expect(client.messages.create(usual)).rejects.toMatchObject({ status: 401 })
    client = new Anthropic({ baseURL: simulator.origin, apiKey: 'sk-right', maxRetries: 0 })
    await expect(client.messages.create(usual)).rejects.toMatchObject({ status: 404, type: 'not_found_error' })
  })

  const call = { type: 'tool_use', id: 'a', name: 'n', input: {} }
  test.each<[string, object, RegExp]>([
    ['no limit', { max_tokens: undefined }, /max_tokens: Field required/],
    ['an unknown member', { frequency_penalty: 1 }, /frequency_penalty: Extra inputs/],
    ['no messages', { messages: [] }, /at least one message/],
    ['empty text', { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }, /non-empty/],
    [
      'a call without a result',
      { messages: [...messages, { role: 'assistant', content: [call] }, ...messages] },
      /without `tool_result`/,
    ],
    [
      'a result without a call',
      { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x' }] }] },
      /unexpected/,
    ],
    [
      'an id of other characters',
      { messages: [{ role: 'assistant', content: [{ ...call, id: 'a:b' }] }] },
      /match pattern/,
    ],
    [
      'unsigned thinking',
      { messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'x' }] }] },
      /signature/,
    ],
    ['a schema without type', { tools: [{ name: 'n', input_schema: {} }] }, /input_schema.type/],
    ['a choice without tools', { tool_choice: { type: 'auto' } }, /while providing tools/],
    ['too hot', { temperature: 1.5 }, /temperature/],
    ['a blank stop', { stop_sequences: [' '] }, /non-whitespace/],
    ['a large budget', { thinking: { type: 'enabled', budget_tokens: 2000 } }, /must be greater than/],
    [
      'a forced call while thinking',
      { thinking: { type: 'adaptive' }, tools: [weather], tool_choice: { type: 'any' } },
      /forces tool use/,
    ],
  ])('for a request with %s', async (_, change, message) => {
    const body = JSON.stringify({ ...usual, ...change })
    const response = await fetch(`${simulator.url}/messages`, {
      method: 'POST',
      body,
      headers: { 'anthropic-version': '2023-06-01' },
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringMatching(message) },
    })
  })

  test('for a version that is missing, or has no sampling', async () => {
    const post = (body: object, headers: Record<string, string>): Promise<Response> =>
      fetch(`${simulator.url}/messages`, { method: 'POST', body: JSON.stringify(body), headers })
    expect((await post(usual, {})).status).toBe(400)
    expect((await post({ ...usual, temperature: 1 }, { 'anthropic-version': '2026-10-21' })).status).toBe(400)
    expect((await post({ ...usual, temperature: 1 }, { 'anthropic-version': '2023-06-01' })).status).toBe(200)
  })
})
