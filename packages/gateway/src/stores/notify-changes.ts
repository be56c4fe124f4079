import { type Kysely, sql } from 'kysely'
import { isOnPostgres } from './migrate.ts'
import type { Tables } from './tables.ts'

/** Where PostgreSQL tells that something was changed of what is kept of keys, users, sites and rules. */
export const changesChannel = 'sluice_access'

/** As part of a transaction: it is told when that is committed, to whoever listens. Nothing happens in SQLite. */
export async function notifyOfChange(transaction: Kysely<Tables>): Promise<void> {
  if (isOnPostgres(transaction)) await sql`select pg_notify(${changesChannel}, '')`.execute(transaction)
}
