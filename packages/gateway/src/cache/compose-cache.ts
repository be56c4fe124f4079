import type { CacheConfig } from 'sluice'
import type { CacheOutcome } from './answer-cache.ts'
import type { AnswerStore } from './answer-store.ts'
import { type CacheStage, createCacheStage } from './cache-stage.ts'
import { createMemoryAnswerStore } from './memory-answer-store.ts'

export interface Cache {
  readonly stage: CacheStage
  readonly store: AnswerStore
  /** How many requests ended how, since the start. */
  readonly outcomes: ReadonlyMap<CacheOutcome, number>
}

/** @param config absent where every request is asked anew. */
export function composeCache(config: CacheConfig | undefined, now: () => number): Cache | undefined {
  if (config === undefined) return undefined
  const store = createMemoryAnswerStore({ ...config, now })
  const outcomes = new Map<CacheOutcome, number>([
    ['hit', 0],
    ['shared', 0],
    ['miss', 0],
    ['off', 0],
  ])
  const count = (outcome: CacheOutcome): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  return { stage: createCacheStage({ config, store, now, count }), store, outcomes }
}
