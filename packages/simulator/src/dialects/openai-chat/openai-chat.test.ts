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
const spoken = "This is Sluice's demo provider, not a model. You said: Good morning"
const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { enum: ['celsius', 'fahrenheit'] } },
      required: ['city'],
    },
  },
}

type Params = Omit<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, 'model' | 'messages'> & {
  messages?: OpenAI.Chat.ChatCompletionMessageParam[]
}

function ask(params: Params = {}): Promise<OpenAI.Chat.ChatCompletion> {
  return client.chat.completions.create({ model: 'any', messages, ...params })
}

/** The stream's chunks, and what the SDK makes of them. */
async function stream(params: Params = {}): Promise<{
  chunks: OpenAI.Chat.ChatCompletionChunk[]
  final: OpenAI.Chat.ChatCompletion
}> {
  const runner = client.chat.completions.stream({ model: 'any', messages, ...params, stream: true })
  const chunks: OpenAI.Chat.ChatCompletionChunk[] = []
  for await (const chunk of runner) chunks.push(chunk)
  return { chunks, final: await runner.finalChatCompletion() }
}

describe('an answer', () => {
  test('is whole, and the same for the same request', async () => {
    const answer = await ask()
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'any',
      choices: [{ index: 0, finish_reason: 'stop', logprobs: null, message: { role: 'assistant', refusal: null } }],
      usage: { prompt_tokens: 5, completion_tokens: 12, total_tokens: 17 },
    })
    expect(answer.id).toMatch(/^chatcmpl-/)
    expect(answer.choices[0]?.message.content).toBe(spoken)
    expect((await ask()).choices).toEqual(answer.choices)
  })

  test('comes with the headers clients look at', async () => {
    const { response, request_id: id } = await client.chat.completions.create({ model: 'any', messages }).withResponse()
    expect(id).toMatch(/^req_/)
    expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/)
    expect(response.headers.get('x-ratelimit-remaining-requests')).toMatch(/^\d+$/)
    expect(response.headers.get('x-ratelimit-reset-tokens')).toMatch(/^\d+m?s$/)
  })

  test('repeats with its ids for the same seed', async () => {
    await start({ seed: 7 })
    const first = await ask()
    await start({ seed: 7 })
    const second = await ask()
    await start({ seed: 8 })
    const third = await ask()
    expect(second.id).toBe(first.id)
    expect(third.id).not.toBe(first.id)
  })

  test('stops at the token limit, under both names', async () => {
    for (const limit of [{ max_tokens: 3 }, { max_completion_tokens: 3 }]) {
      const { choices, usage } = await ask(limit)
      expect(choices[0]).toMatchObject({ finish_reason: 'length', message: { content: "This is Sluice's" } })
      expect(usage?.completion_tokens).toBe(3)
    }
  })

  test('ends before a stop sequence', async () => {
    const { choices } = await ask({ stop: [' You said', 'zzz'] })
    expect(choices[0]).toMatchObject({ finish_reason: 'stop' })
    expect(choices[0]?.message.content).toBe("This is Sluice's demo provider, not a model.")
  })

  test('has log probabilities when asked', async () => {
    const { choices } = await ask({ logprobs: true, top_logprobs: 2 })
    const entries = choices[0]?.logprobs?.content ?? []
    expect(entries.map((entry) => entry.token).join('')).toBe(spoken)
    expect(entries[0]?.top_logprobs).toHaveLength(2)
    expect(Buffer.from(entries[0]?.bytes ?? []).toString()).toBe('This')
    expect(entries.every((entry) => entry.logprob <= 0)).toBe(true)
  })

  test('has as many choices as asked', async () => {
    const { choices } = await ask({ n: 3 })
    expect(choices.map((choice) => choice.index)).toEqual([0, 1, 2])
  })

  test('is JSON when asked, held to the schema', async () => {
    const free = await ask({ response_format: { type: 'json_object' } })
    expect(JSON.parse(free.choices[0]?.message.content ?? '')).toEqual({ answer: spoken })
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 18 } },
      required: ['name', 'age'],
    }
    const held = await ask({ response_format: { type: 'json_schema', json_schema: { name: 'person', schema } } })
    expect(JSON.parse(held.choices[0]?.message.content ?? '')).toEqual({ name: 'example', age: 18 })
  })

  test('is audio when asked', async () => {
    const { choices } = await ask({ modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'alloy' } })
    expect(choices[0]?.message).toMatchObject({ content: null, audio: { transcript: spoken } })
    expect(choices[0]?.message.audio?.data).toMatch(/^[A-Za-z0-9+/=]+$/)
  })

  test('says what was scripted', async () => {
    simulator.next({
      reply: {
        reasoning: 'Hmm.',
        text: 'Yes.',
        finishReason: 'content-filter',
        usage: { input: 100, cachedInput: 60, reasoning: 20, output: 30 },
        model: 'other',
        extra: { x_groq: { id: 'req_1' } },
      },
    })
    expect(await ask()).toMatchObject({
      model: 'other',
      x_groq: { id: 'req_1' },
      choices: [{ finish_reason: 'content_filter', message: { content: 'Yes.', reasoning_content: 'Hmm.' } }],
      usage: {
        prompt_tokens: 100,
        completion_tokens: 30,
        total_tokens: 130,
        prompt_tokens_details: { cached_tokens: 60 },
        completion_tokens_details: { reasoning_tokens: 20 },
      },
    })
  })
})

describe('a stream', () => {
  test('has the same text as the answer, in chunks of one id', async () => {
    const { chunks, final } = await stream()
    expect(final.choices[0]?.message.content).toBe(spoken)
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1)
    expect(new Set(chunks.map((chunk) => chunk.created)).size).toBe(1)
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null })
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' })
    expect(chunks.slice(0, -1).every((chunk) => chunk.choices[0]?.finish_reason === null)).toBe(true)
    expect(chunks.some((chunk) => 'usage' in chunk || 'obfuscation' in chunk)).toBe(false)
  })

  test('reports usage in a chunk of its own, when asked', async () => {
    const { chunks } = await stream({ stream_options: { include_usage: true } })
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 12 } })
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
  })

  test('is padded when asked', async () => {
    const { chunks } = await stream({ stream_options: { include_obfuscation: true } })
    expect(chunks.every((chunk) => 'obfuscation' in chunk)).toBe(true)
  })

  test('mixes the chunks of its choices', async () => {
    const { chunks, final } = await stream({ n: 2 })
    const order = chunks.map((chunk) => chunk.choices[0]?.index)
    expect(order.slice(0, 6)).toEqual([0, 1, 0, 1, 0, 1])
    expect(final.choices.map((choice) => choice.message.content)).toEqual([spoken, spoken])
  })

  test('carries tool calls in fragments, opened by id and name', async () => {
    simulator.next({
      reply: { toolCalls: [{ name: 'get_weather', arguments: { city: 'Zürich 🏔' } }, { name: 'now' }] },
    })
    const { chunks, final } = await stream({ tools: [weather] })
    const calls = final.choices[0]?.message.tool_calls?.filter((call) => call.type === 'function')
    expect(calls?.map((call) => call.function)).toMatchObject([
      { name: 'get_weather', arguments: '{"city":"Zürich 🏔"}' },
      { name: 'now', arguments: '{}' },
    ])
    expect(final.choices[0]?.finish_reason).toBe('tool_calls')
    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
    expect(deltas[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'get_weather', arguments: '' } })
    expect(Object.keys(deltas[1] ?? {})).toEqual(['index', 'function'])
    expect(deltas.at(-1)?.index).toBe(1)
  })

  test('carries refusals and log probabilities', async () => {
    simulator.next('refusal')
    const { final } = await stream({ logprobs: true })
    expect(final.choices[0]?.message).toMatchObject({ refusal: "I'm sorry, I can't help with that.", content: null })
    expect(final.choices[0]?.logprobs?.refusal?.map((entry) => entry.token).join('')).toBe(
      final.choices[0]?.message.refusal,
    )
  })

  test('carries audio, its expiry last', async () => {
    const { chunks } = await stream({ modalities: ['text', 'audio'], audio: { format: 'pcm16', voice: 'alloy' } })
    const deltas = chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta))
    const audio = deltas.flatMap((delta) => ('audio' in delta ? [delta.audio as { transcript?: string }] : []))
    expect(audio[0]).toHaveProperty('id')
    expect(audio.map((part) => part.transcript ?? '').join('')).toBe(spoken)
    expect(Object.keys(audio.at(-1) ?? {})).toEqual(['expires_at'])
  })

  test('says scripted fragments as they are', async () => {
    simulator.next({ reply: { text: ['a', '', 'bc'] } })
    const { chunks } = await stream()
    expect(chunks.slice(1, -1).map((chunk) => chunk.choices[0]?.delta.content)).toEqual(['a', '', 'bc'])
  })

  test('ends when the client leaves', async () => {
    simulator.next('endless')
    const answer = await client.chat.completions.create({ model: 'any', messages, stream: true })
    let count = 0
    for await (const _chunk of answer) if (++count === 50) break
    expect(count).toBe(50)
    expect(await simulator.requests[0]?.closed()).toBe('aborted')
  })
})

describe('tools', () => {
  const tools = [weather]

  test.each<[string, Params]>([
    ['required', { tools, tool_choice: 'required' }],
    ['named', { tools, tool_choice: { type: 'function', function: { name: 'get_weather' } } }],
    ['spoken of', { tools, messages: [{ role: 'user', content: 'How is the weather?' }] }],
    ['asked for', { tools, messages: [{ role: 'user', content: 'Please use a tool.' }] }],
    [
      'among the allowed',
      {
        tools: [{ type: 'function', function: { name: 'other' } }, weather],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'get_weather' } }] },
        },
      },
    ],
  ])('are called when %s', async (_when, params) => {
    const { choices } = await ask(params)
    expect(choices[0]?.finish_reason).toBe('tool_calls')
    const [call] = choices[0]?.message.tool_calls ?? []
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } })
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({
      city: 'example',
      unit: 'celsius',
    })
  })

  test.each<[string, Params]>([
    ['nothing calls for them', { tools }],
    ['they must not', { tools, tool_choice: 'none', messages: [{ role: 'user', content: 'How is the weather?' }] }],
  ])('are not called when %s', async (_when, params) => {
    expect((await ask(params)).choices[0]?.message.tool_calls).toBeUndefined()
  })

  test('are called once: their result is answered with text', async () => {
    const question = { role: 'user' as const, content: 'How is the weather?' }
    const first = await ask({ tools, messages: [question] })
    const assistant = first.choices.map((choice) => choice.message)
    const id = assistant[0]?.tool_calls?.[0]?.id ?? ''
    const { choices } = await ask({
      tools,
      messages: [question, ...assistant, { role: 'tool', tool_call_id: id, content: 'Sunny, 22 °C' }],
    })
    expect(choices[0]?.message.content).toBe(
      "This is Sluice's demo provider, not a model. The tool answered: Sunny, 22 °C",
    )
  })

  test('may take free text', async () => {
    const { choices } = await ask({ tools: [{ type: 'custom', custom: { name: 'shell' } }], tool_choice: 'required' })
    expect(choices[0]?.message.tool_calls?.[0]).toMatchObject({
      type: 'custom',
      custom: { name: 'shell', input: 'Good morning' },
    })
  })

  test('may come as functions, as of old', async () => {
    const old = { functions: [weather.function], function_call: { name: 'get_weather' } }
    expect((await ask(old)).choices[0]).toMatchObject({
      finish_reason: 'function_call',
      message: { function_call: { name: 'get_weather', arguments: '{"city":"example","unit":"celsius"}' } },
    })
    const { final } = await stream(old)
    expect(final.choices[0]?.message.function_call?.arguments).toBe('{"city":"example","unit":"celsius"}')
  })
})

test.each(['/v1', '/api/v1', '/openai/v1', '', '/openai/deployments/any'])('answers below %j', async (prefix) => {
  client = new OpenAI({ baseURL: `${simulator.origin}${prefix}`, apiKey: 'x' })
  expect((await ask()).model).toBe('any')
})

test("takes the model from an Azure deployment's path, and the key from its header", async () => {
  await start({ apiKey: 'secret' })
  const response = await fetch(`${simulator.origin}/openai/deployments/gpt-x/chat/completions?api-version=1`, {
    method: 'POST',
    headers: { 'api-key': 'secret' },
    body: JSON.stringify({ messages }),
  })
  expect(await response.json()).toMatchObject({ model: 'gpt-x' })
})
