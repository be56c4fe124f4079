import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createBatchesStore } from './batches-store.ts'
import { describeBatchesStore } from './contracts/describe-batches-store.ts'
import { describeMigrations } from './contracts/describe-migrations.ts'
import { describeProviderObjectsStore } from './contracts/describe-provider-objects-store.ts'
import { describeFilesStore } from './contracts/describe-files-store.ts'
import { type Database, openDatabase } from './database.ts'
import { takeDirectoryLock } from './exclusive-lock.ts'
import { createFilesStore } from './files-store.ts'
import { createProviderObjectsStore } from './provider-objects-store.ts'
import { hasUnfinishedBatches } from './unfinished-work.ts'

async function open(): Promise<Database> {
  const database = await openDatabase(':memory:')
  onTestFinished(() => database.destroy())
  return database
}

describeFilesStore('on SQLite', async (now) => createFilesStore(await open(), now))
describeBatchesStore('on SQLite', async () => createBatchesStore(await open()))
describeProviderObjectsStore('on SQLite', async () => createProviderObjectsStore(await open()))
describeMigrations('on SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-migrations-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
})

test('a lock is held by one at a time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-lock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const lock = takeDirectoryLock(folder, 'batches')
  expect(takeDirectoryLock(folder, 'batches')).toBeUndefined()
  const other = takeDirectoryLock(folder, 'other')
  expect(other).toBeDefined()
  other?.release()
  lock?.release()
  const again = takeDirectoryLock(folder, 'batches')
  expect(again).toBeDefined()
  again?.release()
})

test('a directory without a database has no unfinished work, and none is made to find out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-none-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const directory = join(folder, 'data')
  expect(hasUnfinishedBatches(directory)).toBe(false)
  const database = await openDatabase(directory)
  onTestFinished(() => database.destroy())
  expect(hasUnfinishedBatches(directory)).toBe(false)
})
