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
import { createSharedPurges } from './shared-purges.ts'
import { createFindAlike } from './semantic/alike.ts'
import { createEmbedText, type RunEmbedding } from './semantic/embed-text.ts'
import { createMemoryVectorStore } from './semantic/memory-vector-store.ts'
import { createRedisVectorStore } from './semantic/redis-vector-store.ts'

export interface Cache {
  readonly stage: CacheStage
  readonly store: AnswerStore
  /** How many requests ended how, since the start. */
  readonly outcomes: ReadonlyMap<CacheOutcome, number>
  readonly controls: CacheControls
  close(): void
}

/** For those who run the gateway. */
export interface CacheControls {
  readonly keptIn: 'memory' | 'redis'
  /** As `Cache.outcomes`. */
  readonly outcomes: ReadonlyMap<CacheOutcome, number>
  contents(): Promise<StoreContents>
  /** Forgets what fits here, and has others forget it who keep answers for themselves. @returns how many answers that were here. */
  purge(which: AnswerFilter): Promise<number>
}

export interface CacheParts {
  /** Absent where answers are kept in this process. */
  readonly redis: RedisCommands | undefined
  /** Absent where this process is the only one of its machine. */
  readonly peers: Peers | undefined
  readonly database: Pick<LazyDatabase, 'open'>
  readonly prompts: PromptBook | undefined
  /** Made where questions are compared. */
  readonly embed: () => RunEmbedding
  readonly logger: Logger
  readonly now: () => number
}

/** @param config absent where every request is asked anew. */
export function composeCache(config: CacheConfig | undefined, parts: CacheParts): Cache | undefined {
  if (config === undefined) return undefined
  const { redis, peers, database, prompts, embed, logger, now } = parts
  const failed = (error: unknown): void => logger.debug({ err: error }, 'The cache did without Redis.')
  const memory = redis === undefined ? createMemoryAnswerStore({ ...config, now }) : undefined
  const purges = memory && createSharedPurges({ database, purge: (which) => void memory.purge(which), logger, now })
  const kept = memory ?? createRedisAnswerStore({ redis: redis!, ttl: config.ttl, failed })
  const store = memory === undefined || peers === undefined ? kept : createWorkerAnswerStore(memory, peers)
  const { semantic } = config
  const findAlike =
    semantic &&
    createFindAlike({
      config: semantic,
      store:
        redis === undefined
          ? createMemoryVectorStore(semantic.maxVectors)
          : createRedisVectorStore({ redis, ttl: config.ttl, mostVectors: semantic.maxVectors, failed }),
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
      keptIn: memory === undefined ? 'redis' : 'memory',
      outcomes,
      contents: async () => store.contents(),
      async purge(which) {
        await purges?.tell(which)
        return store.purge(which)
      },
    },
    close: () => purges?.close(),
  }
}
