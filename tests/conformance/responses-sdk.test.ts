import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** OpenAI's SDK asks for responses; providers speak them, or another dialect. */
let world: TestGateway
let client: OpenAI

beforeAll(async () => {
  world = await startTestGateway({
    providers: ({ url }) =>
      Object.fromEntries(
        dialects.map((id) => [
          id,
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
  client = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
})

afterAll(() => world.close())

const dialects = ['openai-responses', 'openai-chat', 'anthropic-messages']

const tools: OpenAI.Responses.Tool[] = [
  {
    type: 'function',
    name: 'get_weather',
    strict: false,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
]

describe.each(dialects)('%s', (dialect) => {
  const model = `${dialect}/small`

  test('answers, whole', async () => {
    world.simulator.next({ reply: { text: 'Good morning.' } })
    const response = await client.responses.create({ model, input: 'Hello', instructions: 'Be kind.' })
    expect(response.output_text).toBe('Good morning.')
    expect(response.status).toBe('completed')
  })

  test('streams what the helper can put together', async () => {
    world.simulator.next({
      reply: {
        reasoning: 'Let me see.',
        text: 'One moment.',
        toolCalls: [{ name: 'get_weather', arguments: { city: 'Zürich' } }],
      },
    })
    const runner = client.responses.stream({ model, input: 'How is the weather?', tools })
    let said = ''
    runner.on('response.output_text.delta', (event) => (said += event.delta))
    const response = await runner.finalResponse()
    expect(said).toBe('One moment.')
    expect(response.output.map((item) => item.type)).toEqual(['reasoning', 'message', 'function_call'])
    expect(response.output.at(-1)).toMatchObject({ name: 'get_weather', arguments: '{"city":"Zürich"}' })
    expect(response.usage?.output_tokens).toBeGreaterThan(0)
  })

  test('takes the results of its calls, in a conversation that the caller keeps', async () => {
    const question = { role: 'user' as const, content: 'How is the weather?' }
    const first = await client.responses.create({ model, input: [question], tools, store: false })
    const calls = first.output.filter((item) => item.type === 'function_call')
    expect(calls).toHaveLength(1)
    const results = calls.map((call) => ({
      type: 'function_call_output' as const,
      call_id: call.call_id,
      output: 'Sunny',
    }))
    const second = await client.responses.create({
      model,
      input: [question, ...first.output, ...results],
      tools,
      store: false,
    })
    expect(second.output_text).toContain('The tool answered: Sunny')
  })

  test('says that it was cut short', async () => {
    world.simulator.next({ reply: { text: 'Once upon', finishReason: 'length' } })
    const runner = client.responses.stream({ model, input: 'A story' })
    expect(await runner.finalResponse()).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
  })

  test('fails before the answer with the status, and within it with an error', async () => {
    world.simulator.next('rate-limited')
    await expect(client.responses.create({ model, input: 'x' })).rejects.toMatchObject({ status: 429 })
    world.simulator.next({ reply: { text: 'one two three four five six' }, fault: { kind: 'error-inside', at: 8 } })
    await expect(client.responses.stream({ model, input: 'x' }).finalResponse()).rejects.toThrow(OpenAI.APIError)
  })
})
