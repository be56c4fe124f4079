import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** `x-sluice-strict` goes before `strict` in config, for one request. */
describe.each([[true], [false]])('with strict: %s in config', (strict) => {
  let world: TestGateway
  beforeAll(async () => {
    world = await startTestGateway({
      config: { strict, providers: { lab: { models: ['small'], models_path: null } } },
      providers: ({ url }) => ({
        other: {
          type: 'openai_compatible',
          base_url: url,
          api_key: 'upstream-key',
          speaks: ['anthropic-messages'],
          models: ['small'],
          models_path: null,
        },
      }),
    })
  })
  beforeEach(() => world.simulator.reset())
  afterAll(() => world.close())

  function ask(headers: Record<string, string>, members: object = { seed: 7 }): Promise<Response> {
    return fetch(`${world.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model: 'other/small', messages: [{ role: 'user', content: 'Hello' }], ...members }),
    })
  }

  test('a request that says nothing goes by config', async () => {
    const response = await ask({})
    expect(response.status).toBe(strict ? 400 : 200)
  })

  test('true refuses what would be lost', async () => {
    const response = await ask({ 'x-sluice-strict': 'true' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'lossy_request', param: 'seed' } })
    expect(world.simulator.requests).toHaveLength(0)
    const lossless = await ask({ 'x-sluice-strict': 'true' }, {})
    expect(lossless.status).toBe(200)
  })

  test('false warns only', async () => {
    const response = await ask({ 'x-sluice-strict': 'false' })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sluice-warnings')).toBe('field-dropped seed')
  })

  test('anything else is refused', async () => {
    const response = await ask({ 'x-sluice-strict': 'yes' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('`true` or `false`') } })
  })
})
