import { chatDialects } from '@sluice/protocol/dialects'
import { type ChatRequest, type ChatResponse, Ollama } from 'ollama'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** The official Ollama client, unmodified, with a provider of each dialect behind the gateway. */
let world: TestGateway

beforeAll(async () => {
  world = await startTestGateway({
    config: { server: { keys: ['caller-key'] } },
    simulator: { models: ['small', 'gpt-oss:120b'] },
    providers: ({ url }) => ({
      ...Object.fromEntries(
        chatDialects.map(({ id }) => [
          `via-${id}`,
          {
            type: 'openai_compatible',
            base_url: url,
            api_key: 'upstream-key',
            max_retries: 0,
            speaks: [id],
            models: ['small'],
            models_path: null,
          },
        ]),
      ),
      ollama: { base_url: url, max_retries: 0, models: ['gpt-oss:120b'], models_path: null },
    }),
  })
})

beforeEach(() => world.simulator.reset())

afterAll(() => world.close())

function client(key = 'caller-key', host = world.gateway.url): Ollama {
  return new Ollama({ host, headers: { Authorization: `Bearer ${key}` } })
}

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const question = { role: 'user', content: 'Weather in Oslo?' }
const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const weather = {
  type: 'function',
  function: { name: 'get_weather', description: 'The weather of a city', parameters: schema },
}

const sent = (): string => world.simulator.requests.at(-1)?.body.toString() ?? ''

async function linesOf(request: ChatRequest): Promise<ChatResponse[]> {
  const lines: ChatResponse[] = []
  for await (const line of await client().chat({ ...request, stream: true })) lines.push(line)
  return lines
}

describe.each(chatDialects.map(({ id }) => [id]))('with a provider that speaks %s', (id) => {
  const model = `via-${id}/small`

  test('an answer', async () => {
    world.simulator.always({ reply: { text: 'Sunny.', usage: { input: 12, output: 3 } } })
    const answer = await client().chat({
      model,
      messages: [{ role: 'system', content: 'Be brief.' }, question],
      options: { temperature: 0.5, num_predict: 50 },
    })
    expect(answer).toMatchObject({
      message: { role: 'assistant', content: 'Sunny.' },
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 12,
      eval_count: 3,
    })
    expect(Number.isNaN(Date.parse(String(answer.created_at)))).toBe(false)
    expect(sent()).toContain('Be brief.')
    expect(sent()).toContain('0.5')
    expect(sent()).toContain('50')
  })

  test('a prompt that goes on, whole and streamed', async () => {
    world.simulator.always({ reply: { text: ['It ', 'is ', 'sunny.'], usage: { input: 12, output: 3 } } })
    const request = { model, prompt: 'Weather in Oslo?', system: 'Be brief.', options: { num_predict: 50 } }
    const whole = await client().generate(request)
    expect(whole).toMatchObject({ response: 'It is sunny.', done: true, done_reason: 'stop', eval_count: 3 })
    expect(sent()).toContain('Be brief.')
    const pieces: (string | undefined)[] = []
    let done = false
    for await (const line of await client().generate({ ...request, stream: true })) {
      pieces.push(line.response)
      done = line.done
    }
    expect([pieces.join(''), done]).toEqual(['It is sunny.', true])
    expect(pieces.length).toBeGreaterThan(2)
  })

  test('a stream', async () => {
    world.simulator.always({ reply: { text: ['It ', 'is ', 'sunny.'], usage: { input: 12, output: 3 } } })
    const lines = await linesOf({ model, messages: [question] })
    expect(lines.map(({ message }) => message.content).join('')).toBe('It is sunny.')
    expect(lines.length).toBeGreaterThan(3)
    expect(lines.slice(0, -1).every(({ done }) => !done)).toBe(true)
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop', prompt_eval_count: 12, eval_count: 3 })
  })

  test('thinking', async () => {
    world.simulator.always({ reply: { reasoning: ['I think ', 'of Oslo.'], text: 'Sunny.' } })
    const { message } = await client().chat({ model, messages: [question], think: 'low' })
    expect(message).toMatchObject({ content: 'Sunny.', thinking: 'I think of Oslo.' })
    const lines = await linesOf({ model, messages: [question], think: true })
    expect(lines.map((line) => line.message.thinking ?? '').join('')).toBe('I think of Oslo.')
  })

  test.each([false, true])('a tool loop, streamed: %s', async (streamed) => {
    const calls = ['Oslo', 'Rome'].map((city) => ({ name: 'get_weather', arguments: { city } }))
    world.simulator.next({ reply: { toolCalls: calls } })
    world.simulator.next({ reply: { text: 'Sunny and rainy.' } })
    const request = { model, messages: [question], tools: [weather] }
    const answers = streamed ? await linesOf(request) : [await client().chat(request)]
    const called = answers.flatMap(({ message }) => message.tool_calls ?? [])
    expect(called.map((call) => call.function.arguments)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }])
    expect(sent()).toContain('The weather of a city')
    const { message } = await client().chat({
      ...request,
      messages: [
        question,
        { role: 'assistant', content: '', tool_calls: called },
        { role: 'tool', tool_name: 'get_weather', content: 'sunny' },
        { role: 'tool', tool_name: 'get_weather', content: 'rainy' },
      ],
    })
    expect(message.content).toBe('Sunny and rainy.')
    expect(sent()).toMatch(/Oslo.*Rome.*sunny.*rainy/s)
  })

  test('tool calls whose ids the client forgot', async () => {
    const called = { function: { name: 'get_weather', arguments: { city: 'Oslo' } } }
    world.simulator.always({ reply: { text: 'Sunny.' } })
    const { message } = await client().chat({
      model,
      messages: [
        question,
        { role: 'assistant', content: '', tool_calls: [called] },
        { role: 'tool', tool_name: 'get_weather', content: 'sunny' },
      ],
      tools: [weather],
    })
    expect(message.content).toBe('Sunny.')
  })

  test('an image', async () => {
    const images = [new Uint8Array(Buffer.from(pixel, 'base64'))]
    await client().chat({ model, messages: [{ role: 'user', content: 'What is this?', images }] })
    expect(sent()).toContain(pixel)
    if (id !== 'ollama-chat') expect(sent()).toMatch(/\bpng\b/)
  })

  test('JSON by schema', async () => {
    world.simulator.always({ reply: { text: '{"city":"Oslo"}' } })
    const { message } = await client().chat({ model, messages: [question], format: schema })
    expect(JSON.parse(message.content)).toEqual({ city: 'Oslo' })
    expect(sent()).toMatch(/additionalProperties.{0,3}:false/)
  })

  test('an error of the provider', async () => {
    world.simulator.always({ fault: { kind: 'status', status: 429, retryAfter: 1 } })
    await expect(client().chat({ model, messages: [question] })).rejects.toMatchObject({ status_code: 429 })
  })

  test('an error in the stream', async () => {
    world.simulator.always({ reply: { text: 'one two three four five' }, fault: { kind: 'cut', at: { event: 4 } } })
    await expect(linesOf({ model, messages: [question] })).rejects.toThrow(/provider/)
  })
})

test('a request that does not say so gets a stream', async () => {
  const response = await fetch(`${world.gateway.url}/api/chat`, {
    method: 'POST',
    headers: { authorization: 'Bearer caller-key', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'via-openai-chat/small', messages: [question] }),
  })
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  const lines = (await response.text()).trim().split('\n')
  expect(lines.length).toBeGreaterThan(3)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ done: true })
})

test('a model that nobody serves', async () => {
  const request = { model: 'via-openai-chat/huge', messages: [question] }
  await expect(client().chat({ ...request, model: 'nobody-knows-this' })).rejects.toMatchObject({
    status_code: 404,
    message: expect.stringContaining('nobody-knows-this'),
  })
  await expect(client().chat(request)).rejects.toMatchObject({ status_code: 404 })
  await expect(client().show({ model: 'nobody-knows-this' })).rejects.toMatchObject({
    status_code: 404,
    message: "model 'nobody-knows-this' not found",
  })
})

test('a wrong key', async () => {
  const anyone = client('nobody')
  await expect(anyone.chat({ model: 'via-openai-chat/small', messages: [question] })).rejects.toMatchObject({
    status_code: 401,
  })
  await expect(anyone.list()).rejects.toMatchObject({ status_code: 401 })
})

test('the models, their details and the version', async () => {
  const { models } = await client().list()
  expect(models.map(({ model }) => model)).toContain('via-anthropic-messages/small')
  expect(models.every(({ digest }) => /^[0-9a-f]{64}$/.test(digest))).toBe(true)
  const { capabilities, model_info: info, details } = await client().show({ model: 'ollama/gpt-oss:120b' })
  expect(capabilities).toEqual(expect.arrayContaining(['completion', 'tools', 'thinking']))
  expect(info).toMatchObject({ 'general.architecture': 'ollama' })
  expect(details.family).toBe('ollama')
  expect((await client().version()).version).toMatch(/^\d+\.\d+\.\d+$/)
})

test('a prefix in the host', async () => {
  world.simulator.always({ reply: { text: 'Sunny.' } })
  const prefixed = client('caller-key', `${world.gateway.url}/ollama`)
  const { message } = await prefixed.chat({ model: 'via-openai-chat/small', messages: [question] })
  expect(message.content).toBe('Sunny.')
  expect((await prefixed.list()).models.length).toBeGreaterThan(0)
})

test('a real Ollama gets what its own client said', async () => {
  world.simulator.always({ reply: { text: 'Sunny.' } })
  const request = { model: 'ollama/gpt-oss:120b', messages: [question], keep_alive: '5m', options: { num_ctx: 8192 } }
  await client().chat(request)
  expect(world.simulator.requests.at(-1)?.path).toBe('/api/chat')
  expect(JSON.parse(sent())).toEqual({ ...request, model: 'gpt-oss:120b', stream: false })
})

test('nothing is said to be in memory', async () => {
  expect(await client().ps()).toEqual({ models: [] })
})
