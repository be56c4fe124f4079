import { SluiceError } from '@sluice/protocol'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Migration } from './migrations/migration.ts'
import type { Tables } from './tables.ts'

/**
 * Brings the schema to where `count` migrations are applied, forward or backward. In one transaction, which is also
 * the lock: processes that start together wait for each other, and a migration that fails leaves nothing behind.
 *
 * @param count default: all.
 * @throws SluiceError `store_unavailable` when the database was written by a newer version than this.
 */
export async function migrate(
  database: Kysely<Tables>,
  migrations: readonly Migration[],
  count: number = migrations.length,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const applied = await appliedMigrations(transaction)
    const unknown = applied.find((name, index) => migrations[index]?.name !== name)
    if (unknown !== undefined) {
      throw new SluiceError(
        'store_unavailable',
        `The database has the migration ${unknown}, which this version of Sluice does not know. Run the version that wrote it, or roll that migration back with it.`,
      )
    }
    for (const migration of migrations.slice(applied.length, count)) {
      await execute(transaction, migration.up)
      await transaction.insertInto('migrations').values({ name: migration.name, applied_at: Date.now() }).execute()
    }
    for (const migration of migrations.slice(count, applied.length).toReversed()) {
      await execute(transaction, migration.down)
      await transaction.deleteFrom('migrations').where('name', '=', migration.name).execute()
    }
  })
}

/** Names, oldest first. */
async function appliedMigrations(transaction: Transaction<Tables>): Promise<string[]> {
  await sql`create table if not exists migrations (name text primary key, applied_at bigint not null)`.execute(
    transaction,
  )
  const rows = await transaction.selectFrom('migrations').select('name').orderBy('name').execute()
  return rows.map(({ name }) => name)
}

async function execute(transaction: Transaction<Tables>, statements: string): Promise<void> {
  for (const statement of statements.split(/;\s*\n/)) {
    if (statement.trim() !== '') await sql.raw(statement).execute(transaction)
  }
}
