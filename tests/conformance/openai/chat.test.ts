import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

type Chunk = OpenAI.ChatCompletionChunk

const messages = [{ role: 'user' as const, content: 'Say something' }]

function clientOf({ url }: TestGateway): OpenAI {
  return new OpenAI({ baseURL: url, apiKey: 'any', maxRetries: 0 })
}

async function collect(stream: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

function textOf(chunks: readonly Chunk[], index = 0): string {
  return chunks
    .flatMap(({ choices }) => choices.filter((choice) => choice.index === index))
    .map(({ delta }) => delta.content ?? '')
    .join('')
}

test('an answer, its usage and what the gateway did, in the headers', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next({
    reply: { text: 'Hello there.', usage: { input: 12, output: 3, cachedInput: 8, reasoning: 1 } },
  })
  const { data, response, request_id } = await clientOf(setup)
    .chat.completions.create({ model: 'small', messages })
    .withResponse()
  expect(data).toMatchObject({
    object: 'chat.completion',
    model: 'small',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15, prompt_tokens_details: { cached_tokens: 8 } },
  })
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/json',
    'x-sluice-provider': 'lab',
    'x-sluice-model': 'small',
    'x-sluice-attempts': '1',
    'x-sluice-overhead-ms': expect.stringMatching(/^\d+\.\d+$/),
  })
  expect(request_id).toMatch(/^req_\w+$/)
  expect(await setup.settled()).toMatchObject({
    requestId: request_id,
    outcome: 'ok',
    model: 'small',
    stream: false,
    usage: { input: 4, cacheRead: 8, output: 2, reasoning: 1 },
  })
})

test('the provider is called with its own key, and hears nothing of the caller’s', async () => {
  await using setup = await startTestGateway({ config: { server: { keys: ['sk-caller-1'] } } })
  const client = new OpenAI({ baseURL: setup.url, apiKey: 'sk-caller-1', organization: 'org-1', project: 'proj-1' })
  await client.chat.completions.create({ model: 'lab/small', messages })
  const request = setup.simulator.requests.find(({ path }) => path === '/v1/chat/completions')
  expect(request?.header('authorization')).toBe('Bearer upstream-key')
  expect(request?.rawHeaders.join(' ')).not.toMatch(/sk-caller-1|org-1|proj-1/)
  expect(request?.json()).toEqual({ model: 'small', messages })
})

test('a stream without its usage for a caller who did not ask, though it is metered', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next({ reply: { text: 'One two three.', usage: { input: 7, output: 4 } } })
  const { data, response, request_id } = await clientOf(setup)
    .chat.completions.create({ model: 'small', messages, stream: true })
    .withResponse()
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  expect(response.headers.get('x-sluice-provider')).toBe('lab')
  const chunks = await collect(data)
  expect(textOf(chunks)).toBe('One two three.')
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
  expect(chunks.filter(({ choices, usage }) => choices.length === 0 || (usage ?? null) !== null)).toEqual([])
  expect(await setup.settled()).toMatchObject({
    requestId: request_id,
    outcome: 'ok',
    stream: true,
    finishReason: 'stop',
    usage: { input: 7, output: 4 },
  })
})

test('a stream with its usage last for a caller who asked', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next({ reply: { text: 'One two.', usage: { input: 7, output: 4 } } })
  const stream = await clientOf(setup).chat.completions.create({
    model: 'small',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  })
  const chunks = await collect(stream)
  const told = chunks.filter(({ usage }) => (usage ?? null) !== null)
  expect(told).toEqual([chunks.at(-1)])
  expect(told[0]).toMatchObject({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 4, total_tokens: 11 } })
  expect(await setup.settled()).toMatchObject({ outcome: 'ok', usage: { input: 7, output: 4 } })
})

test('the helper that gathers a stream', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next({ reply: { text: 'One two three.' } })
  const runner = clientOf(setup).chat.completions.stream({ model: 'small', messages })
  const deltas: string[] = []
  runner.on('content.delta', ({ delta }) => deltas.push(delta))
  const completion = await runner.finalChatCompletion()
  expect(deltas.join('')).toBe('One two three.')
  expect(completion.choices[0]).toMatchObject({ message: { content: 'One two three.' }, finish_reason: 'stop' })
})

test('several choices, whole and streamed', async () => {
  await using setup = await startTestGateway()
  const client = clientOf(setup)
  const reply = { choices: [{ text: 'Left, left.' }, { text: 'Right.' }] }
  setup.simulator.next({ reply }, { reply })
  const whole = await client.chat.completions.create({ model: 'small', messages, n: 2 })
  expect(whole.choices.map(({ message }) => message.content)).toEqual(['Left, left.', 'Right.'])
  const chunks = await collect(await client.chat.completions.create({ model: 'small', messages, n: 2, stream: true }))
  expect([textOf(chunks, 0), textOf(chunks, 1)]).toEqual(['Left, left.', 'Right.'])
})

test('log probabilities, whole and streamed', async () => {
  await using setup = await startTestGateway()
  const client = clientOf(setup)
  const body = { model: 'small', messages, logprobs: true, top_logprobs: 2 }
  setup.simulator.next({ reply: { text: ['Yes', ' indeed'] } }, { reply: { text: ['Yes', ' indeed'] } })
  const whole = await client.chat.completions.create(body)
  const tokens = whole.choices[0]?.logprobs?.content ?? []
  expect(tokens.map(({ token, top_logprobs }) => [token, top_logprobs.length])).toEqual([
    ['Yes', 2],
    [' indeed', 2],
  ])
  const chunks = await collect(await client.chat.completions.create({ ...body, stream: true }))
  const streamed = chunks.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? [])
  expect(streamed.map(({ token }) => token)).toEqual(['Yes', ' indeed'])
  expect(streamed.every(({ logprob }) => logprob < 0)).toBe(true)
})

const reading = z.object({ city: z.string(), degrees: z.number(), sunny: z.boolean() })

test('structured output by a zod schema, parsed by the SDK, whole and streamed', async () => {
  await using setup = await startTestGateway()
  const client = clientOf(setup)
  const body = { model: 'small', messages, response_format: zodResponseFormat(reading, 'reading') }
  const whole = await client.chat.completions.parse(body)
  expect(reading.parse(whole.choices[0]?.message.parsed)).toEqual(whole.choices[0]?.message.parsed)
  const streamed = await client.chat.completions.stream(body).finalChatCompletion()
  expect(streamed.choices[0]?.message.parsed).toEqual(whole.choices[0]?.message.parsed)
  const sent = setup.simulator.requests.find(({ method }) => method === 'POST')?.json()
  expect(sent).toMatchObject({
    response_format: { type: 'json_schema', json_schema: { name: 'reading', strict: true } },
  })
})

test('a refusal', async () => {
  await using setup = await startTestGateway()
  setup.simulator.always('refusal')
  const client = clientOf(setup)
  const whole = await client.chat.completions.create({ model: 'small', messages })
  expect(whole.choices[0]?.message).toMatchObject({ content: null, refusal: "I'm sorry, I can't help with that." })
  const streamed = await client.chat.completions.stream({ model: 'small', messages }).finalChatCompletion()
  expect(streamed.choices[0]?.message.refusal).toBe("I'm sorry, I can't help with that.")
})

test('fields that nobody here knows reach the provider, and the caller', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next({ reply: { text: 'Ok.', extra: { x_lab: { queue: 3 } } } })
  const body = { model: 'small', messages, guided_regex: '[a-z]+', metadata: { run: '7' }, seed: 12345678901 }
  const answer = await clientOf(setup).chat.completions.create(body)
  expect(answer).toMatchObject({ x_lab: { queue: 3 } })
  expect(setup.simulator.requests.find(({ method }) => method === 'POST')?.json()).toEqual(body)
})

test.each(['byte-by-byte', 'crlf', 'keep-alive'] as const)('a stream that comes %s', async (behaviour) => {
  await using setup = await startTestGateway()
  setup.simulator.next(behaviour)
  const stream = await clientOf(setup).chat.completions.create({
    model: 'small',
    messages: [{ role: 'user', content: 'Grüße, 世界 🌍' }],
    stream: true,
  })
  expect(textOf(await collect(stream))).toContain('Grüße, 世界 🌍')
  expect(await setup.settled()).toMatchObject({ outcome: 'ok', usage: { input: expect.any(Number) } })
})

test('base URLs with and without /v1, with and without a slash at the end', async () => {
  await using setup = await startTestGateway()
  for (const baseURL of [setup.url, `${setup.url}/`, setup.gateway.url, `${setup.gateway.url}/`]) {
    const client = new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 })
    const answer = await client.chat.completions.create({ model: 'small', messages })
    expect(answer.choices[0]?.finish_reason).toBe('stop')
    expect((await client.models.list()).data.map(({ id }) => id)).toContain('lab/small')
  }
})
