import type { Database } from './database.ts'

/**
 * The one database of a gateway, opened when it is first asked for: a gateway that stores nothing does not pay for it. One
 * connection for a process: SQLite's wait for another's transaction holds up everything, so none may wait for itself.
 */
export interface LazyDatabase {
  /** Rejects with a `SluiceError` `store_unavailable`; the next call tries again. */
  open(): Promise<Database>
  /** Idempotent. */
  close(): Promise<void>
}

/** @param directory the data directory; `:memory:` for tests. */
export function createLazyDatabase(directory: string): LazyDatabase {
  let opening: Promise<Database> | undefined
  return {
    open() {
      opening ??= load(directory).catch((error: unknown) => {
        opening = undefined
        throw error
      })
      return opening
    },
    async close() {
      const database = await opening?.catch(() => undefined)
      opening = undefined
      await database?.destroy()
    },
  }
}

async function load(directory: string): Promise<Database> {
  const { openDatabase } = await import('./database.ts')
  return openDatabase(directory)
}
