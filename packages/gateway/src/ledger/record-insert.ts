import type { CompiledQuery, Transaction } from 'kysely'
import type { Database } from '../stores/database.ts'
import type { Tables } from '../stores/tables.ts'
import type { UsageRecordRow } from '../stores/usage-tables.ts'

/** Rows of one statement: what is left over goes by the smaller ones. */
const sizes = [64, 8, 1]

/**
 * Inserts records that are not there yet, and says which they were. The statements are built once for each size: building one
 * takes longer than the database needs to run it.
 */
export function createRecordInsert(
  database: Database,
): (transaction: Transaction<Tables>, rows: readonly UsageRecordRow[]) => Promise<ReadonlySet<string>> {
  const statements = new Map<number, CompiledQuery<{ id: string }>>()
  let columns: readonly (keyof UsageRecordRow)[] | undefined

  function statementFor(size: number, example: UsageRecordRow): CompiledQuery<{ id: string }> {
    let statement = statements.get(size)
    if (statement === undefined) {
      statement = database
        .insertInto('usage_records')
        .values(Array.from({ length: size }, () => example))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .compile()
      statements.set(size, statement)
    }
    return statement
  }

  return async (transaction, rows) => {
    const added = new Set<string>()
    const first = rows[0]
    if (first === undefined) return added
    const names = (columns ??= Object.keys(first) as (keyof UsageRecordRow)[])
    for (let start = 0; start < rows.length;) {
      const size = sizes.find((one) => one <= rows.length - start) ?? 1
      const parameters: unknown[] = []
      for (const row of rows.slice(start, start + size)) for (const name of names) parameters.push(row[name])
      const statement: CompiledQuery<{ id: string }> = { ...statementFor(size, filled(first)), parameters }
      const result = await transaction.executeQuery(statement)
      for (const { id } of result.rows) added.add(id)
      start += size
    }
    return added
  }
}

/** Kysely writes `null` into the statement itself in places; a value of any kind becomes a parameter. */
function filled(row: UsageRecordRow): UsageRecordRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? 0])) as unknown as UsageRecordRow
}
