import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Simulator, SimulatorOptions } from '../../simulator.ts'
import { startSimulator } from '../../simulator.ts'

let simulator: Simulator
let client: OpenAI
afterEach(() => simulator.close())

async function start(options: SimulatorOptions = {}, apiKey = 'sk-test'): Promise<void> {
  await (simulator as Simulator | undefined)?.close()
  simulator = await startSimulator(options)
  client = new OpenAI({ baseURL: simulator.url, apiKey, maxRetries: 0 })
}
beforeEach(() => start())

const messages = [{ role: 'user' as const, content: 'Good morning' }]
const weather = { type: 'function' as const, function: { name: 'get_weather' } }

function ask(): Promise<OpenAI.Chat.ChatCompletion> {
  return client.chat.completions.create({ model: 'any', messages })
}

function stream(): Promise<OpenAI.Chat.ChatCompletion> {
  return client.chat.completions.stream({ model: 'any', messages }).finalChatCompletion()
}

describe('errors', () => {
  test.each([
    ['bad-request', OpenAI.BadRequestError, 400, null],
    ['unauthorized', OpenAI.AuthenticationError, 401, 'invalid_api_key'],
    ['forbidden', OpenAI.PermissionDeniedError, 403, 'unsupported_country_region_territory'],
    ['rate-limited', OpenAI.RateLimitError, 429, 'rate_limit_exceeded'],
    ['quota-exceeded', OpenAI.RateLimitError, 429, 'insufficient_quota'],
    ['context-overflow', OpenAI.BadRequestError, 400, 'context_length_exceeded'],
    ['server-error', OpenAI.InternalServerError, 500, null],
    ['overloaded', OpenAI.InternalServerError, 503, null],
  ] as const)('%s', async (name, kind, status, code) => {
    simulator.next(name)
    const error = (await ask().catch((reason: unknown) => reason)) as InstanceType<typeof OpenAI.APIError>
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({ status, code })
    expect(error.requestID).toMatch(/^req_/)
  })

  test('are tried again by the client, and then gone', async () => {
    client = new OpenAI({ baseURL: simulator.url, apiKey: 'x', maxRetries: 2 })
    simulator.next({ fault: { kind: 'status', status: 429, retryAfterMs: 1 } }, 'reset-before-head')
    expect((await ask()).choices[0]?.message.content).toMatch(/Good morning$/)
    expect(simulator.requests.map((request) => request.outcome)).toEqual(['answered', 'broken', 'answered'])
  })

  test('in a stream reach the client as such', async () => {
    simulator.next('error-mid-stream')
    await expect(stream()).rejects.toThrow('The server had an error')
    simulator.next('reset-mid-body')
    await expect(stream()).rejects.toThrow('terminated')
  })

  test('for keys', async () => {
    await start({ apiKey: 'sk-right' }, 'sk-wrong')
    await expect(ask()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
    await expect(client.models.list()).rejects.toMatchObject({ status: 401 })
    client = new OpenAI({ baseURL: simulator.url, apiKey: 'sk-right' })
    expect((await ask()).choices).toHaveLength(1)
  })

  test('for models not served', async () => {
    await start({ models: ['other'] })
    await expect(ask()).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  })

  test.each<[string, unknown, { param: string | null; code?: string | null }]>([
    ['no JSON', '{"model":', { param: null }],
    ['no object', '[]', { param: null }],
    ['no model', { messages }, { param: null }],
    ['a model that is no text', { model: 4, messages }, { param: 'model', code: 'invalid_type' }],
    ['no messages', { model: 'a' }, { param: 'messages', code: 'missing_required_parameter' }],
    ['messages that are text', { model: 'a', messages: 'hi' }, { param: 'messages', code: 'invalid_type' }],
    ['empty messages', { model: 'a', messages: [] }, { param: 'messages', code: 'empty_array' }],
    [
      'a role unknown',
      { model: 'a', messages: [{ role: 'robot', content: '' }] },
      { param: 'messages[0].role', code: 'invalid_value' },
    ],
    [
      'a tool result without a call',
      { model: 'a', messages: [...messages, { role: 'tool', tool_call_id: 'x', content: '' }] },
      { param: 'messages[1].role' },
    ],
    [
      'a picture that a user did not send',
      {
        model: 'a',
        messages: [
          { role: 'assistant', tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }] },
          {
            role: 'tool',
            tool_call_id: 'x',
            content: [{ type: 'image_url', image_url: { url: 'https://e.test/a.png' } }],
          },
        ],
      },
      { param: 'messages[1]', code: 'invalid_value' },
    ],
    ['empty tools', { model: 'a', messages, tools: [] }, { param: 'tools', code: 'empty_array' }],
    [
      'parallel calls without tools',
      { model: 'a', messages, parallel_tool_calls: true },
      { param: 'parallel_tool_calls' },
    ],
    ['a choice without tools', { model: 'a', messages, tool_choice: 'auto' }, { param: 'tool_choice' }],
    [
      'a choice of an unknown tool',
      { model: 'a', messages, tools: [weather], tool_choice: { type: 'function', function: { name: 'x' } } },
      { param: 'tool_choice' },
    ],
    ['stream options without stream', { model: 'a', messages, stream_options: {} }, { param: 'stream_options' }],
    ['top_logprobs without logprobs', { model: 'a', messages, top_logprobs: 1 }, { param: 'top_logprobs' }],
    ['too hot', { model: 'a', messages, temperature: 3 }, { param: 'temperature', code: 'decimal_above_max_value' }],
    ['no choice', { model: 'a', messages, n: 0 }, { param: 'n', code: 'integer_below_min_value' }],
    ['half a choice', { model: 'a', messages, n: 1.5 }, { param: 'n', code: 'invalid_type' }],
    ['stream as text', { model: 'a', messages, stream: 'yes' }, { param: 'stream', code: 'invalid_type' }],
    ['five stops', { model: 'a', messages, stop: ['1', '2', '3', '4', '5'] }, { param: 'stop' }],
  ])('for a request with %s', async (_what, body, expected) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${simulator.url}/chat/completions`, { method: 'POST', body: text })
    expect(response.status).toBe(400)
    const { error } = (await response.json()) as { error: object }
    expect(error).toMatchObject({ type: 'invalid_request_error', ...expected })
    expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code'])
  })

  test('for a method or a path there is not', async () => {
    const method = await fetch(`${simulator.url}/chat/completions`)
    expect(method.status).toBe(405)
    const path = await fetch(`${simulator.url}/chat/complete`, { method: 'POST' })
    expect(path.status).toBe(404)
    expect(await path.json()).toMatchObject({ error: { code: 'unknown_url' } })
  })
})
