import type { Logger } from 'pino'
import type { CacheConfig, PromptBook } from 'sluice'
import type { CacheOutcome } from './answer-cache.ts'
import type { AnswerStore } from './answer-store.ts'
import { type CacheStage, createCacheStage } from './cache-stage.ts'
import { createMemoryAnswerStore } from './memory-answer-store.ts'
import { createRedisAnswerStore, type RedisCommands } from './redis-answer-store.ts'

export interface Cache {
  readonly stage: CacheStage
  readonly store: AnswerStore
  /** How many requests ended how, since the start. */
  readonly outcomes: ReadonlyMap<CacheOutcome, number>
}

export interface CacheParts {
  /** Absent where answers are kept in this process. */
  readonly redis: RedisCommands | undefined
  readonly prompts: PromptBook | undefined
  readonly logger: Logger
  readonly now: () => number
}

/** @param config absent where every request is asked anew. */
export function composeCache(config: CacheConfig | undefined, parts: CacheParts): Cache | undefined {
  if (config === undefined) return undefined
  const { redis, prompts, logger, now } = parts
  const failed = (error: unknown): void => logger.debug({ err: error }, 'The cache did without Redis.')
  const store =
    redis === undefined
      ? createMemoryAnswerStore({ ...config, now })
      : createRedisAnswerStore({ redis, ttl: config.ttl, failed })
  const outcomes = new Map<CacheOutcome, number>([
    ['hit', 0],
    ['shared', 0],
    ['miss', 0],
    ['off', 0],
  ])
  const count = (outcome: CacheOutcome): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  return { stage: createCacheStage({ config, store, prompts, now, count }), store, outcomes }
}
