import type { Logger } from 'pino'
import { createId } from '../access/create-id.ts'
import type { LazyDatabase } from '../stores/lazy-database.ts'
import type { AnswerFilter } from './answer-store.ts'

/** Tells all processes that keep answers in their own memories, and work on the same database, what is to be forgotten. */
export interface SharedPurges {
  /** To be called when something is kept: from then on purges of others are heard of. */
  watch(): void
  /** Rejects with a `SluiceError` where the database cannot be written to. */
  tell(which: AnswerFilter): Promise<void>
  close(): void
}

export interface SharedPurgesOptions {
  readonly database: Pick<LazyDatabase, 'open'>
  /** Hears what others forgot. */
  readonly purge: (which: AnswerFilter) => void
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Milliseconds between two looks: others are to have forgotten within a second. */
const interval = 500
/** Milliseconds that a purge is told of: no process that runs is behind for longer. */
const told = 60 * 60 * 1000
/** Milliseconds that clocks may be apart. */
const skew = 10_000

export function createSharedPurges({ database, purge, logger, now }: SharedPurgesOptions): SharedPurges {
  /** When each was made that this process has heard of, or told. */
  const seen = new Map<string, number>()
  let began: number | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let complained = false

  async function look(since: number): Promise<void> {
    const open = await database.open()
    const rows = await open.selectFrom('cache_purges').selectAll().execute()
    for (const { id, filter, created_at: at } of rows) {
      // What was forgotten before anything was kept here is nothing to this process.
      if (!seen.has(id) && Number(at) >= since - skew) purge(JSON.parse(filter) as AnswerFilter)
      seen.set(id, Number(at))
    }
    for (const [id, at] of seen) if (at < now() - 2 * told) seen.delete(id)
    complained = false
  }

  function lookAgain(since: number): void {
    if (closed) return
    timer = setTimeout(() => {
      look(since)
        .catch((error: unknown) => {
          if (!complained && !closed) logger.warn({ err: error }, 'What others purged of the cache cannot be read.')
          complained = true
        })
        .finally(() => lookAgain(since))
    }, interval)
    timer.unref()
  }

  return {
    watch() {
      if (began === undefined) lookAgain((began = now()))
    },
    async tell(which) {
      const open = await database.open()
      const id = createId('purge', now())
      seen.set(id, now())
      await open
        .deleteFrom('cache_purges')
        .where('created_at', '<', now() - told)
        .execute()
      await open
        .insertInto('cache_purges')
        .values({ id, filter: JSON.stringify(which), created_at: now() })
        .execute()
    },
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
