import { SluiceError } from '@sluice/protocol'
import { Kysely, SqliteDialect } from 'kysely'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/migrations.ts'
import { openSqlite } from './sqlite.ts'
import type { Tables } from './tables.ts'

/** What the stores of all features are built on. */
export type Database = Kysely<Tables>

/**
 * The database in a data directory, with its schema up to date; `:memory:` for one that leaves nothing behind. To be
 * imported when a feature needs it, and never at the start: see `lazy-database.ts`. `destroy` closes it.
 *
 * @throws SluiceError `store_unavailable`
 */
export async function openDatabase(directory: string): Promise<Database> {
  const database: Database = new Kysely({
    dialect: new SqliteDialect({ database: async () => openSqlite(directory) }),
  })
  try {
    await migrate(database, migrations)
    return database
  } catch (error) {
    await database.destroy().catch(() => {})
    if (error instanceof SluiceError) throw error
    throw new SluiceError(
      'store_unavailable',
      `The database in ${directory} cannot be opened: ${error instanceof Error ? error.message : 'unknown reason'}. Set server.data_dir (SLUICE_DATA_DIR) to a folder that this process may write to.`,
      { cause: error },
    )
  }
}
