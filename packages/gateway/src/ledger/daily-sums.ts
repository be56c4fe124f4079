import { sql, type Transaction } from 'kysely'
import type { Tables } from '../stores/tables.ts'
import type { UsageDailyRow } from '../stores/usage-tables.ts'
import { dailyKeys, dailySums } from './usage-rows.ts'

const grown = Object.fromEntries(
  dailySums.map((name) => [name, sql<number>`${sql.ref(`usage_daily.${name}`)} + ${sql.ref(`excluded.${name}`)}`]),
)

/** Adds to the sums of days. In one order always, so that processes that do so at once wait for each other in turn. */
export async function addDailyRows(transaction: Transaction<Tables>, rows: readonly UsageDailyRow[]): Promise<void> {
  const ordered = rows.toSorted((left, right) => compare(keyOf(left), keyOf(right)))
  for (let start = 0; start < ordered.length; start += rowsAtOnce) {
    await transaction
      .insertInto('usage_daily')
      .values(ordered.slice(start, start + rowsAtOnce))
      .onConflict((conflict) => conflict.columns(dailyKeys).doUpdateSet(grown))
      .execute()
  }
}

const rowsAtOnce = 100

function keyOf(row: UsageDailyRow): string {
  return JSON.stringify(dailyKeys.map((name) => row[name]))
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
