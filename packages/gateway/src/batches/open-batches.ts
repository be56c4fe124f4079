import { join } from 'node:path'
import { createDatabaseFileContents } from '../files/database-file-contents.ts'
import { createFileHandlers, type FileHandlers } from '../files/file-handlers.ts'
import { openFileContents } from '../files/file-contents.ts'
import { createInProcess, type InProcess } from '../pipeline/in-process.ts'
import { createBatchesStore } from '../stores/batches-store.ts'
import { createFilesStore } from '../stores/files-store.ts'
import { createProviderObjectsStore } from '../stores/provider-objects-store.ts'
import { type BatchHandlers, createBatchHandlers } from './batch-handlers.ts'
import { type BatchRunner, createBatchRunner } from './batch-runner.ts'
import type { BatchesOptions } from './batches-options.ts'
import { createNativeHandlers, type NativeHandlers } from './native-handlers.ts'
import { createNativeRelay } from './native-relay.ts'
import { createSlots } from './slots.ts'

/** All that answers calls about files and batches, with the disk behind it. */
export interface OpenBatches {
  readonly files: FileHandlers
  readonly batches: BatchHandlers
  readonly native: NativeHandlers
  readonly runner: BatchRunner
}

/** Loaded by `compose-batches.ts` when it is needed. @throws SluiceError `store_unavailable` */
export async function openBatches(options: BatchesOptions): Promise<OpenBatches> {
  const { config, directory, engine, errorLog, logger, maxBodyBytes, now } = options
  const database = await options.database.open()
  // Another machine has another disk.
  const contents = options.database.shared
    ? createDatabaseFileContents(database, now)
    : await openFileContents(join(directory, 'files'))
  await contents.sweep()
  const files = createFilesStore(database, now)
  const batches = createBatchesStore(database)
  const operations = operationsOf(options)
  const runner = createBatchRunner({
    batches,
    files,
    contents,
    operations,
    slots: createSlots(config.concurrency),
    maxLineBytes: maxBodyBytes,
    now,
    lock: () => options.database.lock('batches'),
    logger,
  })
  return {
    files: createFileHandlers({ files, batches, contents, maxBytes: config.maxFileBytes, now }),
    batches: createBatchHandlers({ batches, files, runner, endpoints: [...operations.keys()], now }),
    native: createNativeHandlers({
      relay: createNativeRelay(engine.transport, errorLog),
      objects: createProviderObjectsStore(database),
      registry: engine.registry,
      admitRaw: options.admitRaw,
      meter: options.meter,
      now,
    }),
    runner,
  }
}

/** Everything that is asked in JSON at a path of its own, and answered in JSON: by what a line calls it. */
function operationsOf({
  dialects,
  engine,
  siteEngine,
  admit,
  meter,
  renew,
}: BatchesOptions): ReadonlyMap<string, InProcess> {
  const operations = new Map<string, InProcess>()
  for (const dialect of dialects) {
    if (dialect.form !== undefined || dialect.peekPath !== undefined || 'resultType' in dialect) continue
    for (const path of dialect.served ?? []) {
      // Paths with a version or an API of their own are of clients that know no batches.
      if (/^\/(?:api|v\d\w*)\//.test(path)) continue
      operations.set(`/v1${path}`, createInProcess({ dialect, engine, siteEngine, admit, meter, renew }))
    }
  }
  return operations
}
