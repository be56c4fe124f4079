import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { type ServeProcess, startServe } from '../start-serve.ts'

export interface UpgradeReport {
  /** The newest migration, which was undone and done. */
  readonly newest: string
  /** With rows in them, before the newest migration. */
  readonly tables: number
  readonly rows: number
  /** Rows that were not there any more, or were others, after a step. */
  readonly lost: readonly string[]
  /** What the gateway of the newest schema has no more of what was made before. */
  readonly missing: readonly string[]
}

type Row = Readonly<Record<string, unknown>>
type Tables = ReadonlyMap<string, readonly Row[]>

const main = join(import.meta.dirname, '../../packages/gateway/src/cli/main.ts')
const adminKey = 'admin-key-of-the-upgrade'

/**
 * Fills a database as its users do, takes it back by the newest migration, and brings it up, back and up again by the command line.
 *
 * @param databaseUrl PostgreSQL's, of an empty database; without it SQLite in a folder of its own.
 */
export async function upgradeWithData(databaseUrl?: string): Promise<UpgradeReport> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-upgrade-'))
  const environment = {
    SLUICE_ADMIN_KEY: adminKey,
    SLUICE_KEY_PEPPER: 'p'.repeat(32),
    SLUICE_MASTER_KEY: 'm'.repeat(32),
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
  }
  const command = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=sluice-source', main, ...words], {
      cwd: folder,
      env: environment,
    })
    return stdout
  }
  const read = (): Promise<Tables> =>
    databaseUrl === undefined ? readSqlite(join(folder, '.sluice/sluice.db')) : readPostgres(databaseUrl)
  try {
    await writeFile(join(folder, 'sluice.yaml'), 'cache: { store: database }\n')
    let made: readonly string[]
    {
      await using gateway = await startServe(environment, folder)
      made = await fill(gateway)
    }
    const filled = await read()
    const { undone } = JSON.parse(await command('db', 'rollback', '--yes', '--json')) as { undone: [string] }
    const before = await read()
    const lost = [...filled]
      .filter(([table, rows]) => before.has(table) && before.get(table)?.length !== rows.length)
      .map(([table]) => `by the first rollback: rows of ${table}`)
    for (const step of [['migrate'], ['rollback', '--yes'], ['migrate']]) {
      await command('db', ...step)
      lost.push(...lostBetween(before, await read()).map((row) => `after ${step[0]}: ${row}`))
    }
    await using gateway = await startServe(environment, folder)
    const missing: string[] = []
    for (const path of made) if ((await ask(gateway, 'GET', path)).status !== 200) missing.push(path)
    const rows = [...before.values()].reduce((sum, { length }) => sum + length, 0)
    return { newest: undone[0], tables: before.size, rows, lost, missing }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Something of all that is kept. @returns where each is found. */
async function fill(gateway: ServeProcess): Promise<readonly string[]> {
  const paths: string[] = []
  const make = async (path: string, body: object): Promise<string> => {
    const { status, id } = await ask(gateway, 'POST', `/api/admin${path}`, body)
    if (status !== 201) throw new Error(`${path} answered ${status}`)
    paths.push(`/api/admin${path}/${id}`)
    return id
  }
  const organisation_id = await make('/organisations', { name: 'Acme' })
  const workspace_id = await make('/workspaces', { organisation_id, kind: 'site', name: 'Shop' })
  const user_id = await make('/users', { organisation_id, name: 'Ann', email: 'ann@example.com' })
  await make('/keys', { name: 'shop', workspace_id, user_id, tags: ['env:one'], budget: { amount: 5 } })
  await make('/budgets', { name: 'everybody', organisation_id, per: 'key', amount: 9 })
  await make('/limits', { name: 'everybody', organisation_id, per: 'user', requests_per_day: 1_000 })
  const settings = `/api/admin/workspaces/${workspace_id}/ai-settings`
  await ask(gateway, 'PATCH', settings, { provider: 'openai', keys: { openai: 'sk-of-the-shop' } })
  paths.push(settings)
  for (const content of ['one', 'two', 'two'])
    await ask(gateway, 'POST', '/v1/chat/completions', { model: 'demo', messages: [{ role: 'user', content }] })
  const response = await ask(gateway, 'POST', '/v1/responses', { model: 'demo', input: 'kept' })
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob(['{}\n']), 'lines.jsonl')
  const file = await ask(gateway, 'POST', '/v1/files', form)
  paths.push(`/v1/responses/${response.id}`, `/v1/files/${file.id}`, '/api/admin/usage/records')
  return paths
}

async function ask(
  { url }: ServeProcess,
  method: string,
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly id: string }> {
  const isForm = body instanceof FormData
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, ...(!isForm && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
  })
  const { id = '' } = (await response.json()) as { id?: string }
  return { status: response.status, id }
}

/** Rows of before that are not there after, by the columns that they had. */
function lostBetween(before: Tables, after: Tables): readonly string[] {
  const lost: string[] = []
  for (const [table, rows] of before) {
    const columns = Object.keys(rows[0] ?? {})
    const written = (row: Row): string => JSON.stringify(columns.map((column) => row[column]))
    const left = (after.get(table) ?? []).map(written)
    for (const row of rows) {
      const at = left.indexOf(written(row))
      if (at < 0) lost.push(`${table} ${written(row)}`)
      else left.splice(at, 1)
    }
  }
  return lost
}

async function readSqlite(path: string): Promise<Tables> {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const names = database
      .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
      .all()
    return await readAll(
      names.map(({ name }) => String(name)),
      async (name) => database.prepare(`select * from "${name}"`).all(),
    )
  } finally {
    database.close()
  }
}

async function readPostgres(url: string): Promise<Tables> {
  const client = new Client(url)
  await client.connect()
  try {
    const found = await client.query<{ name: string }>(
      'select table_name as name from information_schema.tables where table_schema = current_schema()',
    )
    return await readAll(
      found.rows.map(({ name }) => name),
      async (name) => (await client.query<Row>(`select * from "${name}"`)).rows,
    )
  } finally {
    await client.end()
  }
}

/** Those that have rows; without the list of migrations, which is what changes. */
async function readAll(names: readonly string[], rowsOf: (name: string) => Promise<readonly Row[]>): Promise<Tables> {
  const tables = new Map<string, readonly Row[]>()
  for (const name of names.filter((one) => one !== 'migrations')) {
    const rows = await rowsOf(name)
    if (rows.length > 0) tables.set(name, rows)
  }
  return tables
}
