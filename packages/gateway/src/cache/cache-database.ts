import { SluiceError } from '@sluice/protocol'
import type { Database } from '../stores/database.ts'
import type { LazyDatabase } from '../stores/lazy-database.ts'

/** The gateway's database, for those who would rather go without it than wait. */
export interface CacheDatabase {
  /** Whether it is PostgreSQL, where others work on it too. */
  readonly shared: boolean
  /** `undefined` where it is away, fails, or does not answer in time. Never rejects. */
  ask<Result>(run: (database: Database) => Promise<Result>): Promise<Result | undefined>
  /** As `ask`, for what nobody waits for: however long it takes. @returns whether it was done. */
  tell(run: (database: Database) => Promise<void>): Promise<boolean>
  /** For what has to be. Rejects with a `SluiceError` `store_unavailable`. */
  open(): Promise<Database>
  close(): void
}

export interface CacheDatabaseOptions {
  readonly database: Pick<LazyDatabase, 'open' | 'shared'>
  /** Hears why it could not be asked. */
  readonly failed: (error: unknown) => void
  /** Hears that nobody asks it now, once each time. */
  readonly lost: (error: unknown) => void
  /** Milliseconds that a caller may have to wait for another machine. Default 1000. */
  readonly patience?: number
}

/** Milliseconds until one that was away is tried again. */
const pause = 1_000

/** Opens it at once. While it is away nobody waits for it: it is tried again beside all requests. */
export function createCacheDatabase(options: CacheDatabaseOptions): CacheDatabase {
  const { database, failed, lost, patience = 1_000 } = options
  const { shared } = database
  let opened: Database | undefined
  let isAway = false
  let retry: NodeJS.Timeout | undefined
  let closed = false

  async function open(): Promise<Database> {
    return (opened ??= await database.open())
  }

  async function attempt<Result>(
    run: (database: Database) => Promise<Result>,
    limit: number | undefined,
  ): Promise<{ readonly result: Result } | undefined> {
    if (isAway || closed) return undefined
    try {
      const answer = opened === undefined ? open().then(run) : run(opened)
      return { result: await (limit === undefined ? answer : within(limit, answer)) }
    } catch (error) {
      failed(error)
      if (opened === undefined || isUnavailable(error)) leave(error)
      return undefined
    }
  }

  function leave(error: unknown): void {
    if (isAway || closed) return
    isAway = true
    lost(error)
    tryLater()
  }

  function tryLater(): void {
    if (closed) return
    retry = setTimeout(() => {
      void open()
        .then((there) => there.selectFrom('migrations').select('name').limit(1).execute())
        .then(
          () => (isAway = false),
          (error: unknown) => {
            failed(error)
            tryLater()
          },
        )
    }, pause)
    retry.unref()
  }

  void attempt(async () => undefined, undefined)
  return {
    shared,
    ask: async (run) => (await attempt(run, shared ? patience : undefined))?.result,
    tell: async (run) => (await attempt(run, undefined)) !== undefined,
    open,
    close() {
      closed = true
      clearTimeout(retry)
    },
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof TookTooLong || (error instanceof SluiceError && error.code === 'store_unavailable')
}

class TookTooLong extends Error {}

/** Rejects with a `TookTooLong`. */
function within<Result>(limit: number, promise: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TookTooLong(`The database did not answer within ${limit} ms.`)), limit)
    promise.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
}
