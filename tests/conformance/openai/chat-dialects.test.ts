import { chatDialects } from '@sluice/protocol/dialects'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

/** The official OpenAI client's Chat Completions, unmodified, with a provider of each dialect behind the gateway. */
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
  client = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
})

beforeEach(() => world.simulator.reset())

afterAll(() => world.close())

const messages = [
  { role: 'system' as const, content: 'Be brief.' },
  { role: 'user' as const, content: 'Weather in Oslo and in Rome?' },
]

describe.each(chatDialects.map(({ id }) => [id]))('with a provider that speaks %s', (id) => {
  const model = `via-${id}/small`

  test.each([['whole'], ['streamed']])(
    'two calls of a tool at once, run by the client to the end, %s',
    async (manner) => {
      const called: string[] = []
      const look = ({ city }: { city: string }): string => {
        called.push(city)
        return `sunny in ${city}`
      }
      const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
      const weather = {
        type: 'function' as const,
        function: { name: 'get_weather', description: 'The weather', parameters, function: look, parse: JSON.parse },
      }
      world.simulator.next(
        {
          reply: {
            toolCalls: ['Oslo', 'Rome'].map((city, index) => ({
              id: `call_abc12${index}`,
              name: 'get_weather',
              arguments: { city },
            })),
          },
        },
        { reply: { text: ['Sunny ', 'in both.'] } },
      )
      const body = { model, messages, tools: [weather] }
      const { completions } = client.chat
      const runner =
        manner === 'streamed' ? completions.runTools({ ...body, stream: true }) : completions.runTools(body)
      expect(await runner.finalContent()).toBe('Sunny in both.')
      expect(called).toEqual(['Oslo', 'Rome'])
      const sent = world.simulator.requests.at(-1)?.body.toString() ?? ''
      for (const said of ['Be brief.', 'sunny in Oslo', 'sunny in Rome']) expect(sent).toContain(said)
    },
  )
})
