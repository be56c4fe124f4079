import type { Logger } from 'pino'
import type { CacheConfig } from 'sluice'
import type { LazyDatabase } from '../stores/lazy-database.ts'
import type { AnswerStore } from './answer-store.ts'
import { createCacheDatabase } from './cache-database.ts'
import { createDatabaseAnswerStore } from './database-answer-store.ts'
import { createDatabaseVectorStore } from './semantic/database-vector-store.ts'
import type { VectorStore } from './semantic/vector-store.ts'

export interface DatabaseCache {
  readonly answers: AnswerStore
  vectors(mostVectors: number): VectorStore
  /** Resolves when what was to be kept is. To be called before the database is closed. */
  close(): Promise<void>
}

export interface DatabaseCacheParts {
  readonly config: CacheConfig
  readonly database: Pick<LazyDatabase, 'open' | 'shared'>
  readonly logger: Logger
  readonly now: () => number
}

/** Milliseconds between two searches for what is too old. */
const sweepInterval = 60_000

/** Answers and questions in the gateway's database. To be imported where config wants that: others start without it. */
export function composeDatabaseCache({ config, database, logger, now }: DatabaseCacheParts): DatabaseCache {
  const { ttl, maxBytes } = config
  const open = createCacheDatabase({
    database,
    failed: (error) => logger.debug({ err: error }, 'The cache did without the database.'),
    lost: (error) =>
      logger.warn({ err: error }, 'Kept answers cannot be had of the database; it is tried again until they can.'),
  })
  const answers = createDatabaseAnswerStore({ database: open, ttl, maxBytes, now })
  const timer = setInterval(() => void answers.sweep(), sweepInterval)
  timer.unref()
  return {
    answers,
    vectors: (mostVectors) =>
      createDatabaseVectorStore({ database: open, ttl, answerKept: answers.kept, mostVectors, now }),
    async close() {
      clearInterval(timer)
      await answers.flush()
      open.close()
    },
  }
}
