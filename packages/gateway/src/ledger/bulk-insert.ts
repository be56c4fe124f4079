import { CompiledQuery, PostgresAdapter, type Transaction } from 'kysely'
import type { Database } from '../stores/database.ts'
import { forEachRow } from '../stores/sqlite.ts'
import type { Tables } from '../stores/tables.ts'

export interface BulkInsertOptions {
  readonly table: keyof Tables
  /** What follows the values: `on conflict …`. */
  readonly conflict: string
  /** The column that names a row. */
  readonly key: string
}

/**
 * Inserts rows, and gives the names of those that were written. Each database gets what costs this process least: SQLite one
 * small statement again and again, PostgreSQL all rows as one text. To build statements as long as there are rows would take
 * longer than to run them.
 */
export type BulkInsert<Row extends object> = (
  transaction: Transaction<Tables>,
  rows: readonly Row[],
) => Promise<ReadonlySet<unknown>>

export function createBulkInsert<Row extends object>(database: Database, options: BulkInsertOptions): BulkInsert<Row> {
  const { table, conflict, key } = options
  if (database.getExecutor().adapter instanceof PostgresAdapter) {
    const insert = `insert into ${table} select * from json_populate_recordset(null::${table}, $1::json) ${conflict}`
    // Nearly always all of them are written: then their names need not come back.
    const text = `with written as (${insert} returning ${key})
      select case when count(*) < $2 then coalesce(json_agg(${key}), '[]') end as some from written`
    return async (transaction, rows) => {
      if (rows.length === 0) return new Set()
      const query = CompiledQuery.raw(text, [JSON.stringify(rows), rows.length])
      const [answer] = (await transaction.executeQuery<{ readonly some: readonly unknown[] | null }>(query)).rows
      return new Set(answer?.some ?? rows.map((row) => (row as Record<string, unknown>)[key]))
    }
  }

  let columns: readonly string[] | undefined
  let text = ''
  return async (transaction, rows) => {
    const [first] = rows
    if (first === undefined) return new Set()
    if (columns === undefined) {
      columns = Object.keys(first)
      const places = columns.map(() => '?')
      text = `${forEachRow}insert into ${table} (${columns.join(', ')}) values (${places.join(', ')}) ${conflict}`
    }
    const names = columns
    const values = rows.map((row) => names.map((name) => (row as Record<string, unknown>)[name]))
    const results = await transaction.executeQuery<{ readonly changes: number }>(CompiledQuery.raw(text, values))
    const written = new Set<unknown>()
    for (let index = 0; index < rows.length; index++)
      if (results.rows[index]!.changes > 0) written.add((rows[index] as Record<string, unknown>)[key])
    return written
  }
}
