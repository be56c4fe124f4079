import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConfigInput } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnRedis } from '../servers/describe-on.ts'
import { redisForTests, startRedis } from '../servers/redis.ts'
import { spendAllAtOnce } from './spend-all-at-once.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../start-test-gateway.ts'

type Budgets = NonNullable<ConfigInput['budgets']>
type Rule = NonNullable<Budgets['rules']>[number]

/** A token costs a thousandth of a dollar. */
const models = [
  { id: 'lab/small', price: { input: 1000, output: 1000 } },
  { id: 'lab/large', price: { input: 10_000, output: 10_000 } },
]
const usd = 1e9

function budgeted(rule: Rule, more: ConfigInput = {}, options: TestGatewayOptions = {}): Promise<TestGateway> {
  return startTestGateway({
    ...options,
    simulator: { models: ['small', 'large', 'unpriced'] },
    config: { models, ...more, budgets: { rules: [rule], ...more.budgets } },
  })
}

interface Asking {
  readonly path?: string
  readonly model?: string
  readonly stream?: boolean
  readonly maxTokens?: number | null
  readonly key?: string
  readonly signal?: AbortSignal
}

function ask(lab: TestGateway, asking: Asking = {}): Promise<Response> {
  const { path = '/chat/completions', model = 'small', stream = false, maxTokens = 16, key, signal } = asking
  return fetch(`${lab.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({
      model,
      ...(maxTokens !== null && { max_tokens: maxTokens }),
      stream,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
    ...(signal !== undefined && { signal }),
  })
}

/** 0.02 USD. */
const reply = { usage: { input: 10, output: 10 } }

function spentBy(lab: TestGateway): number {
  return lab.usage.reduce((sum, { cost }) => sum + (cost?.nanoDollars ?? 0), 0)
}

async function events(lab: TestGateway): Promise<readonly { type: string; subject: string; reason: string }[]> {
  const answer = await fetch(`${lab.gateway.url}/api/llm/events`)
  const { data } = (await answer.json()) as { data: { type: string; subject: string; reason: string }[] }
  return data.filter(({ type }) => type.startsWith('budget.'))
}

test('a budget is spent to its end, and then the caller is told in their own dialect', async () => {
  await using lab = await budgeted({ name: 'small-money', per: 'key', amount: 0.1, alert_at: [0.5] })
  lab.simulator.always({ reply })
  const spent: number[] = []
  for (;;) {
    const answer = await ask(lab, { stream: spent.length % 2 === 1 })
    if (answer.status !== 200) {
      expect(answer.status).toBe(402)
      expect(answer.headers.get('x-should-retry')).toBe('false')
      const { error } = (await answer.json()) as { error: { code: string; message: string } }
      expect(error.code).toBe('budget_exceeded')
      expect(error.message).toMatch(/"small-money" of 0\.10 USD a month for the key local has 0\.0\d+ USD left/)
      expect(error.message).toMatch(/begins anew at \d{4}-\d\d-01T00:00:00.000Z/)
      break
    }
    await answer.text()
    spent.push(spentBy(lab))
  }
  // What is left is not enough for the next one, as far as anybody can say before.
  expect(spent).toEqual([0.02 * usd, 0.04 * usd, 0.06 * usd].slice(0, spent.length))
  expect(spent.length).toBeGreaterThanOrEqual(2)
  const anthropic = await ask(lab, { path: '/messages' })
  expect(anthropic.status).toBe(402)
  expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: 'billing_error' } })
  const told = await events(lab)
  expect(told.map(({ type }) => type).toSorted()).toEqual([
    'budget.exceeded',
    ...(spent.length > 2 ? ['budget.threshold'] : []),
  ])
})

test('500 requests at the same moment, streams too, spend no more than there is', { timeout: 60_000 }, async () => {
  const report = await spendAllAtOnce({ requests: 500, affordable: 10, gateways: 1 })
  expect(report.spent).toBeLessThanOrEqual(report.budget)
  // What is reserved is a little more than what is used: of ten one may not fit.
  expect(report).toMatchObject({ others: 0, answered: 9, refused: 491 })
})

test('what is asked for in odd numbers counts, and leaves the budget what it is', async () => {
  const free = { id: 'lab/free', price: { input: 0, output: 0 } }
  await using lab = await startTestGateway({
    simulator: { models: ['small', 'free'] },
    config: { models: [...models, free], budgets: { rules: [{ per: 'all', amount: 10 }] } },
  })
  const statusOf = async (members: string): Promise<number> => {
    const body = `{"messages":[{"role":"user","content":"Hi"}],${members}}`
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`${lab.url}/chat/completions`, { method: 'POST', headers, body })).status
  }
  const large = '"model":"small","max_tokens":100000'
  const statuses: number[] = []
  for (const members of [
    large,
    `${large},"n":1e-9`,
    '"model":"small","max_tokens":1e400',
    '"model":"free","max_tokens":1e308,"n":1e308',
    large,
  ])
    statuses.push(await statusOf(members))
  expect(statuses).toEqual([402, 402, 402, 400, 402])
})

test('what was spent is known after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-budget-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const server = { data_dir: folder }
  const rule: Rule = { per: 'key', match: { models: ['small'] }, amount: 0.1 }
  {
    await using lab = await budgeted(rule, { server })
    lab.simulator.always({ reply: { usage: { input: 10, output: 80 } } })
    expect((await ask(lab, { model: 'small' })).status).toBe(200)
  }
  await using lab = await budgeted(rule, { server })
  expect((await ask(lab)).status).toBe(402)
  expect((await ask(lab, { model: 'large' })).status).toBe(200)
})

test('thresholds are told of once, the end too; a budget that does not stop goes on', async () => {
  await using lab = await budgeted({ name: 'watched', per: 'all', amount: 0.1, alert_at: [0.2, 0.5, 0.9], stop: false })
  lab.simulator.always({ reply })
  for (let index = 0; index < 7; index++) expect((await ask(lab)).status).toBe(200)
  const told = (await events(lab)).toReversed()
  expect(told.map(({ type, reason }) => [type, reason.slice(0, 4)])).toEqual([
    ['budget.threshold', '20 %'],
    ['budget.threshold', '50 %'],
    ['budget.exceeded', '0.10'],
  ])
  expect(told[0]).toMatchObject({ subject: 'watched' })
})

test('a budget begins anew with its period, and can be raised for a while', async () => {
  let now = Date.parse('2026-11-21T22:30:00Z')
  const raise = { by: 0.07, until: '2026-11-21T22:45:00Z' }
  await using lab = await budgeted(
    { per: 'key', amount: 0.07, period: 'daily', time_zone: 'Europe/Berlin', raise },
    { ledger: { enabled: false } },
    { now: () => now },
  )
  lab.simulator.always({ reply })
  const asked = async (): Promise<number> => (await ask(lab)).status
  expect([await asked(), await asked(), await asked(), await asked()]).toEqual([200, 200, 200, 200])
  expect(await asked()).toBe(402)
  now = Date.parse('2026-11-21T22:45:00Z')
  expect(await asked()).toBe(402)
  now = Date.parse('2026-11-21T22:59:59Z')
  expect(await asked()).toBe(402)
  now = Date.parse('2026-11-21T23:00:00Z')
  expect(await asked()).toBe(200)
  expect(await asked()).toBe(402)
})

test.each([
  ['allow', 200, 0],
  ['refuse', 402, 0],
  [0.04, 200, 2],
] as const)('a model of unknown price: %s', async (unpriced, status, most) => {
  await using lab = await budgeted({ per: 'key', amount: 0.1 }, { budgets: { unpriced } })
  const answered: number[] = []
  for (let index = 0; index < 4; index++) answered.push((await ask(lab, { model: 'lab/unpriced' })).status)
  const good = most === 0 ? answered.length : most
  expect(answered).toEqual([0, 1, 2, 3].map((index) => (index < good ? status : 402)))
  const raw = await ask(lab, { path: '/../proxy/lab/chat/completions' })
  expect(raw.status).toBe(unpriced === 'allow' ? 200 : 402)
})

test('what a raw call cost counts, once it is known', async () => {
  await using lab = await budgeted({ per: 'key', amount: 0.1 })
  const statuses: number[] = []
  for (let index = 0; index < 40; index++)
    statuses.push((await ask(lab, { path: '/../proxy/lab/chat/completions' })).status)
  expect(statuses[0]).toBe(200)
  expect(statuses.at(-1)).toBe(402)
})

test('where a price is unknown and that is refused, a route goes on to a target with a price', async () => {
  await using lab = await budgeted(
    { per: 'key', amount: 10 },
    {
      budgets: { unpriced: 'refuse' },
      routes: { both: { targets: ['lab/unpriced', 'lab/small'], strategy: 'first-available' } },
    },
  )
  const answer = await ask(lab, { model: 'both' })
  expect([answer.status, answer.headers.get('x-sluice-model')]).toEqual([200, 'small'])
})

test("a model's budget that is spent leaves a route its other targets", async () => {
  await using lab = await budgeted(
    { per: 'model', match: { models: ['large'] }, amount: 1 },
    { routes: { both: { targets: ['lab/large', 'lab/small'], strategy: 'first-available' } } },
  )
  lab.simulator.always({ reply })
  const asked: (string | null)[] = []
  for (let index = 0; index < 5; index++) asked.push((await ask(lab, { model: 'both' })).headers.get('x-sluice-model'))
  expect(asked[0]).toBe('large')
  expect(asked.at(-1)).toBe('small')
  expect(spentBy(lab)).toBeGreaterThan(0)
  const direct = await ask(lab, { model: 'lab/large' })
  expect(direct.status).toBe(402)
})

test('what is asked again is paid for once, holds nothing twice, and is one more request', async () => {
  await using lab = await startTestGateway({
    config: {
      models,
      providers: { lab: { max_retries: 1 } },
      limits: { rules: [{ per: 'model', concurrent_requests: 1, requests_per_minute: 3 }] },
      budgets: { rules: [{ name: 'watched', per: 'model', amount: 0.2, alert_at: [0.15] }] },
    },
  })
  lab.simulator.always({ reply })
  lab.simulator.next({ fault: { kind: 'status', status: 500 } })
  expect((await ask(lab)).status).toBe(200)
  expect(lab.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(2)
  expect(await events(lab)).toEqual([])
  expect([(await ask(lab)).status, (await ask(lab)).status]).toEqual([200, 429])
})

test('requests that fail cost nothing, and hold nothing', async () => {
  await using lab = await budgeted({ per: 'key', amount: 0.07 })
  for (let index = 0; index < 5; index++) {
    lab.simulator.next('server-error')
    expect((await ask(lab)).status).toBe(502)
  }
  lab.simulator.next({ reply: { usage: { input: 40, output: 30 } } })
  expect((await ask(lab)).status).toBe(200)
  expect((await ask(lab)).status).toBe(402)
})

test('a caller who leaves pays for what was made until then, and holds nothing any more', async () => {
  await using lab = await budgeted({ per: 'key', amount: 0.12 })
  lab.simulator.next('hang-mid-stream')
  const leaving = new AbortController()
  const open = await ask(lab, { stream: true, signal: leaving.signal })
  expect((await ask(lab)).status).toBe(402)
  leaving.abort()
  await expect(open.text()).rejects.toThrow('aborted')
  const { cost } = await lab.settled(1)
  expect(cost?.nanoDollars).toBeGreaterThan(0)
  lab.simulator.always({ reply })
  expect((await ask(lab)).status).toBe(200)
})

const long = {
  reply: { text: Array.from({ length: 200 }, () => 'word word word word word. '), usage: { input: 10, output: 1300 } },
}

test.each([
  ['extend', 20, true],
  ['extend', 0.7, false],
  ['cut', 20, false],
  ['allow', 0.7, true],
] as const)('a stream that outgrows what is reserved (%s, %s USD): whole is %s', async (overrun, amount, whole) => {
  await using lab = await budgeted({ per: 'key', amount }, { budgets: { overrun, assumed_output_tokens: 500 } })
  lab.simulator.next({ ...long, timing: { gap: 1 } })
  const answer = await ask(lab, { stream: true, maxTokens: null })
  expect(answer.status).toBe(200)
  const text = await answer.text()
  expect(text.includes('[DONE]')).toBe(whole)
  expect(text.includes('budget_exceeded')).toBe(!whole)
  const { outcome, cost } = await lab.settled()
  expect(outcome).toBe(whole ? 'ok' : 'cut')
  if (!whole) expect(cost?.nanoDollars).toBeLessThanOrEqual(0.7 * usd)
  // All of it is paid, by whatever way it ended.
  if (amount < 1) expect((await ask(lab, { maxTokens: 300 })).status).toBe(402)
})

describeOnRedis('Budgets of several gateways', () => {
  test('hold for all of them together, with hundreds at the same moment', { timeout: 60_000 }, async () => {
    const { url } = await redisForTests()
    const report = await spendAllAtOnce({ requests: 300, affordable: 10, gateways: 3, redisUrl: url })
    expect(report.spent).toBeLessThanOrEqual(report.budget)
    expect(report).toMatchObject({ others: 0, answered: 9, refused: 291 })
  })

  test('are told by the ledger what was spent when Redis has forgotten', async () => {
    await using redis = await startRedis()
    await using lab = await budgeted({ per: 'key', amount: 0.1 }, { server: { redis_url: redis.url } })
    lab.simulator.always({ reply: { usage: { input: 10, output: 80 } } })
    expect((await ask(lab)).status).toBe(200)
    expect((await ask(lab)).status).toBe(402)
    await redis.stop()
    expect((await ask(lab)).status).toBe(402)
    await redis.start()
    for (let back = false; !back; await new Promise((resolve) => setTimeout(resolve, 20))) {
      expect((await ask(lab)).status).toBe(402)
      const health = (await (await fetch(`${lab.gateway.url}/api/llm/health`)).json()) as { limits: { state: string } }
      back = health.limits.state === 'ok'
    }
    expect((await ask(lab)).status).toBe(402)
  })
})
