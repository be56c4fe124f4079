import type { Logger } from 'pino'
import type { CacheConfig, PromptBook } from 'sluice'
import type { CacheOutcome } from './answer-cache.ts'
import type { Peers } from '../workers/peers.ts'
import type { AnswerStore } from './answer-store.ts'
import { type CacheStage, createCacheStage } from './cache-stage.ts'
import { createMemoryAnswerStore } from './memory-answer-store.ts'
import { createWorkerAnswerStore } from './worker-answer-store.ts'
import { createRedisAnswerStore, type RedisCommands } from './redis-answer-store.ts'
import { createFindAlike } from './semantic/alike.ts'
import { createEmbedText, type RunEmbedding } from './semantic/embed-text.ts'
import { createMemoryVectorStore } from './semantic/memory-vector-store.ts'
import { createRedisVectorStore } from './semantic/redis-vector-store.ts'

export interface Cache {
  readonly stage: CacheStage
  readonly store: AnswerStore
  /** How many requests ended how, since the start. */
  readonly outcomes: ReadonlyMap<CacheOutcome, number>
}

export interface CacheParts {
  /** Absent where answers are kept in this process. */
  readonly redis: RedisCommands | undefined
  /** Absent where this process is the only one of its machine. */
  readonly peers: Peers | undefined
  readonly prompts: PromptBook | undefined
  /** Made where questions are compared. */
  readonly embed: () => RunEmbedding
  readonly logger: Logger
  readonly now: () => number
}

/** @param config absent where every request is asked anew. */
export function composeCache(config: CacheConfig | undefined, parts: CacheParts): Cache | undefined {
  if (config === undefined) return undefined
  const { redis, prompts, embed, logger, now } = parts
  const failed = (error: unknown): void => logger.debug({ err: error }, 'The cache did without Redis.')
  const store =
    redis === undefined ? inMemory(config, parts) : createRedisAnswerStore({ redis, ttl: config.ttl, failed })
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
  const count = (outcome: CacheOutcome): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  return { stage: createCacheStage({ config, store, prompts, findAlike, now, count }), store, outcomes }
}

function inMemory(config: CacheConfig, { peers, now }: CacheParts): AnswerStore {
  const own = createMemoryAnswerStore({ ...config, now })
  return peers === undefined ? own : createWorkerAnswerStore(own, peers)
}
