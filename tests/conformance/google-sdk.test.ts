import { GoogleGenAI } from '@google/genai'
import { chatDialects } from '@sluice/protocol/dialects'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** The official Google client, unmodified, with a provider of each dialect behind the gateway. */
let world: TestGateway
let client: GoogleGenAI

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
  client = new GoogleGenAI({ apiKey: 'caller-key', httpOptions: { baseUrl: world.gateway.url } })
})

beforeEach(() => world.simulator.always(undefined))

afterAll(() => world.close())

const weather = {
  functionDeclarations: [
    {
      name: 'get_weather',
      description: 'The weather',
      parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ],
}

describe.each(chatDialects.map(({ id }) => [id]))('with a provider that speaks %s', (id) => {
  // A name with a colon, since the client takes one with a slash for a resource of Google's.
  const model = `via-${id}:small`

  test('an answer', async () => {
    world.simulator.always({ reply: { text: 'Sunny.', usage: { input: 12, output: 3 } } })
    const answer = await client.models.generateContent({
      model,
      contents: 'Oslo?',
      config: { systemInstruction: 'Be brief.' },
    })
    expect(answer.text).toBe('Sunny.')
    expect(answer.usageMetadata).toMatchObject({ promptTokenCount: 12, candidatesTokenCount: 3 })
  })

  test('a stream', async () => {
    world.simulator.always({ reply: { text: ['It ', 'is ', 'sunny.'] } })
    let text = ''
    let reason: string | undefined
    for await (const chunk of await client.models.generateContentStream({ model, contents: 'Oslo?' })) {
      text += chunk.text ?? ''
      reason = chunk.candidates?.[0]?.finishReason ?? reason
    }
    expect(text).toBe('It is sunny.')
    expect(reason).toBe('STOP')
  })

  test('a conversation that uses a function', async () => {
    world.simulator.always({
      reply: { toolCalls: [{ id: 'call_abc123', name: 'get_weather', arguments: { city: 'Oslo' } }] },
    })
    const asked = await client.models.generateContent({ model, contents: 'Oslo?', config: { tools: [weather] } })
    const [call] = asked.functionCalls ?? []
    expect(call).toMatchObject({ name: 'get_weather', args: { city: 'Oslo' } })
    world.simulator.always({ reply: { text: 'Sunny in Oslo.' } })
    const answer = await client.models.generateContent({
      model,
      config: { tools: [weather] },
      contents: [
        { role: 'user', parts: [{ text: 'Oslo?' }] },
        asked.candidates?.[0]?.content ?? {},
        {
          role: 'user',
          parts: [
            {
              functionResponse: {
                ...(call?.id !== undefined && { id: call.id }),
                name: 'get_weather',
                response: { result: 'sunny' },
              },
            },
          ],
        },
      ],
    })
    expect(answer.text).toBe('Sunny in Oslo.')
  })

  test('an error of the provider', async () => {
    world.simulator.always({ fault: { kind: 'status', status: 429 } })
    await expect(client.models.generateContent({ model, contents: 'Oslo?' })).rejects.toMatchObject({ status: 429 })
  })
})

test("a wrong key is an error of the client's own", async () => {
  const stranger = new GoogleGenAI({ apiKey: 'wrong', httpOptions: { baseUrl: `${world.gateway.url}/gemini` } })
  await expect(stranger.models.generateContent({ model: 'lab:small', contents: 'Hi' })).rejects.toMatchObject({
    status: 401,
  })
})
