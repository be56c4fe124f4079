import { expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { describeResponseStore } from '../responses/contracts/response-store-contract.ts'
import { createDatabaseResponseStore } from '../responses/database-response-store.ts'
import { createBatchesStore } from './batches-store.ts'
import { describeBatchesStore } from './contracts/describe-batches-store.ts'
import { describeFilesStore } from './contracts/describe-files-store.ts'
import { describeMigrations } from './contracts/describe-migrations.ts'
import { describeProviderObjectsStore } from './contracts/describe-provider-objects-store.ts'
import { type Database, openDatabase } from './database.ts'
import { createFilesStore } from './files-store.ts'
import { migrations } from './migrations/migrations.ts'
import { createProviderObjectsStore } from './provider-objects-store.ts'

async function open(): Promise<Database> {
  const { url } = await postgresForTests()
  const database = await openDatabase(url)
  onTestFinished(() => database.destroy())
  return database
}

describeOnPostgres('PostgreSQL', () => {
  describeFilesStore('on PostgreSQL', async (now) => createFilesStore(await open(), now))
  describeBatchesStore('on PostgreSQL', async () => createBatchesStore(await open()))
  describeProviderObjectsStore('on PostgreSQL', async () => createProviderObjectsStore(await open()))
  describeResponseStore('on PostgreSQL', async (options) => createDatabaseResponseStore(await open(), options))
  describeMigrations('on PostgreSQL', async () => (await postgresForTests()).url)

  test('is opened by many at the same time', async () => {
    const { url } = await postgresForTests()
    const opened = await Promise.all([1, 2, 3, 4].map(() => openDatabase(url)))
    onTestFinished(async () => void (await Promise.all(opened.map((database) => database.destroy()))))
    const applied = await opened[0]!.selectFrom('migrations').select('name').orderBy('name').execute()
    expect(applied.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name))
  })
})
