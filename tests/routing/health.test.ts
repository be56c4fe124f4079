import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startSimulator, type Simulator } from '@sluice/simulator'
import type { ConfigInput } from 'sluice'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Somebody's webhook. */
let webhook: Server
let received: Record<string, string>[]
let hook: string
let spare: Simulator
let world: TestGateway

beforeEach(async () => {
  received = []
  webhook = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push(JSON.parse(body) as Record<string, string>)
      response.end('ok')
    })
  })
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve))
  hook = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/T0/hook-token`
  spare = await startSimulator({ models: ['small'] })
})

afterEach(async () => {
  await world.close()
  await spare.close()
  webhook.closeAllConnections()
  await new Promise((resolve) => webhook.close(resolve))
})

async function start(config: ConfigInput): Promise<void> {
  world = await startTestGateway({
    providers: () => ({
      spare: { type: 'openai_compatible', name: 'Spare', base_url: spare.url, api_key: 'spare-key', max_retries: 0 },
    }),
    config: { routes: { smart: { targets: ['lab/small', 'spare/small'] } }, ...config },
  })
}

async function ask(model = 'smart'): Promise<string | null> {
  const response = await fetch(`${world.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  await response.arrayBuffer()
  expect(response.status).toBe(200)
  return response.headers.get('x-sluice-provider')
}

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(`${world.gateway.url}${path}`)).json()) as T
}

async function events(): Promise<string[]> {
  const { data } = await get<{ data: { type: string; subject: string }[] }>('/api/llm/events')
  return data.map(({ type, subject }) => `${type} ${subject}`)
}

const patience = { timeout: 5_000, interval: 20 }

test('a provider that dies and comes back is told once, and so is its recovery', async () => {
  await start({
    routing: { breaker: { consecutive_failures: 2, open_for: 60 } },
    health: { probe_interval: 0.05 },
    alerts: [{ url: hook }, { url: hook, format: 'slack', events: ['target.circuit_opened'] }],
  })
  world.simulator.always({ on: 'any', fault: { kind: 'status', status: 500 } })
  for (let index = 0; index < 10; index++) expect(await ask()).toBe('spare')
  expect(await events()).toEqual(['provider.unhealthy lab', 'target.circuit_opened lab/small'])
  // Its probes fail too, and say so.
  await vi.waitFor(async () => {
    const { providers } = await get<{ providers: object[] }>('/api/llm/health')
    expect(providers[0]).toMatchObject({
      id: 'lab',
      status: 'unhealthy',
      probe: { state: 'degraded', reason: expect.stringContaining('500') },
    })
  }, patience)

  // Well again: it is open for a minute, but a probe lets the next call try it.
  world.simulator.always(undefined)
  await vi.waitFor(async () => expect(await ask()).toBe('lab'), patience)
  expect(await ask()).toBe('lab')
  expect(await events()).toEqual([
    'provider.recovered lab',
    'target.circuit_closed lab/small',
    'provider.unhealthy lab',
    'target.circuit_opened lab/small',
  ])
  await vi.waitFor(() => expect(received).toHaveLength(4), patience)
  expect(received.filter(({ type }) => type !== undefined)).toEqual([
    { type: 'provider.unhealthy', subject: 'lab', reason: 'lab/small: 2 failures in a row', at: expect.any(String) },
    { type: 'provider.recovered', subject: 'lab', reason: expect.any(String), at: expect.any(String) },
  ])
  expect(received.flatMap(({ text }) => text ?? [])).toEqual([
    ':red_circle: The circuit of *lab/small* opened: 2 failures in a row',
    ':large_green_circle: The circuit of *lab/small* closed: a call succeeded again',
  ])
  const page = await (await fetch(`${world.gateway.url}/metrics`)).text()
  expect(page).toContain('sluice_target_degraded{target="lab/small"} 0\n')
  expect(page).toMatch(/sluice_circuit_open_total\{target="lab\/small"\} [1-9]/)
})

test('without probes an open circuit stays open', async () => {
  await start({
    routing: { breaker: { consecutive_failures: 1, open_for: 60 } },
    health: { probe_interval: 0 },
  })
  world.simulator.next({ fault: { kind: 'status', status: 500 } })
  for (let index = 0; index < 5; index++) expect(await ask()).toBe('spare')
  const { providers } = await get<{ providers: { probe: unknown }[] }>('/api/llm/health')
  expect(providers[0]).toMatchObject({ id: 'lab', status: 'unhealthy', probe: null })
})

test('a provider that becomes slow is degraded, in words, until it is fast again', async () => {
  await start({
    routing: { degradation: { minimum_calls: 5, samples: 2 } },
    alerts: [{ url: hook }],
  })
  for (let index = 0; index < 6; index++) await ask()
  world.simulator.always({ timing: { latency: 250 } })
  for (let index = 0; index < 8; index++) await ask()
  expect(await get('/api/llm/health')).toMatchObject({
    status: 'degraded',
    providers: [
      {
        id: 'lab',
        status: 'degraded',
        reasons: [expect.stringMatching(/^lab\/small: time to first token \d+\.\d x its usual \d+ ms$/)],
      },
      { id: 'spare' },
      { id: 'demo' },
    ],
  })
  world.simulator.always(undefined)
  await vi.waitFor(async () => {
    await ask()
    expect(await events()).toEqual(['provider.recovered lab', 'provider.degraded lab'])
  }, patience)
  await vi.waitFor(
    () => expect(received.map(({ type }) => type)).toEqual(['provider.degraded', 'provider.recovered']),
    patience,
  )
})

test('a webhook that is down, or refuses, disturbs nothing and gives no token away', async () => {
  await start({
    routing: { breaker: { consecutive_failures: 1, open_for: 60 } },
    alerts: [{ url: 'http://127.0.0.1:1/dead-token' }, { url: hook }],
  })
  webhook.removeAllListeners('request')
  webhook.on('request', (_request, response) => response.writeHead(403).end('no hook-token'))
  world.simulator.always({ fault: { kind: 'status', status: 500 } })
  for (let index = 0; index < 5; index++) expect(await ask()).toBe('spare')
  await vi.waitFor(
    () =>
      expect(world.log.filter(({ msg }) => msg.includes('notice'))).toMatchObject([
        { alert: 1, type: 'provider.unhealthy', subject: 'lab', outcome: 403 },
      ]),
    patience,
  )
  expect(JSON.stringify([world.log, world.gateway.config.alerts])).not.toMatch(/dead-token|hook-token/)
})

test('a provider of a route that nobody calls is asked where that is wanted', async () => {
  spare.always({ on: 'any', fault: { kind: 'status', status: 401 } })
  await start({ health: { probe_interval: 0.05, probe_idle: true }, alerts: [{ url: hook }] })
  await vi.waitFor(() => expect(received.map(({ subject }) => subject)).toEqual(['spare']), patience)
  const { providers } = await get<{ providers: object[] }>('/api/llm/health')
  expect(providers).toMatchObject([
    { id: 'lab', status: 'healthy', probe: { state: 'healthy' } },
    { id: 'spare', status: 'unhealthy', probe: { state: 'unauthorized' }, reasons: [expect.stringContaining('401')] },
    { id: 'demo', status: 'unknown' },
  ])
  spare.always(undefined)
  await vi.waitFor(
    () => expect(received.map(({ type }) => type)).toEqual(['provider.unhealthy', 'provider.recovered']),
    patience,
  )
})
