import { startSimulator, type Simulator } from '@sluice/simulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** A route of two simulators: what the gateway tells of it. */
let world: TestGateway
let second: Simulator

beforeEach(async () => {
  second = await startSimulator({ models: ['small'] })
  world = await startTestGateway({
    providers: () => ({
      spare: { type: 'openai_compatible', name: 'Spare', base_url: second.url, api_key: 'spare-key', max_retries: 0 },
    }),
    config: {
      routes: {
        smart: { targets: ['lab/small', { model: 'spare/small', weight: 2 }] },
        single: { targets: ['spare/small'] },
      },
      models: [{ id: 'spare/small', price: { input: 1, output: 2 } }],
    },
  })
})

afterEach(async () => {
  await world.close()
  await second.close()
})

async function ask(model = 'smart', init: { key?: string; id?: string; stream?: boolean } = {}): Promise<Response> {
  const { key = 'any', id, stream = false } = init
  const response = await fetch(`${world.url}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...(id !== undefined && { 'x-request-id': id }),
    },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  await response.arrayBuffer()
  return response
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${world.gateway.url}${path}`)
  expect(response.status).toBe(200)
  return (await response.json()) as T
}

interface Summary {
  readonly provider: string
  readonly [member: string]: unknown
}

test('a failure of the first target is invisible to the caller, and told by the metrics and the trace', async () => {
  world.simulator.next({ fault: { kind: 'status', status: 500 } })
  const response = await ask('smart', { id: 'req-of-mine' })
  expect(response.status).toBe(200)
  expect(response.headers.get('x-sluice-provider')).toBe('spare')
  expect(response.headers.get('x-sluice-attempts')).toBe('2')
  await ask('smart', { stream: true })

  const { data: providers } = await get<{ data: Summary[] }>('/api/llm/metrics/providers')
  expect(providers).toMatchObject([
    { provider: 'lab', calls: 2, succeeded: 1, failed: 1, success_rate: 0.5, errors: { upstream_error: 1 } },
    { provider: 'spare', calls: 1, succeeded: 1, failed: 0, success_rate: 1 },
  ])
  expect(providers[1]?.['latency_ms']).toMatchObject({ p50: expect.any(Number), p99: expect.any(Number) })

  const { data: failures } = await get<{ data: object[] }>('/api/llm/metrics/failures')
  expect(failures).toMatchObject([
    { request_id: 'req-of-mine', provider: 'lab', model: 'small', code: 'upstream_error', attempt: 1, absorbed: true },
  ])

  expect(await get('/api/llm/traces/req-of-mine')).toMatchObject({
    request_id: 'req-of-mine',
    model: 'smart',
    route: 'smart',
    outcome: 'ok',
    decisions: [
      {
        route: 'smart',
        candidates: [
          { name: 'lab/small', outcome: 'picked' },
          { name: 'spare/small', outcome: 'passed' },
        ],
      },
      {
        route: 'smart',
        candidates: [{ name: 'lab/small', outcome: 'filtered', reason: 'was tried' }, { outcome: 'picked' }],
      },
    ],
    attempts: [
      { target: 'lab/small', outcome: 'failed', error: { code: 'upstream_error' } },
      { target: 'spare/small', outcome: 'answered' },
    ],
  })
})

test('tokens and costs add up to what the providers reported', async () => {
  const usage = { input: 100, output: 10 }
  second.always({ reply: { text: 'Hi.', usage } })
  for (let index = 0; index < 3; index++) await ask('spare/small')
  const { data } = await get<{ data: Summary[] }>('/api/llm/metrics/models')
  expect(data).toMatchObject([
    {
      provider: 'spare',
      model: 'small',
      tokens: { input: 300, output: 30 },
      cost_usd: 0.00036,
      unpriced: 0,
    },
  ])
})

test('a target that fails again and again is left alone, and said to be unhealthy', async () => {
  world.simulator.always({ fault: { kind: 'status', status: 500 } })
  for (let index = 0; index < 8; index++) expect((await ask()).status).toBe(200)
  expect(world.simulator.requests.filter(({ path }) => path.endsWith('/chat/completions'))).toHaveLength(5)
  expect(await get('/api/llm/health')).toMatchObject({
    status: 'degraded',
    providers: [
      {
        id: 'lab',
        status: 'unhealthy',
        reasons: [expect.stringContaining('lab/small: its circuit is open'), '0 % of recent calls succeeded'],
        targets: [{ id: 'lab/small', available: false, circuit: 'open' }],
      },
      { id: 'spare', status: 'healthy', targets: [{ id: 'spare/small', available: true, circuit: 'closed' }] },
      { id: 'demo', status: 'unknown' },
    ],
  })
})

describe('GET /metrics', () => {
  test('has the same numbers in the format of Prometheus', async () => {
    world.simulator.next({ fault: { kind: 'status', status: 503 } })
    await ask()
    const response = await fetch(`${world.gateway.url}/metrics`)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const page = await response.text()
    const lab = 'provider="lab",model="small",operation="chat"'
    expect(page).toContain(`sluice_calls_total{${lab},outcome="failed"} 1\n`)
    expect(page).toContain(`sluice_failures_total{${lab},code="upstream_overloaded"} 1\n`)
    expect(page).toContain('sluice_calls_total{provider="spare",model="small",operation="chat",outcome="ok"} 1\n')
    expect(page).toMatch(/sluice_call_duration_seconds_bucket\{provider="spare".*le="\+Inf"\} 1\n/)
    // Every sample belongs to a family that was announced.
    const families = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!)
    for (const line of page.split('\n').filter((one) => one !== '' && !one.startsWith('#')))
      expect(families.some((name) => line.startsWith(name))).toBe(true)
    expect(page).not.toContain('spare-key')
  })
})

test('names that callers make up push nothing out of the figures, nor make them grow without bound', async () => {
  for (let index = 0; index < 20; index++) await ask('lab/small')
  const ids = Array.from({ length: 2_500 }, (_, index) => `lab/made-up-${index}`)
  while (ids.length > 0) await Promise.all(ids.splice(-20).map((id) => ask(id)))
  await ask('lab/small')
  const page = await (await fetch(`${world.gateway.url}/metrics`)).text()
  expect(page).toContain('sluice_calls_total{provider="lab",model="small",operation="chat",outcome="ok"} 21\n')
  expect(page).toContain('model="(other)"')
  expect(page.match(/^sluice_cost_dollars_total/gm)?.length).toBeLessThan(310)
  expect(page.match(/^sluice_target_available/gm)?.length).toBeLessThanOrEqual(1_000)
  const health = await get<{ providers: { id: string; targets: { id: string }[] }[] }>('/api/llm/health')
  const targets = health.providers.find(({ id }) => id === 'lab')!.targets
  expect(targets.length).toBeLessThanOrEqual(1_000)
  expect(targets.map(({ id }) => id)).toContain('lab/small')
}, 60_000)

test('a dry run says where a request would go, without sending it', async () => {
  const explain = async (body: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify({ messages: [], ...body }) }
    return (await fetch(`${world.gateway.url}/api/llm/explain`, init)).json()
  }
  expect(await explain({ model: 'smart' })).toMatchObject({
    route: 'smart',
    decisions: [{ route: 'smart', candidates: [{ outcome: 'picked' }, { outcome: 'passed' }] }],
    target: { id: 'lab/small', provider: 'lab', plan: 'passthrough' },
  })
  expect(await explain({ model: 'spare/small' })).toMatchObject({
    route: null,
    resolution: expect.any(Array),
    target: { id: 'spare/small' },
  })
  // Nothing is chosen, and it is no model's name.
  expect(await explain({ model: 'single' })).toMatchObject({
    route: 'single',
    resolution: [],
    decisions: [],
    target: { id: 'spare/small' },
  })
  expect(second.requests.filter(({ path }) => path.endsWith('/chat/completions'))).toEqual([])
})

test('a route is listed as a model, with what holds for every target', async () => {
  const { data } = await get<{ data: { id: string }[] }>('/v1/models')
  const expected = { id: 'smart', provider: 'sluice', kind: 'route', targets: ['lab/small', 'spare/small'] }
  expect(data[0]).toMatchObject(expected)
  expect(await get('/v1/models/smart')).toMatchObject(expected)
})

test("another caller's request of the same id hides nobody's trace", async () => {
  await using guarded = await startTestGateway({ config: { server: { keys: ['key-one', 'key-two'] } } })
  const url = guarded.url
  for (const key of ['key-one', 'key-two']) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-request-id': 'same' }
    const body = JSON.stringify({ model: key === 'key-one' ? 'small' : 'large', messages: [] })
    await (await fetch(`${url}/chat/completions`, { method: 'POST', headers, body })).arrayBuffer()
  }
  const trace = async (key: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${key}` }
    return (await fetch(`${guarded.gateway.url}/api/llm/traces/same`, { headers })).json()
  }
  expect(await trace('key-one')).toMatchObject({ request_id: 'same', model: 'small' })
  expect(await trace('key-two')).toMatchObject({ request_id: 'same', model: 'large' })
})

test('a trace is shown to nobody else, and an unknown one is a plain error', async () => {
  const response = await fetch(`${world.gateway.url}/api/llm/traces/nothing`)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ error: { code: 'path_not_found' } })
})
