import type { Logger } from 'pino'
import type { LedgerConfig } from 'sluice'
import type { LedgerStore } from './ledger-store.ts'
import { dayOf } from './usage-rows.ts'

/** Removes what is older than it is to be kept, a little at a time. */
export interface Retention {
  /** From now on, once an hour. Idempotent. */
  start(): void
  close(): void
}

export interface RetentionParts {
  readonly config: Pick<LedgerConfig, 'keepRecords' | 'keepSums'>
  readonly store: () => Promise<LedgerStore>
  readonly logger: Logger
  readonly now: () => number
}

const interval = 60 * 60 * 1000
/** Rows of one step, and the milliseconds of rest after it. */
const recordsAtOnce = 200
const daysAtOnce = 1
const rest = 50

export function createRetention({ config, store, logger, now }: RetentionParts): Retention {
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function removeAll(): Promise<void> {
    const { keepRecords, keepSums } = config
    const open = await store()
    if (keepRecords > 0) await repeat(() => open.removeRecords(now() - keepRecords, recordsAtOnce))
    if (keepSums > 0) await repeat(() => open.removeSums(dayOf(now() - keepSums), daysAtOnce))
  }

  async function repeat(step: () => Promise<number>): Promise<void> {
    while (!closed && (await step()) > 0) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, rest).unref()
      })
    }
  }

  function look(): void {
    removeAll().catch((error: unknown) => {
      if (!closed) logger.warn({ err: error }, 'Old records of the ledger could not be removed.')
    })
  }

  return {
    start() {
      if (timer !== undefined || closed || (config.keepRecords === 0 && config.keepSums === 0)) return
      timer = setInterval(look, interval)
      timer.unref()
      look()
    },
    close() {
      closed = true
      clearInterval(timer)
    },
  }
}
