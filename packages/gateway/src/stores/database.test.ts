import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import { createLazyDatabase } from './lazy-database.ts'
import { migrations } from './migrations/migrations.ts'
import { databaseName } from './place.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-database-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the database', () => {
  test('is made in a directory for its owner alone', async () => {
    const directory = join(folder, 'a/b')
    const database = await openDatabase(directory)
    const { rows } = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(database)
    expect(rows).toEqual([{ journal_mode: 'wal' }])
    await database.destroy()
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
  })

  test('is opened by several processes at once', async () => {
    const script = `
      import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, 'database.ts'))}
      const database = await openDatabase(${JSON.stringify(folder)})
      await database.destroy()`
    const words = ['--conditions=sluice-source', '--input-type=module', '--eval', script]
    const run = promisify(execFile)
    await Promise.all([1, 2, 3].map(() => run(process.execPath, words)))
    const database = await openDatabase(folder)
    const applied = await database.selectFrom('migrations').select('name').execute()
    expect(applied.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name))
    await database.destroy()
  })

  test('waits for one who writes to it while it is new', async () => {
    const database = new DatabaseSync(join(folder, databaseName))
    database.exec('create table other (a); begin immediate; insert into other values (1)')
    const script = `
      import { openSqlite } from ${JSON.stringify(join(import.meta.dirname, 'sqlite.ts'))}
      process.stdout.write('opening')
      openSqlite(${JSON.stringify(folder)}).close()`
    const opening = spawn(process.execPath, ['--conditions=sluice-source', '--input-type=module', '--eval', script])
    const [exit] = await Promise.all([
      once(opening, 'exit'),
      once(opening.stdout, 'data').then(async () => {
        await setTimeout(200)
        database.exec('commit')
        database.close()
      }),
    ])
    expect(exit).toEqual([0, null])
  })

  test('that cannot be had says which folder, and is asked for again', async () => {
    const directory = join(folder, 'taken')
    await writeFile(directory, '')
    const lazy = createLazyDatabase(directory)
    await expect(lazy.open()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining(directory),
    })
    await rm(directory)
    expect(await lazy.open()).toBe(await lazy.open())
    await lazy.close()
  })
})
