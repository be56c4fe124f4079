import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../access/admin-client.ts'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../start-test-gateway.ts'

const keys = ['caller']
const authorization = 'Bearer caller'

async function start(options: TestGatewayOptions): Promise<TestGateway> {
  const gateway = await startTestGateway(options)
  onTestFinished(() => gateway.close())
  return gateway
}

async function ask({ url }: TestGateway, stream: boolean): Promise<number> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ model: 'small', stream, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await response.text()
  return response.status
}

interface Health {
  readonly ledger: { readonly state: string; readonly reason: string | null; readonly waiting: number }
}

async function health({ gateway }: TestGateway): Promise<Health['ledger']> {
  const response = await fetch(`${gateway.url}/api/llm/health`, { headers: { authorization } })
  return ((await response.json()) as Health).ledger
}

async function scrape({ gateway }: TestGateway): Promise<string> {
  return (await fetch(`${gateway.url}/metrics`, { headers: { authorization } })).text()
}

async function events({ gateway }: TestGateway): Promise<readonly string[]> {
  const { data } = (await (await fetch(`${gateway.url}/api/llm/events`, { headers: { authorization } })).json()) as {
    data: { type: string }[]
  }
  return data.map(({ type }) => type).filter((type) => type.startsWith('ledger.'))
}

describeOnPostgres('PostgreSQL that goes away', () => {
  test('fails no request and loses no record', async () => {
    await using server = await startPostgres()
    const gateway = await start({ config: { server: { keys, database_url: await server.createDatabase() } } })
    const { ledger } = gateway.gateway
    expect(await ask(gateway, false)).toBe(200)
    await ledger?.flush()
    await server.stop()
    for (let round = 0; round < 20; round++) expect(await ask(gateway, round % 2 === 0)).toBe(200)
    await expect(ledger?.flush()).rejects.toThrow(/cannot be used/)
    expect(await health(gateway)).toMatchObject({ state: 'behind', waiting: 20 })
    expect(await scrape(gateway)).toContain('\nsluice_ledger_waiting_records 20\n')
    expect(await events(gateway)).toEqual(['ledger.failing'])

    await server.start()
    await until(async () => (await health(gateway)).state === 'ok')
    await ledger?.flush()
    expect(await health(gateway)).toMatchObject({ reason: null, waiting: 0 })
    expect(await events(gateway)).toEqual(['ledger.recovered', 'ledger.failing'])
    const store = await ledger!.store()
    const { entries } = await store.list({}, { limit: 100 })
    expect(new Set(entries.map(({ requestId }) => requestId)).size).toBe(21)
    expect(entries).toHaveLength(21)
    const summed = await store.sum({ groupBy: [], interval: 'total', limit: 1, offset: 0 })
    expect(summed.rows).toMatchObject([{ requests: 21 }])
  }, 60_000)
})

/** A data directory whose journal has reached its limit, and a database that is away. */
function fullFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-full-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'ledger'))
  writeFileSync(join(folder, 'ledger/dead.1.jsonl'), '[0,"of a version of long ago"]\n'.repeat(40_000))
  return folder
}

const nowhere = 'postgres://sluice@127.0.0.1:1/sluice'
const limit = 1024 * 1024

test('at its limit the ledger refuses requests where that is wanted, and says so', async () => {
  const gateway = await start({
    config: {
      server: { keys, data_dir: fullFolder(), database_url: nowhere },
      ledger: { max_journal_bytes: limit, when_full: 'refuse' },
    },
  })
  expect(await ask(gateway, false)).toBe(503)
  expect(await health(gateway)).toMatchObject({ state: 'full', reason: expect.stringContaining('refused') as string })
})

test('at its limit requests go on otherwise', async () => {
  const gateway = await start({
    config: { server: { keys, data_dir: fullFolder(), database_url: nowhere }, ledger: { max_journal_bytes: limit } },
  })
  expect(await ask(gateway, false)).toBe(200)
  expect(await health(gateway)).toMatchObject({ state: 'full', reason: expect.stringContaining('dropped') as string })
  expect(await events(gateway)).toEqual(['ledger.full'])
})
