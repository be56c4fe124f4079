import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { requireProgram } from '../servers/programs.ts'

/** What a ledger's database says, asked for beside the gateway. */
export interface FoundRecords {
  /** By request, with how they ended. */
  readonly records: readonly (readonly [requestId: string, outcome: string])[]
  /** Requests, by the sums of days. */
  readonly summed: number
}

const recordsQuery = `select request_id || ' ' || outcome as line from usage_records`
const sumQuery = 'select coalesce(sum(requests), 0) as line from usage_daily'

/** @param databaseUrl PostgreSQL's; without it SQLite in the data directory. */
export async function readLedger(dataDir: string, databaseUrl: string | undefined): Promise<FoundRecords> {
  const read = async (query: string): Promise<readonly string[]> =>
    databaseUrl === undefined ? readSqlite(join(dataDir, 'sluice.db'), query) : readPostgres(databaseUrl, query)
  const lines = await read(recordsQuery)
  const [sum] = await read(sumQuery)
  return { records: lines.map((line) => line.split(' ') as [string, string]), summed: Number(sum) }
}

/** Files of records that are not all in the database yet. */
export async function journalsIn(dataDir: string): Promise<readonly string[]> {
  const files = await readdir(join(dataDir, 'ledger')).catch(() => [])
  return files.filter((name) => name.endsWith('.jsonl'))
}

/** Which requests have no record though they should, and which have several. */
export function compareRecords(
  expected: readonly string[],
  { records }: FoundRecords,
): { readonly lost: readonly string[]; readonly duplicates: readonly string[] } {
  const counts = new Map<string, number>()
  for (const [id] of records) counts.set(id, (counts.get(id) ?? 0) + 1)
  return {
    lost: expected.filter((id) => !counts.has(id)),
    duplicates: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
  }
}

function readSqlite(path: string, query: string): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database
      .prepare(query)
      .all()
      .map(({ line }) => String(line))
  } finally {
    database.close()
  }
}

async function readPostgres(url: string, query: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    requireProgram('psql'),
    ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', `--command=${query}`, url],
    { maxBuffer: 1024 * 1024 * 1024 },
  )
  return stdout.split('\n').filter((line) => line !== '')
}
