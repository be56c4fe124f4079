import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** A provider with several keys: one that fails is left alone while the others go on. */
let world: TestGateway

beforeEach(async () => {
  world = await startTestGateway({
    providers: ({ url }) => ({
      lab: { type: 'openai_compatible', base_url: url, api_keys: ['sk-first-key', 'sk-second-key'], max_retries: 0 },
    }),
    config: { routes: { smart: { targets: ['lab/small'] } } },
  })
  // Turns begin anew when the list of models has come.
  await fetch(`${world.url}/models`)
})

afterEach(() => world.close())

async function ask(model: string): Promise<Response> {
  const response = await fetch(`${world.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  await response.clone().arrayBuffer()
  return response
}

const keysUsed = (): (string | undefined)[] =>
  world.simulator.requests
    .filter(({ path }) => path.endsWith('/chat/completions'))
    .map((request) => request.header('authorization')?.replace('Bearer ', ''))

test.for(['lab/small', 'smart'])('calls of %s are spread over the keys', async (model) => {
  for (let index = 0; index < 4; index++) expect((await ask(model)).status).toBe(200)
  expect(keysUsed().toSorted((left = '', right = '') => left.localeCompare(right))).toEqual([
    'sk-first-key',
    'sk-first-key',
    'sk-second-key',
    'sk-second-key',
  ])
})

test.for([401, 402, 429])('a key that gets %i is left alone, and callers do not notice', async (status) => {
  world.simulator.always((request) =>
    request.header('authorization') === 'Bearer sk-first-key'
      ? { fault: { kind: 'status', status, ...(status === 429 && { retryAfter: 60 }) } }
      : {},
  )
  for (let index = 0; index < 6; index++) expect((await ask('lab/small')).status).toBe(200)
  expect(keysUsed().filter((key) => key === 'sk-first-key')).toHaveLength(1)
})

test('no key is quoted to a caller', async () => {
  const message = 'Neither sk-first-key nor sk-second-key is welcome.'
  world.simulator.always({ fault: { kind: 'status', status: 400, error: { message } } })
  const text = await (await ask('lab/small')).text()
  expect(text).toContain('[secret]')
  expect(text).not.toMatch(/sk-first-key|sk-second-key/)
})
