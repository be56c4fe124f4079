import { SluiceError } from '@sluice/protocol'
import type { Logger } from 'pino'
import type { DatabaseLock } from '../stores/database-lock.ts'
import type { BatchRow } from '../stores/tables.ts'
import { type BatchRunParts, type EndOfRun, runBatch } from './run-batch.ts'

/** Takes every unfinished batch to its end. */
export interface BatchRunner {
  /** Looks for what is to be begun or ended: to be called when a batch was made, cancelled, or may be left over. */
  wake(): void
  /** Gives up what is under way; a later runner goes on with it. */
  close(): Promise<void>
}

export interface BatchRunnerParts extends BatchRunParts {
  /** For one runner at a time; `undefined` while another has it. */
  readonly lock: () => Promise<DatabaseLock | undefined>
  readonly logger: Logger
}

/** Milliseconds between looks while anything is unfinished: other processes make and cancel batches too. */
const interval = 500
/** Milliseconds until a run that failed is tried again. */
const rest = 30_000
/** Milliseconds where only the store was away, which comes back by itself. */
const restOfStore = 2_000

/**
 * Of all processes that share a database one at a time runs its batches: who holds a lock, which is free again
 * as soon as nothing is unfinished or the process is gone.
 */
export function createBatchRunner(parts: BatchRunnerParts): BatchRunner {
  const { batches, logger, now } = parts
  const running = new Map<string, { readonly abort: AbortController; readonly run: Promise<void> }>()
  /** When those that failed may be tried again. */
  const resting = new Map<string, number>()
  let lock: DatabaseLock | undefined
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let again = false
  let failing = false
  let closed = false

  function start(batch: BatchRow): void {
    const abort = new AbortController()
    const run = runBatch(batch, abort.signal, parts)
      .then(() => resting.delete(batch.id))
      .catch((error: unknown) => {
        const isAway = error instanceof SluiceError && error.code === 'store_unavailable'
        resting.set(batch.id, performance.now() + (isAway ? restOfStore : rest))
        logger.error({ batch: batch.id, err: error }, 'A batch could not be gone on with; it is tried again soon.')
      })
      .then(() => {
        running.delete(batch.id)
        wake()
      })
    running.set(batch.id, { abort, run })
    end(batch)
  }

  function end({ id, status, expires_at: expiresAt }: BatchRow): void {
    const reason: EndOfRun | undefined =
      status === 'cancelling' ? 'cancelled' : status !== 'finalizing' && expiresAt <= now() ? 'expired' : undefined
    if (reason !== undefined) running.get(id)?.abort.abort(reason)
  }

  async function look(): Promise<void> {
    const unfinished = await batches.unfinished()
    if (unfinished.length === 0) {
      await release()
      return
    }
    // Another may have it by now.
    if (lock !== undefined && !(await lock.isHeld())) await stop()
    lock ??= await parts.lock()
    if (lock !== undefined && !closed) {
      for (const batch of unfinished) {
        if (running.has(batch.id)) end(batch)
        else if ((resting.get(batch.id) ?? 0) <= performance.now()) start(batch)
      }
    }
    timer = setTimeout(wake, interval)
    timer.unref()
  }

  async function release(): Promise<void> {
    const held = lock
    lock = undefined
    await held?.release()
  }

  /** Gives up what is under way. */
  async function stop(): Promise<void> {
    for (const { abort } of running.values()) abort.abort('stopped' satisfies EndOfRun)
    await Promise.all([...running.values()].map(({ run }) => run))
    await release().catch(() => undefined)
  }

  function wake(): void {
    if (closed) return
    clearTimeout(timer)
    if (looking !== undefined) {
      again = true
      return
    }
    looking = look()
      .then(
        () => void (failing = false),
        (error: unknown) => {
          if (!failing) logger.error({ err: error }, 'The unfinished batches could not be looked for; that goes on.')
          failing = true
          timer = setTimeout(wake, restOfStore)
          timer.unref()
        },
      )
      .finally(() => {
        looking = undefined
        if (!again) return
        again = false
        wake()
      })
  }

  return {
    wake,
    async close() {
      closed = true
      clearTimeout(timer)
      await looking
      clearTimeout(timer)
      await stop()
    },
  }
}
