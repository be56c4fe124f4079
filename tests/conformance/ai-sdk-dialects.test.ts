import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { chatDialects } from '@sluice/protocol/dialects'
import { generateObject, generateText, jsonSchema, type LanguageModel, stepCountIs, streamText, tool } from 'ai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** The AI SDK's own packages for each vendor, unmodified, with a provider of each dialect behind the gateway. */
let world: TestGateway

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
})

beforeEach(() => world.simulator.always(undefined))

afterAll(() => world.close())

const vendors: readonly (readonly [string, (model: string) => LanguageModel])[] = [
  ['@ai-sdk/openai', (model) => createOpenAI({ apiKey: 'any', baseURL: world.url })(model)],
  ['@ai-sdk/anthropic', (model) => createAnthropic({ apiKey: 'any', baseURL: world.url })(model)],
  [
    '@ai-sdk/google',
    (model) => createGoogleGenerativeAI({ apiKey: 'any', baseURL: `${world.gateway.url}/v1beta` })(model),
  ],
]

const weather = tool({
  description: 'The weather of a city',
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  }),
  execute: ({ city }) => `sunny in ${city}`,
})

describe.each(vendors)('%s', (vendor, model) => {
  describe.each(chatDialects.map(({ id }) => [id]))('with a provider that speaks %s', (id) => {
    // Google's package takes a name with a slash for a path of Google's.
    const name = vendor.endsWith('google') ? `via-${id}:small` : `via-${id}/small`

    test('generateText', async () => {
      world.simulator.always({ reply: { text: 'Sunny.', usage: { input: 12, output: 3 } } })
      const { text, finishReason, usage } = await generateText({ model: model(name), prompt: 'Oslo?', maxRetries: 0 })
      expect(text).toBe('Sunny.')
      expect(finishReason).toBe('stop')
      expect(usage).toMatchObject({ inputTokens: 12, outputTokens: 3 })
    })

    test('generateObject', async () => {
      // Anthropic's package asks for an object by a tool of this name where it does not know the model.
      world.simulator.always((request) =>
        /"name": ?"json"/.test(request.body.toString())
          ? { reply: { toolCalls: [{ id: 'call_abc123', name: 'json', arguments: { city: 'Oslo' } }] } }
          : { reply: { text: '{"city":"Oslo"}' } },
      )
      const schema = jsonSchema<{ city: string }>({
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      })
      const { object } = await generateObject({ model: model(name), schema, prompt: 'A city', maxRetries: 0 })
      expect(object).toEqual({ city: 'Oslo' })
    })

    test('streamText with a tool, to the end of the conversation', async () => {
      world.simulator.always((request) =>
        request.body.toString().includes('sunny in Oslo')
          ? { reply: { text: ['It is ', 'sunny.'] } }
          : { reply: { toolCalls: [{ id: 'call_abc123', name: 'weather', arguments: { city: 'Oslo' } }] } },
      )
      const result = streamText({
        model: model(name),
        prompt: 'Oslo?',
        tools: { weather },
        stopWhen: stepCountIs(3),
        maxRetries: 0,
      })
      let text = ''
      for await (const piece of result.textStream) text += piece
      expect(text).toBe('It is sunny.')
      const steps = await result.steps
      expect(steps[0]?.toolResults[0]).toMatchObject({ toolName: 'weather', output: 'sunny in Oslo' })
    })
  })
})
