import { chatDialects } from '@sluice/protocol/dialects'
import { Cohere, CohereClientV2, type CohereError } from 'cohere-ai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** The official Cohere client, unmodified, with a provider of each dialect behind the gateway. */
let world: TestGateway

beforeAll(async () => {
  world = await startTestGateway({
    config: { server: { keys: ['caller-key'] } },
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
      cohere: { base_url: url, api_key: 'upstream-key', max_retries: 0, models: ['small'], models_path: null },
    }),
  })
})

beforeEach(() => world.simulator.reset())

afterAll(() => world.close())

function client(token = 'caller-key', environment = world.gateway.url): CohereClientV2 {
  return new CohereClientV2({ environment, token, maxRetries: 0 })
}

const weather: Cohere.ToolV2 = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}
const question = { role: 'user', content: 'Weather in Oslo?' } as const
const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}

const sent = (): string => world.simulator.requests.at(-1)?.body.toString() ?? ''

describe.each(chatDialects.map(({ id }) => [id]))('with a provider that speaks %s', (id) => {
  const model = `via-${id}/small`

  test('an answer', async () => {
    world.simulator.always({ reply: { text: 'Sunny.', usage: { input: 12, output: 3 } } })
    const messages: Cohere.ChatMessages = [{ role: 'system', content: 'Be brief.' }, question]
    const answer = await client().chat({
      model,
      messages,
      maxTokens: 50,
      temperature: 0.2,
      p: 0.9,
      stopSequences: ['END'],
    })
    expect(answer).toMatchObject({
      finishReason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Sunny.' }] },
      usage: { tokens: { inputTokens: 12, outputTokens: 3 } },
    })
    expect(sent()).toContain('Be brief.')
  })

  test('a stream', async () => {
    world.simulator.always({
      reply: { reasoning: ['Hm', 'm.'], text: ['It ', 'is ', 'sunny.'], usage: { input: 12, output: 7 } },
    })
    let [text, thinking] = ['', '']
    const types: string[] = []
    let end: Cohere.ChatMessageEndEventDelta | undefined
    for await (const event of await client().chatStream({ model, messages: [question] })) {
      types.push(event.type)
      if (event.type === 'content-delta') {
        text += event.delta?.message?.content?.text ?? ''
        thinking += event.delta?.message?.content?.thinking ?? ''
      } else if (event.type === 'message-end') end = event.delta
    }
    expect(text).toBe('It is sunny.')
    expect(thinking).toBe('Hmm.')
    expect(types[0]).toBe('message-start')
    expect(types.filter((type) => type === 'content-start')).toHaveLength(2)
    expect(types.filter((type) => type === 'content-end')).toHaveLength(2)
    expect(types.at(-1)).toBe('message-end')
    expect(end).toMatchObject({ finishReason: 'COMPLETE', usage: { tokens: { inputTokens: 12, outputTokens: 7 } } })
  })

  test('a conversation that uses a tool, streamed, then whole', async () => {
    world.simulator.always({
      reply: {
        text: 'Let me look.',
        toolCalls: [
          { id: 'call_abc123', name: 'get_weather', arguments: { city: 'Oslo' } },
          { id: 'call_def456', name: 'get_weather', arguments: { city: 'Rome' } },
        ],
      },
    })
    const tools = [weather]
    const calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = []
    for await (const event of await client().chatStream({ model, messages: [question], tools })) {
      if (event.type === 'tool-call-start') {
        const call = event.delta?.message?.toolCalls
        calls.push({
          id: call?.id ?? '',
          type: 'function',
          function: { name: call?.function?.name ?? '', arguments: '' },
        })
      } else if (event.type === 'tool-call-delta') {
        calls[event.index ?? 0]!.function.arguments += event.delta?.message?.toolCalls?.function?.arguments ?? ''
      } else if (event.type === 'message-end') expect(event.delta?.finishReason).toBe('TOOL_CALL')
    }
    expect(calls.map((call) => JSON.parse(call.function.arguments))).toEqual([{ city: 'Oslo' }, { city: 'Rome' }])

    world.simulator.always({ reply: { text: 'Sunny in Oslo.' } })
    const answer = await client().chat({
      model,
      tools,
      messages: [
        question,
        { role: 'assistant', toolPlan: 'Let me look.', toolCalls: calls },
        {
          role: 'tool',
          toolCallId: calls[0]?.id ?? '',
          content: [{ type: 'document', document: { data: { sky: 'blue' } } }],
        },
        { role: 'tool', toolCallId: calls[1]?.id ?? '', content: 'rainy' },
      ],
    })
    expect(answer.message.content).toMatchObject([{ type: 'text', text: 'Sunny in Oslo.' }])
    for (const said of ['Let me look.', 'get_weather', 'Rome', 'blue', 'rainy']) expect(sent()).toContain(said)
  })

  test('a call that must be made, whole', async () => {
    const answer = await client().chat({ model, messages: [question], tools: [weather], toolChoice: 'REQUIRED' })
    expect(answer.finishReason).toBe('TOOL_CALL')
    expect(answer.message.toolCalls).toMatchObject([{ type: 'function', function: { name: 'get_weather' } }])
  })

  test('JSON by a schema', async () => {
    world.simulator.always({ reply: { text: '{"city":"Oslo"}' } })
    const responseFormat: Cohere.ResponseFormatV2 = { type: 'json_object', jsonSchema: schema }
    const answer = await client().chat({ model, messages: [question], responseFormat })
    const [block] = answer.message.content ?? []
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual({ city: 'Oslo' })
    expect(sent()).toContain('city')
  })

  test.each<[number, new (body: never) => CohereError]>([
    [400, Cohere.BadRequestError],
    [429, Cohere.TooManyRequestsError],
    [503, Cohere.ServiceUnavailableError],
  ])('an error of status %i, as the client knows errors', async (status, kind) => {
    world.simulator.always({ fault: { kind: 'status', status } })
    await expect(client().chat({ model, messages: [question] })).rejects.toBeInstanceOf(kind)
    await expect(client().chatStream({ model, messages: [question] })).rejects.toBeInstanceOf(kind)
  })

  test('a stream that breaks off ends with an error, never as if it were whole', async () => {
    const text = 'It is sunny in Oslo and it will be so for days'
    world.simulator.always({ reply: { text }, fault: { kind: 'cut', at: { event: 7 } } })
    const ends: (Cohere.ChatMessageEndEventDelta | undefined)[] = []
    for await (const event of await client().chatStream({ model, messages: [question] })) {
      if (event.type === 'message-end') ends.push(event.delta)
    }
    expect(ends).toMatchObject([{ finishReason: 'ERROR', error: expect.stringMatching(/./) }])
  })
})

test("a caller's wrong key and an unknown model are errors of the client's own classes", async () => {
  const ask = { model: 'lab/small', messages: [question] }
  await expect(client('wrong').chat(ask)).rejects.toBeInstanceOf(Cohere.UnauthorizedError)
  const unknown = client().chat({ ...ask, model: 'nothing' })
  await expect(unknown).rejects.toBeInstanceOf(Cohere.NotFoundError)
  await expect(unknown).rejects.toMatchObject({
    body: { message: expect.stringContaining('nothing'), code: 'model_not_found' },
  })
})

test('base URLs with a prefix work', async () => {
  const answer = await client('caller-key', `${world.gateway.url}/cohere`).chat({
    model: 'lab/small',
    messages: [question],
  })
  expect(answer.message.role).toBe('assistant')
})

describe('Cohere itself behind the gateway', () => {
  test('gets the bytes of its own dialect, and is metered', async () => {
    world.simulator.always({ reply: { text: 'Sunny.', usage: { input: 12, output: 3, cachedInput: 4 } } })
    const before = world.usage.length
    const documents = ['Oslo is sunny.']
    await client().chat({ model: 'cohere/small', messages: [question], documents, safetyMode: 'STRICT' })
    for await (const _ of await client().chatStream({ model: 'cohere/small', messages: [question], documents }));
    for (const request of world.simulator.requests) {
      expect(request.path).toBe('/v2/chat')
      expect(request.json()).toMatchObject({ model: 'small', documents })
    }
    for (const index of [before, before + 1]) {
      expect(await world.settled(index)).toMatchObject({ outcome: 'ok', usage: { input: 8, cacheRead: 4, output: 3 } })
    }
  })

  test('is asked at its compatibility endpoint by callers of OpenAI’s dialect', async () => {
    const response = await fetch(`${world.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer caller-key' },
      body: JSON.stringify({ model: 'cohere/small', messages: [question], logit_bias: { '1': 1 } }),
    })
    expect(response.status).toBe(200)
    const request = world.simulator.requests.at(-1)
    expect(request?.path).toBe('/compatibility/v1/chat/completions')
    expect(request?.json()).not.toHaveProperty('logit_bias')
  })

  test.each(['cohere/small', 'lab/small'])('ranks documents: %s', async (model) => {
    const documents = ['A blue car', 'A red bicycle', 'The red car']
    const { results } = await client().rerank({ model, query: 'red car', documents, topN: 2 })
    expect(results.map(({ index }) => index)).toEqual([2, 0])
  })
})
