import { join } from 'node:path'
import { appliedOf, requireNewest } from './check-schema.ts'
import { migrations } from './migrations/migrations.ts'
import { databaseName, isThere } from './place.ts'

/**
 * Looks at the schema of the database in a directory, where there is one, without what a store is made of. What else is
 * wrong with it is said by whoever opens it.
 *
 * @param mayMigrate it will be brought up to date when it is opened.
 * @throws SluiceError `schema_mismatch`
 */
export function checkSqlite(directory: string, mayMigrate: boolean): void {
  const rows = isThere(directory) ? readNames(join(directory, databaseName)) : undefined
  if (mayMigrate) appliedOf(rows, migrations)
  else if (rows !== undefined) requireNewest(rows, migrations)
}

function readNames(path: string): readonly { readonly name: string }[] | undefined {
  try {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const database = new DatabaseSync(path)
    try {
      return database.prepare('select name from migrations order by name').all() as { name: string }[]
    } finally {
      database.close()
    }
  } catch {
    return undefined
  }
}
