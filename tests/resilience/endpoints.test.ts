import { type RecordedRequest, type Simulator, startSimulator } from '@sluice/simulator'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** After traffic of all kinds: what the gateway tells of it, held against what the providers counted themselves. */
let world: TestGateway
let second: Simulator

const inputTokens = 11
const outputTokens = 3
const good = { reply: { text: 'Hi.', usage: { input: inputTokens, output: outputTokens } } }

beforeAll(async () => {
  second = await startSimulator({ always: good })
  world = await startTestGateway({
    simulator: { always: good },
    providers: () => ({
      spare: { type: 'openai_compatible', base_url: second.url, api_key: 'k', max_retries: 0, models_path: null },
    }),
    config: {
      providers: { lab: { max_retries: 1, models_path: null } },
      routes: { pair: { targets: ['lab/small', 'spare/small'] } },
      models: [{ id: 'spare/small', price: { input: 1, output: 2 } }],
    },
  })
  await mixedTraffic()
})

afterAll(async () => {
  await world.close()
  await second.close()
})

async function mixedTraffic(): Promise<void> {
  const { simulator } = world
  for (let round = 0; round < 12; round++) {
    const stream = round % 2 === 1
    if (round % 4 === 0) simulator.next({ fault: { kind: 'status', status: 500 } })
    if (round % 4 === 1) simulator.next({ ...good, fault: { kind: 'cut', at: { event: 2 } } })
    if (round % 4 === 2) simulator.next({ fault: { kind: 'status', status: 400 } })
    await ask('pair', stream)
    await ask('spare/small', stream)
  }
  // Asked again, and answered.
  simulator.next({ fault: { kind: 'status', status: 503, retryAfterMs: 1 } })
  await ask('lab/large')
  // A caller who leaves.
  const before = callsAt(simulator).length
  simulator.next({ fault: { kind: 'hang', at: 'head' } })
  const leaving = new AbortController()
  const left = ask('lab/large', false, leaving.signal).catch(() => undefined)
  await vi.waitFor(() => expect(callsAt(simulator).filter(({ bodyComplete }) => bodyComplete)).toHaveLength(before + 1))
  leaving.abort()
  await left
  await vi.waitFor(() => expect(world.gateway.open).toBe(0))
}

async function ask(model: string, stream = false, signal?: AbortSignal): Promise<void> {
  const response = await fetch(`${world.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }),
    ...(signal && { signal }),
  })
  await response.text()
}

const callsAt = (simulator: Simulator): readonly RecordedRequest[] =>
  simulator.requests.filter(({ path }) => path.endsWith('/chat/completions'))

function callsOf(simulator: Simulator, model: string): number {
  return callsAt(simulator).filter((call) => (call.json() as { model: string }).model === model).length
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(world.gateway.url + path)
  expect(response.status).toBe(200)
  return (await response.json()) as T
}

interface Summary {
  readonly provider: string
  readonly model?: string
  readonly calls: number
  readonly succeeded: number
  readonly failed: number
  readonly aborted: number
  readonly success_rate: number
  readonly errors: Readonly<Record<string, number>>
  readonly tokens: { readonly input: number; readonly output: number }
  readonly latency_ms: Readonly<Record<string, number>>
  readonly cost_usd: number
}

/** 3 rounds each: a 500, a cut stream, a 400; then a 503, its repetition, and the one who left. */
const labFailures = { upstream_error: 3, upstream_disconnected: 3, upstream_rejected: 3, upstream_overloaded: 1 }

describe('GET /api/llm/metrics', () => {
  test('providers: every call that a provider counted, and no other', async () => {
    const { data } = await get<{ data: readonly Summary[] }>('/api/llm/metrics/providers')
    const [lab, spare, ...others] = data
    expect(others).toEqual([])
    expect(lab).toMatchObject({ provider: 'lab', calls: callsAt(world.simulator).length, errors: labFailures })
    expect(lab).toMatchObject({ failed: 10, aborted: 1, succeeded: 4, success_rate: expect.closeTo(4 / 14, 3) })
    expect(spare).toMatchObject({ provider: 'spare', calls: callsAt(second).length, failed: 0, success_rate: 1 })
  })

  test('models: by model, with the tokens that the providers named and what they cost', async () => {
    const { data } = await get<{ data: readonly Summary[] }>('/api/llm/metrics/models')
    const calls = Object.fromEntries(data.map((one) => [`${one.provider}/${one.model}`, one.calls]))
    expect(calls).toEqual({
      'lab/small': callsOf(world.simulator, 'small'),
      'lab/large': callsOf(world.simulator, 'large'),
      'spare/small': callsOf(second, 'small'),
    })
    for (const { calls: all, succeeded, failed, aborted } of data) expect(all).toBe(succeeded + failed + aborted)
    const spare = data.find(({ provider }) => provider === 'spare')!
    const answered = callsAt(second).length
    expect(spare.tokens).toMatchObject({ input: answered * inputTokens, output: answered * outputTokens })
    expect(spare.cost_usd).toBeCloseTo((answered * (inputTokens + 2 * outputTokens)) / 1e6, 9)
    const { p50 = 0, p90 = 0, p95 = 0, p99 = 0 } = spare.latency_ms
    expect([p50, p90, p95, p99]).toEqual([p50, p90, p95, p99].toSorted((a, b) => a - b))
    expect(p50).toBeGreaterThan(0)
  })

  test('failures: each one, the latest first, and whether somebody heard of it', async () => {
    const { data } = await get<{
      data: readonly { readonly provider: string; readonly code: string; readonly absorbed: boolean }[]
    }>('/api/llm/metrics/failures')
    expect(data.every(({ provider }) => provider === 'lab')).toBe(true)
    expect(countBy(data.map(({ code }) => code))).toEqual(labFailures)
    expect(data[0]?.code).toBe('upstream_overloaded')
    expect(countBy(data.filter(({ absorbed }) => absorbed).map(({ code }) => code))).toEqual({
      upstream_error: 3,
      upstream_overloaded: 1,
    })
  })
})

test('GET /api/llm/health: the same counts, and nothing under way', async () => {
  const { providers } = await get<{
    providers: readonly {
      readonly id: string
      readonly status: string
      readonly calls: number
      readonly targets: readonly { readonly id: string; readonly active: number }[]
    }[]
  }>('/api/llm/health')
  const byId = new Map(providers.map((one) => [one.id, one]))
  expect(byId.get('lab')).toMatchObject({ calls: callsAt(world.simulator).length, status: 'unhealthy' })
  expect(byId.get('spare')).toMatchObject({ calls: callsAt(second).length, status: 'healthy' })
  for (const { targets } of providers) for (const { active } of targets) expect(active).toBe(0)
})

test('GET /metrics: the same counts for Prometheus', async () => {
  const page = await (await fetch(`${world.gateway.url}/metrics`)).text()
  expect(sumOf(page, 'sluice_calls_total', 'provider="lab"')).toBe(callsAt(world.simulator).length)
  expect(sumOf(page, 'sluice_calls_total', 'provider="spare"')).toBe(callsAt(second).length)
  for (const [code, count] of Object.entries(labFailures))
    expect(sumOf(page, 'sluice_failures_total', `code="${code}"`)).toBe(count)
})

function sumOf(page: string, family: string, label: string): number {
  const samples = page.split('\n').filter((line) => line.startsWith(`${family}{`) && line.includes(label))
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

function countBy(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
