import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { countTokensDialects } from '@sluice/protocol/dialects'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** The official clients, unmodified, counting tokens at providers that count them, and at one that does not. */
let world: TestGateway
let anthropic: Anthropic
let openai: OpenAI
let google: GoogleGenAI

beforeAll(async () => {
  const behind = (url: string, speaks: readonly string[], model: string) => ({
    type: 'openai_compatible' as const,
    base_url: url,
    api_key: 'upstream-key',
    max_retries: 0,
    speaks: [...speaks],
    models: [model],
    models_path: null,
  })
  world = await startTestGateway({
    simulator: { models: ['small'] },
    providers: ({ url }) => ({
      ...Object.fromEntries(countTokensDialects.map(({ id }) => [`via-${id}`, behind(url, [id], 'small')])),
      mute: behind(url, ['openai-chat'], 'gpt-4o'),
    }),
    config: {
      // So that nobody asks what it serves.
      providers: { lab: { models: ['small'], models_path: null } },
      routes: {
        either: {
          strategy: 'first-available',
          targets: [{ model: 'mute/gpt-4o', max_concurrent: 1 }, 'via-openai-input-tokens/small'],
        },
      },
    },
  })
  const { gateway, url } = world
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 })
  openai = new OpenAI({ baseURL: url, apiKey: 'any', maxRetries: 0 })
  google = new GoogleGenAI({
    apiKey: 'any',
    httpOptions: { baseUrl: gateway.url, retryOptions: { attempts: 1 } },
  })
})
beforeEach(() => world.simulator.reset())
afterAll(() => world.close())

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(world.gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

describe.each(countTokensDialects.map(({ id }) => [id]))('at a provider that speaks %s', (id) => {
  const model = `via-${id}:small`
  // Three for the message and one for each word, as the simulator counts.
  const expected = 6

  test('Anthropic’s client', async () => {
    const before = world.usage.length
    const { data, response } = await anthropic.messages
      .countTokens({ model, messages: [{ role: 'user', content: 'Weather in Oslo?' }] })
      .withResponse()
    expect(data.input_tokens).toBe(expected)
    expect(response.headers.get('x-sluice-estimate')).toBeNull()
    expect(world.simulator.requests).toHaveLength(1)
    expect(await world.settled(before)).toMatchObject({
      operation: 'count-tokens',
      outcome: 'ok',
      provider: `via-${id}`,
      usage: undefined,
      cost: undefined,
    })
  })

  test('OpenAI’s client', async () => {
    expect(await openai.responses.inputTokens.count({ model, input: 'Weather in Oslo?' })).toEqual({
      object: 'response.input_tokens',
      input_tokens: expected,
    })
  })

  test('Google’s client', async () => {
    const counted = await google.models.countTokens({ model, contents: 'Weather in Oslo?' })
    expect(counted.totalTokens).toBe(expected)
  })

  test('hears of errors in the words of the caller’s wire', async () => {
    const fault = { on: 'count-tokens' as const, fault: { kind: 'status' as const, status: 429, retryAfter: 1 } }
    world.simulator.next(fault, fault, fault)
    const messages = [{ role: 'user' as const, content: 'Hello' }]
    await expect(anthropic.messages.countTokens({ model, messages })).rejects.toBeInstanceOf(Anthropic.RateLimitError)
    await expect(openai.responses.inputTokens.count({ model, input: 'x' })).rejects.toBeInstanceOf(
      OpenAI.RateLimitError,
    )
    await expect(google.models.countTokens({ model, contents: 'x' })).rejects.toMatchObject({ status: 429 })
  })
})

test('tools, system and pictures cross to another wire, and nothing that only concerns the answer', async () => {
  const counted = await anthropic.messages.countTokens({
    model: 'via-openai-input-tokens:small',
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Weather in Oslo?' }],
    tools: [{ name: 'look', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }],
    thinking: { type: 'enabled', budget_tokens: 1024 },
  })
  expect(counted.input_tokens).toBeGreaterThan(6)
  const sent = world.simulator.requests.at(-1)
  expect(sent?.path).toBe('/v1/responses/input_tokens')
  expect(sent?.json()).toMatchObject({ model: 'small', tools: [{ type: 'function', name: 'look' }] })
  for (const name of ['store', 'stream', 'max_output_tokens', 'include']) expect(sent?.json()).not.toHaveProperty(name)
})

test('a whole request in Google’s shape names the provider’s model', async () => {
  const model = 'via-gemini-count-tokens:small'
  const contents = [{ role: 'user', parts: [{ text: 'Weather in Oslo?' }] }]
  const generateContentRequest = { model: `models/${model}`, contents }
  const answer = await post(`/v1beta/models/${model}:countTokens`, { generateContentRequest })
  expect(await answer.json()).toMatchObject({ totalTokens: 6 })
  expect(world.simulator.requests.at(-1)?.json()).toEqual({
    generateContentRequest: { model: 'models/small', contents },
  })
})

describe('at a provider that counts no tokens', () => {
  const model = 'mute:gpt-4o'

  test.each([
    ['Anthropic’s', '/v1/messages/count_tokens', { messages: [{ role: 'user', content: 'Hello there' }] }],
    ['OpenAI’s', '/v1/responses/input_tokens', { input: 'Hello there' }],
    [
      'Google’s',
      `/v1beta/models/${model}:countTokens`,
      { contents: [{ role: 'user', parts: [{ text: 'Hello there' }] }] },
    ],
  ])('they are estimated, and said to be, in %s shape', async (_, path, body) => {
    const before = world.usage.length
    const response = await post(path, { model, ...body })
    expect(response.headers.get('x-sluice-estimate')).toBe('true')
    expect(response.headers.get('x-sluice-provider')).toBe('mute')
    const answer = (await response.json()) as Record<string, unknown>
    // Two words, the role, and what frames messages.
    expect(answer['input_tokens'] ?? answer['totalTokens']).toBe(9)
    expect(world.simulator.requests).toHaveLength(0)
    expect(await world.settled(before)).toMatchObject({ operation: 'count-tokens', outcome: 'ok', cost: undefined })
  })

  test('the clients take the estimates', async () => {
    const messages = [{ role: 'user' as const, content: 'Hello there' }]
    expect(await anthropic.messages.countTokens({ model, messages })).toEqual({ input_tokens: 9 })
    expect(await openai.responses.inputTokens.count({ model, input: 'Hello there' })).toMatchObject({ input_tokens: 9 })
    expect(await google.models.countTokens({ model, contents: 'Hello there' })).toMatchObject({ totalTokens: 9 })
  })

  test('what only a provider remembers is refused', async () => {
    const asked = openai.responses.inputTokens.count({ model, input: 'x', previous_response_id: 'resp_1' })
    await expect(asked).rejects.toMatchObject({ status: 400, param: 'previous_response_id' })
  })

  test('a route takes it all the same, and gives the place back', async () => {
    for (let time = 0; time < 3; time++) {
      const counted = await openai.responses.inputTokens.count({ model: 'either', input: 'Hello there' })
      expect(counted.input_tokens).toBe(9)
    }
    const broken = openai.responses.inputTokens.count({ model: 'either', input: 7 as never })
    await expect(broken).rejects.toMatchObject({ status: 400 })
    expect(await openai.responses.inputTokens.count({ model: 'either', input: 'Hello there' })).toMatchObject({
      input_tokens: 9,
    })
    expect(world.simulator.requests).toHaveLength(0)
  })
})
