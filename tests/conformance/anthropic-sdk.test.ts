import Anthropic from '@anthropic-ai/sdk'
import { chatDialects } from '@sluice/protocol/dialects'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** The official Anthropic client, unmodified, with a provider of each dialect behind the gateway. */
let world: TestGateway

beforeAll(async () => {
  world = await startTestGateway({
    config: { server: { keys: ['caller-key'] } },
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
})

beforeEach(() => world.simulator.always(undefined))

afterAll(() => world.close())

function client(apiKey = 'caller-key', baseURL = world.gateway.url): Anthropic {
  return new Anthropic({ apiKey, baseURL, maxRetries: 0 })
}

const weather = {
  name: 'get_weather',
  description: 'The weather of a city',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
}

describe.each(chatDialects.map(({ id }) => [id]))('with a provider that speaks %s', (id) => {
  const model = `via-${id}/small`

  test('a message', async () => {
    world.simulator.always({ reply: { text: 'Sunny.', usage: { input: 12, output: 3 } } })
    const message = await client().messages.create({
      model,
      max_tokens: 50,
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'Oslo?' }],
    })
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      stop_reason: 'end_turn',
      usage: { input_tokens: 12, output_tokens: 3 },
    })
    expect(message.content).toMatchObject([{ type: 'text', text: 'Sunny.' }])
  })

  test('a stream, by the helper that puts it together', async () => {
    world.simulator.always({ reply: { text: ['It ', 'is ', 'sunny.'] } })
    const pieces: string[] = []
    const stream = client().messages.stream({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Oslo?' }] })
    stream.on('text', (piece) => pieces.push(piece))
    const message = await stream.finalMessage()
    expect(pieces.join('')).toBe('It is sunny.')
    expect(message.content).toMatchObject([{ type: 'text', text: 'It is sunny.' }])
    expect(message.stop_reason).toBe('end_turn')
    expect(message.usage.output_tokens).toBeGreaterThan(0)
  })

  test('a conversation that uses a tool, streamed', async () => {
    world.simulator.always({
      reply: {
        text: 'Let me look.',
        toolCalls: [{ id: 'call_abc123', name: 'get_weather', arguments: { city: 'Oslo' } }],
      },
    })
    const question = { role: 'user' as const, content: 'Weather in Oslo?' }
    const asked = await client()
      .messages.stream({ model, max_tokens: 200, tools: [weather], messages: [question] })
      .finalMessage()
    expect(asked.stop_reason).toBe('tool_use')
    const use = asked.content.find((block) => block.type === 'tool_use')
    expect(use).toMatchObject({ name: 'get_weather', input: { city: 'Oslo' } })

    world.simulator.always({ reply: { text: 'Sunny in Oslo.' } })
    const answer = await client().messages.create({
      model,
      max_tokens: 200,
      tools: [weather],
      messages: [
        question,
        { role: 'assistant', content: asked.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use?.id ?? '', content: 'sunny' }] },
      ],
    })
    expect(answer.content).toMatchObject([{ type: 'text', text: 'Sunny in Oslo.' }])
    const sent = world.simulator.requests.at(-1)?.body.toString() ?? ''
    expect(sent).toContain('get_weather')
    expect(sent).toContain('sunny')
  })

  test('an error of the provider, as the client knows errors', async () => {
    world.simulator.always({ fault: { kind: 'status', status: 429, retryAfter: 7 } })
    const failed = client().messages.create({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Oslo?' }] })
    await expect(failed).rejects.toBeInstanceOf(Anthropic.RateLimitError)
  })

  test('a stream that breaks off is an error, never a message', async () => {
    world.simulator.always({ reply: { text: ['It ', 'is ', 'sunny.'] }, fault: { kind: 'cut', at: { event: 3 } } })
    const stream = client().messages.stream({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Oslo?' }] })
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Error)
  })
})

test('base URLs with a prefix work', async () => {
  const message = await client('caller-key', `${world.gateway.url}/anthropic`).messages.create({
    model: 'lab/small',
    max_tokens: 50,
    messages: [{ role: 'user', content: 'Hi' }],
  })
  expect(message.type).toBe('message')
})

test("a wrong key and an unknown model are errors of the client's own classes", async () => {
  const ask = { model: 'lab/small', max_tokens: 50, messages: [{ role: 'user' as const, content: 'Hi' }] }
  await expect(client('wrong').messages.create(ask)).rejects.toBeInstanceOf(Anthropic.AuthenticationError)
  await expect(client().messages.create({ ...ask, model: 'nothing' })).rejects.toBeInstanceOf(Anthropic.NotFoundError)
})
