import { join } from 'node:path'

/** Held until it is released, or the process ends however it ends. */
export interface ExclusiveLock {
  release(): void
}

/**
 * Takes a lock of a data directory, which must exist, for this process alone; `undefined` when another holds it.
 * It is the operating system's, so that nothing remains of it when a process is killed.
 */
export function takeDirectoryLock(directory: string, name: string): ExclusiveLock | undefined {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(join(directory, `${name}.lock`))
  try {
    database.exec('pragma busy_timeout = 0; begin exclusive;')
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined
    throw error
  }
  return { release: () => database.close() }
}

/** https://www.sqlite.org/rescode.html#busy */
const sqliteBusy = 5
