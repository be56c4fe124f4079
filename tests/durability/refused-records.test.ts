import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { postgresForTests } from '../servers/postgres.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

const authorization = 'Bearer caller'

interface Place {
  readonly folder: string
  readonly databaseUrl: string | undefined
}

interface Rule {
  readonly add: string
  readonly remove: string
}

async function start({ folder, databaseUrl }: Place): Promise<TestGateway> {
  const server = { keys: ['caller'], data_dir: folder, ...(databaseUrl !== undefined && { database_url: databaseUrl }) }
  const gateway = await startTestGateway({ config: { server, ledger: { max_journal_bytes: 1024 * 1024 } } })
  onTestFinished(() => gateway.close())
  return gateway
}

async function ask({ url }: TestGateway, id: string): Promise<void> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, 'x-request-id': id },
    body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hello' }] }),
  })
  expect(response.status).toBe(200)
  await response.text()
}

async function look({ gateway }: TestGateway, path: string): Promise<string> {
  return (await fetch(`${gateway.url}${path}`, { headers: { authorization } })).text()
}

async function health(gateway: TestGateway): Promise<unknown> {
  return (JSON.parse(await look(gateway, '/api/llm/health')) as { ledger: unknown }).ledger
}

async function kept({ gateway }: TestGateway): Promise<readonly string[]> {
  const { entries } = await (await gateway.ledger!.store()).list({}, { limit: 100 })
  return entries.map(({ requestId }) => requestId).toSorted()
}

/** By a connection of its own, as an operator would. */
async function inDatabase({ folder, databaseUrl }: Place, statement: string): Promise<void> {
  if (databaseUrl === undefined) {
    const database = new DatabaseSync(join(folder, 'sluice.db'))
    // The gateway of this process may be in the middle of a transaction, which goes on while this waits.
    for (let done = false; !done; await setImmediate()) done = attempt(() => database.exec(statement))
    database.close()
    return
  }
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

/** @returns whether it was not locked. */
function attempt(run: () => void): boolean {
  try {
    run()
    return true
  } catch (error) {
    if (error instanceof Error && error.message === 'database is locked') return false
    throw error
  }
}

function describeRefusals(rule: Rule, newUrl: () => Promise<string | undefined>): void {
  async function newPlace(): Promise<Place> {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-refused-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    return { folder, databaseUrl: await newUrl() }
  }

  test('a record that the database refuses holds up no other, lies aside, and comes back in', async () => {
    const place = await newPlace()
    const aside = join(place.folder, 'ledger/aside')
    const gateway = await start(place)
    await ask(gateway, 'before')
    await gateway.gateway.ledger?.flush()
    await inDatabase(place, rule.add)
    for (const id of ['a', 'b', 'refused', 'c', 'd', 'refused', 'e']) await ask(gateway, id)
    await gateway.gateway.ledger?.flush()
    expect(await kept(gateway)).toEqual(['a', 'b', 'before', 'c', 'd', 'e'])
    expect(await health(gateway)).toMatchObject({
      state: 'aside',
      reason: expect.stringContaining('ledger/aside') as string,
      waiting: 0,
      aside: 2,
    })
    expect(await look(gateway, '/metrics')).toContain('\nsluice_ledger_missing_records_total{reason="aside"} 2\n')
    expect(await look(gateway, '/api/llm/events')).toContain('"ledger.failing"')
    expect(gateway.log.filter(({ msg }) => msg.includes('refuses'))).toHaveLength(2)
    await gateway.close()

    await inDatabase(place, rule.remove)
    for (const file of readdirSync(aside)) renameSync(join(aside, file), join(place.folder, 'ledger', file))
    const next = await start(place)
    await ask(next, 'after')
    await next.gateway.ledger?.flush()
    await expect.poll(() => kept(next)).toHaveLength(9)
    expect(await health(next)).toMatchObject({ state: 'ok', aside: 0 })
    const { rows } = await (
      await next.gateway.ledger!.store()
    ).sum({ groupBy: [], interval: 'total', limit: 1, offset: 0 })
    expect(rows).toMatchObject([{ requests: 9 }])
  })

  test('a database of another version has nothing put aside', async () => {
    const place = await newPlace()
    const gateway = await start(place)
    await ask(gateway, 'before')
    await gateway.gateway.ledger?.flush()
    await inDatabase(place, `insert into migrations (name, applied_at) values ('9999-of-tomorrow', 1)`)
    await inDatabase(place, rule.add)
    await ask(gateway, 'refused')
    await expect(gateway.gateway.ledger?.flush()).rejects.toThrow(/not that one|refusal/)
    expect(existsSync(join(place.folder, 'ledger/aside'))).toBe(false)
    expect(await health(gateway)).toMatchObject({ state: 'behind', waiting: 1, aside: 0 })
  })

  test('more than there is room for aside waits in the journal', async () => {
    const place = await newPlace()
    const gateway = await start(place)
    await ask(gateway, 'before')
    await gateway.gateway.ledger?.flush()
    await inDatabase(place, rule.add)
    const folder = join(place.folder, 'ledger/aside')
    mkdirSync(folder)
    writeFileSync(join(folder, 'earlier.0.jsonl'), 'x'.repeat((1024 * 1024) / 8))
    await ask(gateway, 'refused')
    await expect(gateway.gateway.ledger?.flush()).rejects.toThrow(/not that one|refusal/)
    expect(await health(gateway)).toMatchObject({ state: 'behind', waiting: 1, aside: 0 })
    rmSync(join(folder, 'earlier.0.jsonl'))
    await gateway.gateway.ledger?.flush()
    expect(await health(gateway)).toMatchObject({ state: 'aside', waiting: 0, aside: 1 })
  })
}

describe('SQLite', () => {
  describeRefusals(
    {
      add: `create trigger refusal before insert on usage_records when new.request_id = 'refused'
        begin select raise(abort, 'not that one'); end`,
      remove: 'drop trigger refusal',
    },
    () => Promise.resolve(undefined),
  )
})

describeOnPostgres('PostgreSQL', () => {
  describeRefusals(
    {
      add: `alter table usage_records add constraint refusal check (request_id <> 'refused')`,
      remove: 'alter table usage_records drop constraint refusal',
    },
    async () => (await postgresForTests()).url,
  )
})
