import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { type Database, openDatabase } from '../stores/database.ts'
import { createFilesStore } from '../stores/files-store.ts'
import { describeFileContents } from './contracts/describe-file-contents.ts'
import { createDatabaseFileContents } from './database-file-contents.ts'
import { openFileContents } from './file-contents.ts'

async function open(place: string): Promise<Database> {
  const database = await openDatabase(place)
  onTestFinished(() => database.destroy())
  return database
}

describeFileContents('in a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-contents-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return openFileContents(folder)
})
describeFileContents('in SQLite', async () => createDatabaseFileContents(await open(':memory:'), Date.now))
describeOnPostgres('PostgreSQL', () => {
  describeFileContents('in PostgreSQL', async () =>
    createDatabaseFileContents(await open((await postgresForTests()).url), Date.now),
  )
})

test('bytes that belong to no file are swept away after a day', async () => {
  const database = await open(':memory:')
  let now = 1
  const contents = createDatabaseFileContents(database, () => now)
  async function* bytes(): AsyncGenerator<string> {
    yield 'abc'
  }
  await contents.write('kept', bytes())
  await contents.write('left', bytes())
  const file = { owner: 'a', filename: 'f', purpose: 'batch', content_start: 0, bytes: 3, created_at: 1 }
  await createFilesStore(database, () => now).add({ ...file, id: 'kept', expires_at: null })
  const ids = async (): Promise<readonly string[]> =>
    (await database.selectFrom('file_chunks').select('file_id').orderBy('file_id').execute()).map((row) => row.file_id)
  await contents.sweep()
  expect(await ids()).toEqual(['kept', 'left'])
  now = 86_400_002
  await contents.sweep()
  expect(await ids()).toEqual(['kept'])
})
