import { SluiceError } from '@sluice/protocol'
import { type Dialect, Kysely, SqliteDialect } from 'kysely'
import { appliedOf, requireNewest } from './check-schema.ts'
import { migrate, readMigrations } from './migrate.ts'
import { migrations } from './migrations/migrations.ts'
import { isPostgres } from './place.ts'
import { openSqlite } from './sqlite.ts'
import type { Tables } from './tables.ts'

/** What the stores of all features are built on. */
export type Database = Kysely<Tables>

export interface DatabaseOptions {
  /** Of this process at the most, where it is PostgreSQL. Default 10. */
  readonly connections?: number
  /** Bring its schema up to date; without that, one which is not is refused. Default `true`. */
  readonly migrate?: boolean
  /** Milliseconds for one statement, where it is PostgreSQL; 0 is for ever. Default 30 seconds. */
  readonly patience?: number
}

/**
 * The database at a place, with its schema up to date. A place is a data directory, for SQLite; `:memory:`, for SQLite
 * that leaves nothing behind; or PostgreSQL's URL. To be imported when a feature needs it, and never at the start: see
 * `lazy-database.ts`. `destroy` closes it.
 *
 * @throws SluiceError `store_unavailable`, `schema_mismatch`
 */
export async function openDatabase(place: string, options: DatabaseOptions = {}): Promise<Database> {
  const database = await connectDatabase(place, options)
  try {
    if (options.migrate === false) requireNewest(await readMigrations(database), migrations)
    else if (isPostgres(place)) await migratePatiently(place, database)
    else await migrate(database, migrations)
    return database
  } catch (error) {
    await database.destroy().catch(() => {})
    if (error instanceof SluiceError) throw error
    const reason = error instanceof Error ? error.message : 'unknown reason'
    throw new SluiceError(
      'store_unavailable',
      isPostgres(place)
        ? `The schema of the database cannot be brought up to date: ${reason}. Give Sluice a database of its own.`
        : `The database in ${place} cannot be opened: ${reason}. Set server.data_dir (SLUICE_DATA_DIR) to a folder that this process may write to.`,
      { cause: error },
    )
  }
}

/** The database at a place as it is, of whatever schema. */
export async function connectDatabase(place: string, options: DatabaseOptions = {}): Promise<Database> {
  return new Kysely({ dialect: await dialectOf(place, options) })
}

/** A migration of much data takes its time, and so may those of others, which are waited for. */
async function migratePatiently(place: string, database: Database): Promise<void> {
  if (appliedOf(await readMigrations(database), migrations)?.length === migrations.length) return
  const patient = await connectDatabase(place, { connections: 1, patience: 0 })
  try {
    await migrate(patient, migrations)
  } finally {
    await patient.destroy()
  }
}

async function dialectOf(place: string, { connections = 10, patience = 30_000 }: DatabaseOptions): Promise<Dialect> {
  if (!isPostgres(place)) return new SqliteDialect({ database: async () => openSqlite(place) })
  // Its client is loaded by those who have one.
  const { createPostgresDialect } = await import('./postgres.ts')
  return createPostgresDialect(place, { connections, patience })
}
