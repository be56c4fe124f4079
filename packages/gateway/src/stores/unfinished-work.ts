import { join } from 'node:path'
import { databaseName, isThere } from './place.ts'

/**
 * Whether a process that ended left batches to be gone on with. Asks without what a store is made of, which is loaded
 * only if so; in doubt there are some.
 */
export function hasUnfinishedBatches(directory: string): boolean {
  if (!isThere(directory)) return false
  try {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const database = new DatabaseSync(join(directory, databaseName))
    try {
      const unfinished = `select 1 from batches where status in ('validating', 'in_progress', 'finalizing', 'cancelling')`
      return database.prepare(`${unfinished} limit 1`).get() !== undefined
    } finally {
      database.close()
    }
  } catch {
    return true
  }
}
