import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { SluiceError } from '@sluice/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { openFileContents } from '../files/file-contents.ts'
import { type BatchesStore, createBatchesStore } from '../stores/batches-store.ts'
import { openDatabase } from '../stores/database.ts'
import { createFilesStore } from '../stores/files-store.ts'
import { newBatch } from '../stores/new-batch.ts'
import type { BatchRow } from '../stores/tables.ts'
import { type BatchRunParts, runBatch } from './run-batch.ts'
import { createSlots } from './slots.ts'

const endpoint = '/v1/chat/completions'
const lineOf = (name: string): string =>
  `${JSON.stringify({ custom_id: name, method: 'POST', url: endpoint, body: {} })}\n`
const away = new SluiceError('store_unavailable', 'The database is away.')

interface World extends BatchRunParts {
  readonly batch: BatchRow
  /** As the store has it now. */
  look(): Promise<BatchRow | undefined>
  run(changes?: Partial<BatchRunParts>): Promise<unknown>
}

async function open(lines: readonly string[]): Promise<World> {
  const database = await openDatabase(':memory:')
  const directory = await mkdtemp(join(tmpdir(), 'sluice-batch-'))
  onTestFinished(async () => {
    await database.destroy()
    await rm(directory, { recursive: true })
  })
  const now = Date.now
  const [batches, files, contents] = [
    createBatchesStore(database),
    createFilesStore(database, now),
    await openFileContents(directory),
  ]
  const bytes = await contents.write('file-1', Readable.from(lines))
  const owner = 'ann'
  const file = { id: 'file-1', owner, filename: 'input.jsonl', purpose: 'batch', content_start: 0, bytes }
  await files.add({ ...file, created_at: now(), expires_at: null })
  const batch = newBatch({
    id: 'batch_1',
    owner,
    principal: 'key-1',
    endpoint,
    input_file_id: file.id,
    completion_window: '24h',
    metadata: null,
    created_at: now(),
    expires_at: now() + 86_400_000,
  })
  await batches.add(batch)
  const answer = { status: 200, body: Buffer.from('{}'), error: undefined }
  const parts: BatchRunParts = {
    batches,
    files,
    contents,
    operations: new Map([[endpoint, async () => answer]]),
    slots: createSlots(5),
    maxLineBytes: 1000,
    now,
  }
  const look = (): ReturnType<BatchesStore['find']> => batches.find(batch.id, owner)
  return {
    ...parts,
    batch,
    look,
    async run(changes) {
      const { signal } = new AbortController()
      return runBatch((await look())!, signal, { ...parts, ...changes }).then(
        () => 'run',
        (error: unknown) => error,
      )
    },
  }
}

/** What is there of an input until its store is away. */
function breakingOff(text: string): Readable {
  async function* read(): AsyncGenerator<Buffer> {
    yield Buffer.from(text)
    throw away
  }
  return Readable.from(read(), { objectMode: false })
}

test('a batch whose input cannot be read for now is not failed, but run when it can', async () => {
  const { contents, run, look } = await open([lineOf('a')])
  expect(await run({ contents: { ...contents, read: () => breakingOff('') } })).toBe(away)
  expect(await look()).toMatchObject({ status: 'validating', errors: null })
  expect(await run()).toBe('run')
  expect(await look()).toMatchObject({ status: 'completed', completed: 1, failed: 0 })
})

test('lines under way are waited for when the rest cannot be read, so that none is run twice', async () => {
  const lines = [lineOf('a'), lineOf('b')]
  const { contents, batch, batches, run, look } = await open(lines)
  await batches.update(batch.id, ['validating'], { status: 'in_progress', total: 2 })
  const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const asked: string[] = []
  const operations = new Map([
    [
      endpoint,
      async ({ id }: { readonly id: string }) => {
        asked.push(id)
        begun.resolve()
        await held.promise
        return { status: 200, body: Buffer.from('{}'), error: undefined }
      },
    ],
  ])
  let over = false
  const first = run({ operations, contents: { ...contents, read: () => breakingOff(lines[0]!) } })
  void first.then(() => (over = true))
  await begun.promise
  for (let round = 0; round < 20; round++) await setImmediate()
  expect(over).toBe(false)
  held.resolve()
  expect(await first).toBe(away)
  expect(await run({ operations })).toBe('run')
  expect(await look()).toMatchObject({ status: 'completed', completed: 2, failed: 0 })
  expect(asked).toEqual(['batch_req_1_1', 'batch_req_1_2'])
})

test('a batch with a line that is too long by now is ended', async () => {
  const { batch, batches, run, look } = await open([lineOf('a'), lineOf('b'.repeat(100))])
  await batches.update(batch.id, ['validating'], { status: 'in_progress', total: 2 })
  // Since it was looked at the gateway was begun anew, with a lower limit.
  expect(await run({ maxLineBytes: 100 })).toBe('run')
  const { status, errors } = (await look())!
  expect([status, JSON.parse(errors!)]).toMatchObject([
    'failed',
    [{ code: 'line_too_long', message: 'Line 2 is longer than the limit of 100 bytes.' }],
  ])
})
