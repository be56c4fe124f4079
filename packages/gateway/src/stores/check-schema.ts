import { SluiceError } from '@sluice/protocol'
import type { Migration } from './migrations/migration.ts'

interface Named {
  readonly name: string
}

/**
 * The migrations that a database has, where they are the first of those that this version knows.
 *
 * @throws SluiceError `schema_mismatch`
 */
export function appliedOf<Row extends Named>(
  rows: readonly Row[] | undefined,
  migrations: readonly Migration[],
): readonly Row[] | undefined {
  const wrong = rows?.findIndex(({ name }, index) => name !== migrations[index]?.name) ?? -1
  if (wrong < 0) return rows
  const name = rows?.[wrong]?.name ?? ''
  throw new SluiceError(
    'schema_mismatch',
    migrations.some((migration) => migration.name === name)
      ? `The database is migrated by half: it has ${name} without ${migrations[wrong]?.name}. Restore it from a backup.`
      : `The database has the migration ${name}, which this version of Sluice does not know. Run the version that wrote it, or roll that migration back with it (sluice db rollback).`,
  )
}

/** As `appliedOf`. @throws SluiceError `schema_mismatch` also where one is missing. */
export function requireNewest(rows: readonly Named[] | undefined, migrations: readonly Migration[]): void {
  const applied = appliedOf(rows, migrations)?.length ?? 0
  if (applied === migrations.length) return
  throw new SluiceError(
    'schema_mismatch',
    `The schema of the database is not up to date: ${applied} of ${migrations.length} migrations are applied. Run sluice db migrate.`,
  )
}

/** Whether it is exactly the schema that this version knows. */
export function isNewest(rows: readonly Named[] | undefined, migrations: readonly Migration[]): boolean {
  return rows?.length === migrations.length && rows.every(({ name }, index) => name === migrations[index]?.name)
}
