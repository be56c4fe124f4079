import { startSimulator, type Simulator } from '@sluice/simulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Routes that do not take every good answer for one. */
let world: TestGateway
let spare: Simulator

beforeEach(async () => {
  spare = await startSimulator({ models: ['small'] })
  world = await startTestGateway({
    providers: () => ({
      spare: { type: 'openai_compatible', name: 'Spare', base_url: spare.url, api_key: 'key', max_retries: 0 },
    }),
    config: {
      routes: {
        talking: { targets: ['lab/small'], fallbacks: { empty_answer: 'spare/small' } },
        exact: { targets: ['lab/small'], fallbacks: { invalid_output: 'spare/small' } },
        careless: { targets: ['lab/small'] },
      },
    },
  })
})

afterEach(async () => {
  await world.close()
  await spare.close()
})

async function ask(body: object, path = '/chat/completions') {
  const response = await fetch(`${world.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 99, ...body }),
  })
  return {
    status: response.status,
    provider: response.headers.get('x-sluice-provider'),
    attempts: response.headers.get('x-sluice-attempts'),
    text: await response.text(),
  }
}

describe('empty_answer', () => {
  describe.each(['/chat/completions', '/messages'])('%s', (path) => {
    test.each([false, true])('an answer without words is another model’s to give, stream: %s', async (stream) => {
      world.simulator.next({ reply: { text: '' } })
      spare.next({ reply: { text: 'Here I am.' } })
      const answer = await ask({ model: 'talking', stream }, path)
      expect(answer).toMatchObject({ status: 200, provider: 'spare', attempts: '2' })
      expect(answer.text).toContain('Here')
    })

    test.each([false, true])('words and calls of tools are answers, stream: %s', async (stream) => {
      world.simulator.next({ reply: { text: 'Words.' } })
      const words = await ask({ model: 'talking', stream }, path)
      expect(words).toMatchObject({ status: 200, provider: 'lab' })
      expect(words.text).toContain('Words')
      world.simulator.next({ reply: { text: '', toolCalls: [{ name: 'look', arguments: {} }] } })
      const call = await ask({ model: 'talking', stream }, path)
      expect(call).toMatchObject({ status: 200, provider: 'lab' })
      expect(call.text).toContain('look')
    })
  })

  test('a stream that only thinks has said nothing', async () => {
    world.simulator.next({ reply: { text: '', reasoning: 'Hm, hm.' } })
    expect(await ask({ model: 'talking', stream: true })).toMatchObject({ status: 200, provider: 'spare' })
  })

  test('a route without this fallback takes it', async () => {
    world.simulator.next({ reply: { text: '' } })
    expect(await ask({ model: 'careless' })).toMatchObject({ status: 200, provider: 'lab' })
  })
})

describe('invalid_output', () => {
  const schema = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] }
  const asksSchema = { type: 'json_schema', json_schema: { name: 'person', schema } }
  test.each([
    ['no JSON', { type: 'json_object' }, 'Sure! {"age": 3}', 'spare'],
    ['some JSON', { type: 'json_object' }, '{"any": 1}', 'lab'],
    ['JSON of another form', asksSchema, '{"age": "three"}', 'spare'],
    ['JSON of that form', asksSchema, '{"age": 3}', 'lab'],
    ['words, where nothing was asked', undefined, 'Three.', 'lab'],
  ])('%s', async (_, format, text, expected) => {
    world.simulator.next({ reply: { text } })
    const answer = await ask({ model: 'exact', ...(format !== undefined && { response_format: format }) })
    expect(answer).toMatchObject({ status: 200, provider: expected })
  })

  test('the trace tells why', async () => {
    world.simulator.next({ reply: { text: '{"age": "three"}' } })
    await ask({ model: 'exact', response_format: asksSchema })
    expect(world.usage).toHaveLength(1)
    const { data } = (await (await fetch(`${world.gateway.url}/api/llm/metrics/failures`)).json()) as { data: object[] }
    expect(data).toMatchObject([{ provider: 'lab', code: 'invalid_output', absorbed: true }])
  })
})
