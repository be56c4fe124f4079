import { startSimulator, type Simulator } from '@sluice/simulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Requests that say themselves where they go, among three simulators; `router` understands that itself. */
let world: TestGateway
let spare: Simulator
let router: Simulator

async function open(server: { overrides?: boolean } = {}): Promise<void> {
  spare = await startSimulator({ models: ['small'] })
  router = await startSimulator({ models: ['vendor/small'] })
  world = await startTestGateway({
    providers: () => ({
      spare: { type: 'openai_compatible', name: 'Spare', base_url: spare.url, api_key: 'key', max_retries: 0 },
      router: { type: 'openrouter', base_url: router.url, api_key: 'key', max_retries: 0 },
    }),
    config: {
      server,
      routes: { smart: { targets: ['lab/small', 'spare/small'] } },
      models: [
        { id: 'lab/small', price: { input: 3, output: 6 } },
        { id: 'spare/small', price: { input: 1, output: 2 } },
      ],
    },
  })
}

beforeEach(() => open())
afterEach(close)

async function close(): Promise<void> {
  await world.close()
  await spare.close()
  await router.close()
}

async function ask(body: object = {}, headers: Record<string, string> = {}, path = '/chat/completions') {
  const response = await fetch(`${world.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'lab/small', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 9, ...body }),
  })
  const provider = response.headers.get('x-sluice-provider')
  return { status: response.status, provider, headers: response.headers, body: (await response.json()) as object }
}

/** What the last chat request to a simulator said. */
function lastBody(simulator: Simulator): unknown {
  const last = simulator.requests.filter(({ method }) => method === 'POST').at(-1)
  return JSON.parse(new TextDecoder().decode(last?.body))
}

describe('headers', () => {
  test('x-sluice-route wins over the model of the body, and the provider gets its own name for it', async () => {
    expect(await ask({ model: 'no-such-model' }, { 'x-sluice-route': 'spare/small' })).toMatchObject({
      status: 200,
      provider: 'spare',
    })
    expect(lastBody(spare)).toMatchObject({ model: 'small' })
    world.simulator.next({ fault: { kind: 'status', status: 500 } })
    expect(await ask({ model: 'x' }, { 'x-sluice-route': 'smart' })).toMatchObject({ status: 200, provider: 'spare' })
  })

  test('x-sluice-retries asks again as often as it says', async () => {
    world.simulator.next({ fault: { kind: 'status', status: 500 } })
    expect((await ask()).status).toBe(502)
    world.simulator.next({ fault: { kind: 'status', status: 500 } })
    expect((await ask({}, { 'x-sluice-retries': '1' })).headers.get('x-sluice-attempts')).toBe('2')
  })

  test('x-sluice-timeout ends the wait for an answer', async () => {
    world.simulator.next({ fault: { kind: 'hang', at: 'head' } })
    expect(await ask({}, { 'x-sluice-timeout': '0.05' })).toMatchObject({
      status: 504,
      body: {
        error: { code: 'upstream_timeout', message: expect.stringMatching(/\(first-byte timeout, \d+ ms\)/) as string },
      },
    })
  })

  test('x-sluice-timeout takes the connections that are there', async () => {
    for (let call = 0; call < 5; call++) expect((await ask({}, { 'x-sluice-timeout': '5' })).status).toBe(200)
    const asked = world.simulator.requests.filter(({ method }) => method === 'POST')
    expect([asked.length, new Set(asked.map(({ connection }) => connection)).size]).toEqual([5, 1])
  })

  test.each([
    ['x-sluice-timeout', '0'],
    ['x-sluice-timeout', 'soon'],
    ['x-sluice-retries', '11'],
    ['x-sluice-retries', '1.5'],
    ['x-sluice-route', ''],
  ])('%s: %j is refused by name, in the words of the caller', async (name, value) => {
    expect(await ask({}, { [name]: value })).toMatchObject({ status: 400, body: { error: { param: name } } })
    expect(await ask({}, { [name]: value }, '/messages')).toMatchObject({
      status: 400,
      body: { type: 'error', error: { type: 'invalid_request_error', message: expect.stringContaining(name) } },
    })
  })
})

describe('models', () => {
  test('are tried in order, and are not told to a provider that does not know them', async () => {
    world.simulator.next({ fault: { kind: 'status', status: 503 } })
    expect(await ask({ models: ['unheard-of', 'spare/small'] })).toMatchObject({ status: 200, provider: 'spare' })
    expect(lastBody(spare)).toEqual({ model: 'small', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 9 })
    expect(lastBody(world.simulator)).not.toHaveProperty('models')
  })

  test('go on unchanged to a provider that chooses by them itself', async () => {
    const members = { models: ['vendor/other'], provider: { order: ['Anthropic'], only: ['nobody-here'] } }
    expect(await ask({ model: 'router/vendor/small', ...members })).toMatchObject({ status: 200, provider: 'router' })
    expect(lastBody(router)).toMatchObject({ model: 'vendor/small', ...members })
  })

  test('are left out of a request that is translated', async () => {
    const { status } = await ask({ models: ['spare/small'], provider: { ignore: ['lab'] } }, {}, '/messages')
    expect(status).toBe(200)
    expect(lastBody(spare)).not.toHaveProperty('models')
    expect(lastBody(spare)).not.toHaveProperty('provider')
  })
})

describe('provider', () => {
  test.each([
    ['order', { order: ['Spare'] }, 'spare'],
    ['only', { only: ['spare'] }, 'spare'],
    ['ignore', { ignore: ['lab'] }, 'spare'],
    ['sort', { sort: 'price' }, 'spare'],
    ['max_price', { max_price: { prompt: 2, completion: '2.5' } }, 'spare'],
    ['nothing', {}, 'lab'],
  ])('%s decides among the targets of a route', async (_, provider, expected) => {
    expect(await ask({ model: 'smart', provider })).toMatchObject({ status: 200, provider: expected })
  })

  test('allow_fallbacks: false keeps to the first choice', async () => {
    world.simulator.always({ fault: { kind: 'status', status: 500 } })
    expect((await ask({ model: 'smart', provider: { allow_fallbacks: true } })).provider).toBe('spare')
    expect((await ask({ model: 'smart', provider: { allow_fallbacks: false } })).status).toBe(502)
    expect((await ask({ model: 'smart', provider: { order: ['lab'], allow_fallbacks: false } })).status).toBe(502)
  })

  test('what it refuses is told', async () => {
    const { status, body } = await ask({ provider: { ignore: ['Lab'] } })
    expect(status).toBe(404)
    expect(body).toMatchObject({ error: { message: expect.stringContaining('in provider.ignore') } })
  })

  test.each([
    ['provider', 'groq'],
    ['provider.order', { order: 'groq' }],
    ['provider.sort', { sort: 'luck' }],
    ['provider.max_price.prompt', { max_price: { prompt: -1 } }],
  ])('%s of another kind is refused by name', async (param, provider) => {
    expect(await ask({ provider })).toMatchObject({ status: 400, body: { error: { param } } })
  })
})

test('x-sluice-trace tells the way so far in ASCII', async () => {
  world.simulator.next({ fault: { kind: 'status', status: 500 } })
  const { headers } = await ask({ model: 'smart', provider: { ignore: ['nobody'] } }, { 'x-sluice-trace': 'true' })
  expect(JSON.parse(headers.get('x-sluice-trace') ?? '')).toMatchObject({
    decisions: [
      { route: 'smart' },
      { candidates: [{ outcome: 'filtered', reason: 'was tried' }, { outcome: 'picked' }] },
    ],
    attempts: [
      { target: 'lab/small', outcome: 'failed', error: { code: 'upstream_error' } },
      { target: 'spare/small', outcome: 'answered' },
    ],
  })
  world.simulator.next({ fault: { kind: 'status', status: 400 } })
  const failed = await ask({}, { 'x-sluice-trace': 'true' })
  expect(JSON.parse(failed.headers.get('x-sluice-trace') ?? '')).toMatchObject({ attempts: [{ outcome: 'failed' }] })
  expect((await ask()).headers.get('x-sluice-trace')).toBeNull()
})

test('where config forbids it, nobody chooses', async () => {
  await close()
  await open({ overrides: false })
  for (const answer of [
    await ask({}, { 'x-sluice-route': 'smart' }),
    await ask({}, { 'x-sluice-timeout': '5' }),
    await ask({ models: ['spare/small'] }),
    await ask({ provider: {} }),
  ])
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'permission_denied' } } })
  expect((await ask()).status).toBe(200)
})

test('a dry run heeds them too', async () => {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sluice-route': 'smart' },
    body: JSON.stringify({ messages: [], provider: { ignore: ['lab'] } }),
  }
  expect(await (await fetch(`${world.gateway.url}/api/llm/explain`, init)).json()).toMatchObject({
    route: 'smart',
    decisions: [{ candidates: [{ name: 'lab/small', outcome: 'filtered', reason: 'in provider.ignore' }, {}] }],
    target: { id: 'spare/small' },
  })
})
