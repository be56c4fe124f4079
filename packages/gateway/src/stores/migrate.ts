import { type Kysely, PostgresAdapter, sql, type Transaction } from 'kysely'
import { appliedOf } from './check-schema.ts'
import type { Migration } from './migrations/migration.ts'
import type { Tables } from './tables.ts'

/**
 * Brings the schema to where `count` migrations are applied, forward or backward. In one transaction under a lock:
 * processes that start together wait for each other, and a migration that fails leaves nothing behind.
 *
 * @param count default: all.
 * @returns the names of those that were applied or undone, in this order.
 * @throws SluiceError `schema_mismatch` as `appliedOf`.
 */
export async function migrate(
  database: Kysely<Tables>,
  migrations: readonly Migration[],
  count: number = migrations.length,
): Promise<readonly string[]> {
  // Most find nothing to be done, and need no lock for that.
  if (appliedOf(await readMigrations(database), migrations)?.length === count) return []
  return database.transaction().execute(async (transaction) => {
    await lock(transaction)
    await sql`create table if not exists migrations (name text primary key, applied_at bigint not null)`.execute(
      transaction,
    )
    const applied = appliedOf(await readMigrations(transaction), migrations) ?? []
    const forward = migrations.slice(applied.length, count)
    for (const migration of forward) {
      await execute(transaction, migration.up)
      await transaction.insertInto('migrations').values({ name: migration.name, applied_at: Date.now() }).execute()
    }
    const backward = migrations.slice(count, applied.length).toReversed()
    for (const migration of backward) {
      await execute(transaction, migration.down)
      await transaction.deleteFrom('migrations').where('name', '=', migration.name).execute()
    }
    return [...forward, ...backward].map(({ name }) => name)
  })
}

export interface AppliedMigration {
  readonly name: string
  /** Unix milliseconds. */
  readonly applied_at: number
}

/** Those that a database says were applied, by name; `undefined` for one that knows nothing of migrations. */
export async function readMigrations(database: Kysely<Tables>): Promise<readonly AppliedMigration[] | undefined> {
  const present = isOnPostgres(database)
    ? sql<object>`select 1 where to_regclass('migrations') is not null`
    : sql<object>`select 1 from sqlite_master where name = 'migrations'`
  if ((await present.execute(database)).rows.length === 0) return undefined
  return database.selectFrom('migrations').selectAll().orderBy('name').execute()
}

export function isOnPostgres(database: Kysely<Tables>): boolean {
  return database.getExecutor().adapter instanceof PostgresAdapter
}

/** Whatever number, the same for all. */
const lockNumber = 7_582_493

async function lock(transaction: Transaction<Tables>): Promise<void> {
  // SQLite's transaction is one already: see sqlite.ts.
  if (!isOnPostgres(transaction)) return
  await sql`select pg_advisory_xact_lock(${lockNumber}::bigint)`.execute(transaction)
}

async function execute(transaction: Transaction<Tables>, statements: string): Promise<void> {
  for (const statement of statements.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(transaction)
  }
}
