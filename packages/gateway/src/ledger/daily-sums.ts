import type { Transaction } from 'kysely'
import type { Database } from '../stores/database.ts'
import type { Tables } from '../stores/tables.ts'
import type { UsageDailyRow } from '../stores/usage-tables.ts'
import { createBulkInsert } from './bulk-insert.ts'
import { dailyKeys, dailySums } from './usage-rows.ts'

const grown = dailySums.map((name) => `${name} = usage_daily.${name} + excluded.${name}`).join(', ')

/** Adds to the sums of days. In one order always, so that processes that do so at once wait for each other in turn. */
export function createDailySums(
  database: Database,
): (transaction: Transaction<Tables>, rows: readonly UsageDailyRow[]) => Promise<unknown> {
  const conflict = `on conflict (${dailyKeys.join(', ')}) do update set ${grown}`
  const insert = createBulkInsert<UsageDailyRow>(database, { table: 'usage_daily', conflict, key: 'day' })
  return (transaction, rows) =>
    insert(
      transaction,
      rows.toSorted((left, right) => compare(keyOf(left), keyOf(right))),
    )
}

function keyOf(row: UsageDailyRow): string {
  return JSON.stringify(dailyKeys.map((name) => row[name]))
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
