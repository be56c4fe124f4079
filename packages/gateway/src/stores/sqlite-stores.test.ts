import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createBatchesStore } from './batches-store.ts'
import { describeBatchesStore } from './contracts/describe-batches-store.ts'
import { describeFilesStore } from './contracts/describe-files-store.ts'
import { type Database, openDatabase } from './database.ts'
import { takeExclusiveLock } from './exclusive-lock.ts'
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

test('the first owner of an object at a provider keeps it', async () => {
  const store = createProviderObjectsStore(await open())
  const object = { id: 'file-1', owner: 'ann', provider: 'lab', kind: 'file', created_at: 1 }
  await store.remember(object)
  await store.remember({ ...object, owner: 'bob' })
  expect(await store.find('file-1', 'ann')).toEqual(object)
  expect(await store.find('file-1', 'bob')).toBeUndefined()
  expect(await store.owned(['file-1', 'file-2'], 'ann')).toEqual(new Set(['file-1']))
  expect(await store.owned(['file-1'], 'bob')).toEqual(new Set())
  await store.forget('file-1', 'bob')
  await store.forget('file-1', 'ann')
  expect(await store.find('file-1', 'ann')).toBeUndefined()
})

test('a lock is held by one at a time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-lock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const lock = takeExclusiveLock(folder, 'batches')
  expect(takeExclusiveLock(folder, 'batches')).toBeUndefined()
  const other = takeExclusiveLock(folder, 'other')
  expect(other).toBeDefined()
  other?.release()
  lock?.release()
  const again = takeExclusiveLock(folder, 'batches')
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
