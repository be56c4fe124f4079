import { sql } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectDatabase, type Database, openDatabase } from '../database.ts'
import { migrate } from '../migrate.ts'
import type { Migration } from '../migrations/migration.ts'
import { migrations } from '../migrations/migrations.ts'

type Row = Readonly<Record<string, unknown>>

/** What the schema's history keeps to, whatever the database. @param place gives that of a new, empty one. */
export function describeMigrations(kind: string, place: () => Promise<string>): void {
  async function connect(): Promise<Database> {
    const database = await connectDatabase(await place())
    onTestFinished(() => database.destroy())
    return database
  }

  describe(`migrations ${kind}`, () => {
    test('go up, down and up again, one by one', async () => {
      const database = await connect()
      const heights: unknown[] = []
      for (let count = 0; count <= migrations.length; count++) {
        await migrate(database, migrations, count)
        heights.push(await schemaOf(database))
      }
      for (let count = migrations.length; count >= 0; count--) {
        await migrate(database, migrations, count)
        expect(await schemaOf(database)).toEqual(heights[count])
      }
      expect(await migrate(database, migrations)).toEqual(migrations.map(({ name }) => name))
      expect(await schemaOf(database)).toEqual(heights.at(-1))
    })

    test.each(migrations.map(({ name }, index) => [name, index] as const))(
      'up to %s, back and again lose nothing of what was there before',
      async (_, older) => {
        const database = await connect()
        await migrate(database, migrations, older)
        const tables = migrations.slice(0, older).flatMap(tablesOf)
        for (const table of tables) await addRow(database, table)
        const before = await rowsOf(database, tables)
        for (const count of [older + 1, older, older + 1]) {
          await migrate(database, migrations, count)
          const now = await rowsOf(database, tables)
          for (const [index, rows] of before.entries()) expect(now[index]).toMatchObject(rows)
        }
        for (const table of tablesOf(migrations[older]!)) await addRow(database, table)
        await migrate(database, migrations, older)
        expect(await rowsOf(database, tables)).toEqual(before)
        await migrate(database, migrations)
      },
    )

    test('that fail in the middle leave nothing', async () => {
      const database = await connect()
      await migrate(database, migrations)
      const before = await schemaOf(database)
      const broken = { name: '9999-broken', up: 'create table half (a text);\ncreate nonsense;\n', down: '' }
      await expect(migrate(database, [...migrations, broken])).rejects.toThrow('nonsense')
      expect(await schemaOf(database)).toEqual(before)
    })

    test('of a newer version are refused', async () => {
      const where = await place()
      const database = await openDatabase(where)
      onTestFinished(() => database.destroy())
      await database.insertInto('migrations').values({ name: '9999-later', applied_at: 1 }).execute()
      await expect(openDatabase(where)).rejects.toMatchObject({
        code: 'schema_mismatch',
        message: expect.stringContaining('has the migration 9999-later, which this version of Sluice does not know'),
      })
    })

    test('that are applied by half are refused', async () => {
      const where = await place()
      const database = await openDatabase(where)
      onTestFinished(() => database.destroy())
      await database.deleteFrom('migrations').where('name', '=', migrations[0]!.name).execute()
      await expect(openDatabase(where)).rejects.toMatchObject({
        code: 'schema_mismatch',
        message: expect.stringContaining(`it has ${migrations[1]!.name} without ${migrations[0]!.name}`),
      })
    })

    test('are left to the operator where that is said', async () => {
      const where = await place()
      const database = await connectDatabase(where)
      onTestFinished(() => database.destroy())
      await migrate(database, migrations, 1)
      await expect(openDatabase(where, { migrate: false })).rejects.toMatchObject({
        code: 'schema_mismatch',
        message: expect.stringContaining(`1 of ${migrations.length} migrations are applied. Run sluice db migrate.`),
      })
      await migrate(database, migrations)
      const opened = await openDatabase(where, { migrate: false })
      await opened.destroy()
    })
  })
}

/** In the order in which they are made: those that others refer to come first. */
function tablesOf({ up }: Migration): readonly string[] {
  return [...up.matchAll(/^create table (\w+)/gm)].map(([, name = '']) => name)
}

async function schemaOf(database: Database): Promise<unknown> {
  const tables = await database.introspection.getTables()
  return tables
    .map(({ name, columns }) => ({
      name,
      columns: columns.map(({ name: column, dataType, isNullable }) => ({ column, dataType, isNullable })),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** A row with something in every column, which refers to those that this made of other tables. */
async function addRow(database: Database, table: string): Promise<void> {
  const found = await database.introspection.getTables()
  const columns = found.find(({ name }) => name === table)?.columns ?? []
  const names = sql.join(columns.map(({ name }) => sql.ref(name)))
  const values = sql.join(columns.map(({ dataType }) => valueOf(dataType)))
  await sql`insert into ${sql.table(table)} (${names}) values (${values}) on conflict do nothing`.execute(database)
}

function valueOf(type: string): unknown {
  if (/text/i.test(type)) return 'one'
  // A list of numbers, by either's name for it.
  if (/\[\]$|^_/.test(type)) return '{1}'
  return /bytea/i.test(type) ? Buffer.from('one') : 1
}

function rowsOf(database: Database, tables: readonly string[]): Promise<readonly Row[][]> {
  return Promise.all(
    tables.map(async (table) => (await sql<Row>`select * from ${sql.table(table)}`.execute(database)).rows),
  )
}
