import { chatDialects } from '@sluice/protocol/dialects'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

/** The official OpenAI client's Responses, unmodified, with a provider of each dialect behind the gateway. */
let world: TestGateway
let client: OpenAI

beforeAll(async () => {
  world = await startTestGateway({
    providers: ({ url }) =>
      Object.fromEntries(
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
  })
  client = new OpenAI({ apiKey: 'any', baseURL: world.url, maxRetries: 0 })
})

beforeEach(() => world.simulator.always(undefined))

afterAll(() => world.close())

const weather = {
  type: 'function' as const,
  name: 'get_weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

describe.each(chatDialects.map(({ id }) => [id]))('with a provider that speaks %s', (id) => {
  const model = `via-${id}/small`

  test('a response', async () => {
    world.simulator.always({ reply: { text: 'Sunny.', usage: { input: 12, output: 3 } } })
    const response = await client.responses.create({ model, instructions: 'Be brief.', input: 'Oslo?', store: false })
    expect(response.output_text).toBe('Sunny.')
    expect(response).toMatchObject({
      status: 'completed',
      usage: { input_tokens: 12, output_tokens: 3, total_tokens: 15 },
    })
  })

  test('a stream, in order', async () => {
    world.simulator.always({ reply: { text: ['It ', 'is ', 'sunny.'] } })
    const stream = await client.responses.create({ model, input: 'Oslo?', stream: true, store: false })
    let text = ''
    const numbers: number[] = []
    let last = ''
    for await (const event of stream) {
      numbers.push(event.sequence_number)
      if (event.type === 'response.output_text.delta') text += event.delta
      last = event.type
    }
    expect(text).toBe('It is sunny.')
    expect(last).toBe('response.completed')
    expect(numbers).toEqual(numbers.map((_, index) => index))
  })

  test('a conversation that uses a tool', async () => {
    world.simulator.always({
      reply: { toolCalls: [{ id: 'call_abc123', name: 'get_weather', arguments: { city: 'Oslo' } }] },
    })
    const asked = await client.responses.create({ model, input: 'Oslo?', tools: [weather], store: false })
    const call = asked.output.find((item) => item.type === 'function_call')
    expect(call).toMatchObject({ name: 'get_weather', arguments: expect.stringContaining('Oslo') as string })
    world.simulator.always({ reply: { text: 'Sunny in Oslo.' } })
    const answer = await client.responses.create({
      model,
      store: false,
      tools: [weather],
      input: [
        { role: 'user', content: 'Oslo?' },
        ...(asked.output as OpenAI.Responses.ResponseInput),
        { type: 'function_call_output', call_id: call?.type === 'function_call' ? call.call_id : '', output: 'sunny' },
      ],
    })
    expect(answer.output_text).toBe('Sunny in Oslo.')
  })

  test('reasoning, text and a call, as the stream helper puts them together', async () => {
    world.simulator.always({
      reply: {
        reasoning: 'Let me see.',
        text: 'One moment.',
        toolCalls: [{ id: 'call_abc123', name: 'get_weather', arguments: { city: 'Zürich' } }],
      },
    })
    const response = await client.responses.stream({ model, input: 'Zürich?', tools: [weather] }).finalResponse()
    expect(response.output.map((item) => item.type)).toEqual(['reasoning', 'message', 'function_call'])
    expect(response.output.at(-1)).toMatchObject({ name: 'get_weather', arguments: '{"city":"Zürich"}' })
  })

  test('an answer that was cut short says so', async () => {
    world.simulator.always({ reply: { text: 'Once upon', finishReason: 'length' } })
    const response = await client.responses.stream({ model, input: 'A story' }).finalResponse()
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
  })

  test('an error of the provider', async () => {
    world.simulator.always({ fault: { kind: 'status', status: 429, retryAfter: 7 } })
    await expect(client.responses.create({ model, input: 'Oslo?', store: false })).rejects.toBeInstanceOf(
      OpenAI.RateLimitError,
    )
  })

  test('a stream that breaks off never looks completed', async () => {
    world.simulator.always({ reply: { text: ['It ', 'is ', 'sunny.'] }, fault: { kind: 'cut', at: { event: 3 } } })
    const types: string[] = []
    const read = async (): Promise<void> => {
      for await (const event of await client.responses.create({ model, input: 'Oslo?', stream: true, store: false }))
        types.push(event.type)
    }
    await read().catch(() => types.push('thrown'))
    expect(types).not.toContain('response.completed')
    expect(types.some((type) => ['thrown', 'error', 'response.failed'].includes(type))).toBe(true)
  })
})

test('what only another provider remembers is refused, not left out', async () => {
  const asking = client.responses.create({
    model: 'via-openai-chat/small',
    input: 'And Rome?',
    previous_response_id: 'resp_1',
  })
  await expect(asking).rejects.toMatchObject({ status: 400, param: 'previous_response_id' })
})
