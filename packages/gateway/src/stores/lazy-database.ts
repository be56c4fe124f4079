import type { Database, DatabaseOptions } from './database.ts'
import type { DatabaseLock } from './database-lock.ts'
import { takeDirectoryLock } from './exclusive-lock.ts'
import { isPostgres, isThere } from './place.ts'

/**
 * The one database of a gateway, opened when it is first asked for: a gateway that stores nothing does not pay for it.
 * SQLite has one connection for a process: its wait for another's transaction holds up everything, so none may wait for
 * itself.
 */
export interface LazyDatabase {
  /** Whether other machines work on it too. */
  readonly shared: boolean
  /** Rejects with a `SluiceError` `store_unavailable`; the next call tries again. */
  open(): Promise<Database>
  /**
   * To be asked at the start, before anything is served.
   *
   * @throws SluiceError `schema_mismatch`, and `store_unavailable` where it is on another machine that does not answer.
   */
  check(): Promise<void>
  /** For one process at a time of all that work on it, which must be open; `undefined` while another holds it. */
  lock(name: string): Promise<DatabaseLock | undefined>
  /** Idempotent. */
  close(): Promise<void>
}

/** @param place the data directory, `:memory:` for tests, or PostgreSQL's URL. */
export function createLazyDatabase(place: string, options: DatabaseOptions = {}): LazyDatabase {
  let opening: Promise<Database> | undefined
  const shared = isPostgres(place)
  function open(): Promise<Database> {
    opening ??= load(place, options).catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }

  return {
    shared,
    open,
    async check() {
      if (shared) {
        await open()
        return
      }
      if (!isThere(place)) return
      // Most start without what a store is made of.
      const { checkSqlite } = await import('./check-sqlite.ts')
      checkSqlite(place, options.migrate ?? true)
    },
    async lock(name) {
      if (!shared) {
        const lock = takeDirectoryLock(place, name)
        return lock && { isHeld: () => Promise.resolve(true), release: async () => lock.release() }
      }
      const { takePostgresLock } = await import('./postgres-lock.ts')
      return takePostgresLock(place, name)
    },
    async close() {
      const database = await opening?.catch(() => undefined)
      opening = undefined
      await database?.destroy()
    },
  }
}

async function load(place: string, options: DatabaseOptions): Promise<Database> {
  const { openDatabase } = await import('./database.ts')
  return openDatabase(place, options)
}
