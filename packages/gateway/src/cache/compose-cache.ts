import type { Logger } from 'pino'
import type { CacheConfig, PromptBook } from 'sluice'
import type { LazyDatabase } from '../stores/lazy-database.ts'
import type { CacheOutcome } from './answer-cache.ts'
import type { Peers } from '../workers/peers.ts'
import type { AnswerFilter, AnswerStore, StoreContents } from './answer-store.ts'
import { type CacheStage, createCacheStage } from './cache-stage.ts'
import { createMemoryAnswerStore } from './memory-answer-store.ts'
import { createWorkerAnswerStore } from './worker-answer-store.ts'
import { createRedisAnswerStore } from './redis-answer-store.ts'
import type { RedisCommands } from './redis-commands.ts'
import { createSharedPurges, type SharedPurges } from './shared-purges.ts'
import { createFindAlike } from './semantic/alike.ts'
import { createEmbedText, type RunEmbedding } from './semantic/embed-text.ts'
import { createMemoryVectorStore } from './semantic/memory-vector-store.ts'
import { createRedisVectorStore } from './semantic/redis-vector-store.ts'
import type { VectorStore } from './semantic/vector-store.ts'

export interface Cache {
  readonly stage: CacheStage
  readonly store: AnswerStore
  /** How many requests ended how, since the start. */
  readonly outcomes: ReadonlyMap<CacheOutcome, number>
  readonly controls: CacheControls
  /** Resolves when what was to be kept is. To be called before the database is closed. */
  close(): Promise<void>
}

/** For those who run the gateway. */
export interface CacheControls {
  readonly keptIn: CacheConfig['store']
  /** As `Cache.outcomes`. */
  readonly outcomes: ReadonlyMap<CacheOutcome, number>
  contents(): Promise<StoreContents>
  /** Forgets what fits here, and has others forget it who keep answers for themselves. @returns how many answers that were here. */
  purge(which: AnswerFilter): Promise<number>
}

export interface CacheParts {
  /** Absent where there is none. */
  readonly redis: RedisCommands | undefined
  /** Absent where this process is the only one of its machine. */
  readonly peers: Peers | undefined
  readonly database: Pick<LazyDatabase, 'open' | 'shared'>
  readonly prompts: PromptBook | undefined
  /** Made where questions are compared. */
  readonly embed: () => RunEmbedding
  readonly logger: Logger
  readonly now: () => number
}

/** What is concrete of a cache. */
interface Places {
  readonly answers: AnswerStore
  vectors(mostVectors: number): VectorStore
  /** Absent where one store is everybody's. */
  readonly purges?: SharedPurges
  close(): Promise<void>
}

/** @param config absent where every request is asked anew. */
export async function composeCache(config: CacheConfig | undefined, parts: CacheParts): Promise<Cache | undefined> {
  if (config === undefined) return undefined
  const { prompts, embed, logger, now } = parts
  const { answers: store, purges, vectors, close } = await openPlaces(config, parts)
  const { semantic } = config
  const findAlike =
    semantic &&
    createFindAlike({
      config: semantic,
      store: vectors(semantic.maxVectors),
      embed: createEmbedText({
        ...semantic,
        run: embed(),
        failed: (error) => logger.warn({ err: error }, 'A question could not be embedded; it was asked without.'),
      }),
    })
  const outcomes = new Map<CacheOutcome, number>([
    ['hit', 0],
    ...(semantic === undefined ? [] : ([['semantic', 0]] as const)),
    ['shared', 0],
    ['miss', 0],
    ['off', 0],
  ])
  const count = (outcome: CacheOutcome): void => {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (outcome === 'miss') purges?.watch()
  }
  return {
    stage: createCacheStage({ config, store, prompts, findAlike, now, count }),
    store,
    outcomes,
    controls: {
      keptIn: config.store,
      outcomes,
      contents: async () => store.contents(),
      async purge(which) {
        await purges?.tell(which)
        return store.purge(which)
      },
    },
    close,
  }
}

async function openPlaces(config: CacheConfig, parts: CacheParts): Promise<Places> {
  const { redis, peers, database, logger, now } = parts
  const { ttl } = config
  switch (config.store) {
    case 'redis': {
      // Config refuses this store where there is none.
      if (redis === undefined) throw new Error('There is no Redis to keep answers in.')
      const failed = (error: unknown): void => logger.debug({ err: error }, 'The cache did without Redis.')
      return {
        answers: createRedisAnswerStore({ redis, ttl, failed }),
        vectors: (mostVectors) => createRedisVectorStore({ redis, ttl, mostVectors, failed }),
        close: async () => undefined,
      }
    }
    case 'database': {
      const { composeDatabaseCache } = await import('./compose-database-cache.ts')
      return composeDatabaseCache({ config, database, logger, now })
    }
    case 'memory': {
      const memory = createMemoryAnswerStore({ ...config, now })
      const purges = createSharedPurges({ database, purge: (which) => void memory.purge(which), logger, now })
      return {
        answers: peers === undefined ? memory : createWorkerAnswerStore(memory, peers),
        vectors: createMemoryVectorStore,
        purges,
        close: async () => purges.close(),
      }
    }
  }
}
