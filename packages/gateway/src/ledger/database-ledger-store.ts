import type { Selectable, Transaction } from 'kysely'
import { isNewest } from '../stores/check-schema.ts'
import type { Database } from '../stores/database.ts'
import { readMigrations } from '../stores/migrate.ts'
import { migrations } from '../stores/migrations/migrations.ts'
import { isRowsOwn } from '../stores/refused-rows.ts'
import type { Tables } from '../stores/tables.ts'
import type { UsageRecordRow } from '../stores/usage-tables.ts'
import { type LedgerStore, listPlace, type UsageFilter } from './ledger-store.ts'
import { createBulkInsert } from './bulk-insert.ts'
import { sumUsage } from './sum-usage.ts'
import type { UsageEntry } from './usage-entry.ts'
import { createDailySums } from './daily-sums.ts'
import { toAttemptRows, toDailyRows, toEntry, toRecordRow } from './usage-rows.ts'
import { wellFormedEntry } from './well-formed-entry.ts'
import { whereUsage } from './where-usage.ts'

export function createLedgerStore(database: Database): LedgerStore {
  const conflict = 'on conflict (id) do nothing'
  const insertRecords = createBulkInsert<UsageRecordRow>(database, { table: 'usage_records', conflict, key: 'id' })
  const addDailyRows = createDailySums(database)

  async function add(transaction: Transaction<Tables>, entries: readonly UsageEntry[]): Promise<number> {
    const added = await insertRecords(transaction, entries.map(toRecordRow))
    const fresh = added.size === entries.length ? entries : firstOfEach(entries.filter(({ id }) => added.has(id)))
    const attempts = fresh.flatMap(toAttemptRows)
    for (const some of chunks(attempts, rowsAtOnce))
      await transaction.insertInto('usage_attempts').values(some).execute()
    const tags = fresh.flatMap(({ id, startedAt, tags: said }) =>
      [...new Set(said)].map((tag) => ({ tag, started_at: startedAt, record_id: id })),
    )
    for (const some of chunks(tags, rowsAtOnce)) await transaction.insertInto('usage_tags').values(some).execute()
    await addDailyRows(transaction, toDailyRows(fresh))
    return fresh.length
  }

  async function select(filter: UsageFilter, limit: number, after: Place | undefined): Promise<UsageEntry[]> {
    let query = whereUsage(database.selectFrom('usage_records').selectAll('usage_records'), filter)
    if (after !== undefined) {
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('usage_records.started_at', 'usage_records.id'), '<', tuple(after.startedAt, after.id)),
      )
    }
    const rows = await query
      .orderBy('usage_records.started_at', 'desc')
      .orderBy('usage_records.id', 'desc')
      .limit(limit)
      .execute()
    return withAttempts(database, rows)
  }

  return {
    async add(entries) {
      if (entries.length === 0) return 0
      const kept = entries.map(wellFormedEntry)
      return database.transaction().execute((transaction) => add(transaction, kept))
    },
    async blamesEntries(error) {
      if (!isRowsOwn(error)) return false
      return isNewest(await readMigrations(database), migrations)
    },
    async list(filter, { limit, after }) {
      const place = after === undefined ? undefined : readPlace(after)
      if (after !== undefined && place === undefined) return { entries: [], next: undefined }
      const entries = await select(filter, limit + 1, place)
      const page = entries.slice(0, limit)
      const last = page.at(-1)
      return { entries: page, next: entries.length > limit && last !== undefined ? placeOf(last) : undefined }
    },
    sum: (query) => sumUsage(database, query),
    removeRecords: (before, most) =>
      database.transaction().execute(async (transaction) => {
        const rows = await transaction
          .selectFrom('usage_records')
          .select('id')
          .where('started_at', '<', before)
          .orderBy('started_at')
          .limit(most)
          .execute()
        const ids = rows.map(({ id }) => id)
        for (const some of chunks(ids, rowsAtOnce)) {
          await transaction.deleteFrom('usage_attempts').where('record_id', 'in', some).execute()
          await transaction.deleteFrom('usage_tags').where('record_id', 'in', some).execute()
          await transaction.deleteFrom('usage_records').where('id', 'in', some).execute()
        }
        return ids.length
      }),
    async removeSums(before, most) {
      const days = await database
        .selectFrom('usage_daily')
        .select('day')
        .distinct()
        .where('day', '<', before)
        .orderBy('day')
        .limit(most)
        .execute()
      if (days.length === 0) return 0
      const { numDeletedRows } = await database
        .deleteFrom('usage_daily')
        .where(
          'day',
          'in',
          days.map(({ day }) => day),
        )
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

/** Well below what either database takes as parameters of one statement. */
const rowsAtOnce = 500

async function withAttempts(database: Database, rows: readonly Selectable<UsageRecordRow>[]): Promise<UsageEntry[]> {
  const several = rows.filter(({ answered_ms: answered, attempts }) => answered === null && attempts > 0)
  const found = new Map<string, Tables['usage_attempts'][]>()
  for (const some of chunks(several, rowsAtOnce)) {
    const ids = some.map(({ id }) => id)
    const query = database.selectFrom('usage_attempts').selectAll().where('record_id', 'in', ids)
    for (const attempt of await query.orderBy('record_id').orderBy('number').execute()) {
      const list = found.get(attempt.record_id)
      if (list === undefined) found.set(attempt.record_id, [attempt])
      else list.push(attempt)
    }
  }
  return rows.map((row) => toEntry(row, found.get(row.id) ?? []))
}

/** An id that comes twice in one batch is one request. */
function firstOfEach(entries: readonly UsageEntry[]): readonly UsageEntry[] {
  const seen = new Set<string>()
  return entries.filter(({ id }) => {
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
}

function* chunks<One>(all: readonly One[], size: number): Iterable<readonly One[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size)
}

interface Place {
  readonly startedAt: number
  readonly id: string
}

function placeOf({ startedAt, id }: UsageEntry): string {
  return `${startedAt}_${id}`
}

function readPlace(text: string): Place | undefined {
  const match = listPlace.exec(text)
  return match === null ? undefined : { startedAt: Number(match[1]), id: match[2]! }
}
