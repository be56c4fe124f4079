import * as z from 'zod/mini'
import { decimal } from '../config/scalars.ts'
import { LastPicks } from './kit/last-picks.ts'
import { readOptions } from './kit/read-options.ts'
import type { StrategyKind } from './strategy.ts'

const schema: z.ZodMiniType<{ readonly unknown?: number | undefined }> = z.lazy(() =>
  z.strictObject({ unknown: z.optional(decimal(0, 1)) }),
)

/**
 * The most of its own rate limit left, as its last answer said; of equal ones the least busy. One that was not asked for
 * long is tried, as its limit has likely been renewed since.
 */
export const usageHeadroom: StrategyKind = {
  name: 'usage-headroom',
  create(all, { random }, options) {
    const { unknown = 0.5 } = readOptions('usage-headroom', schema, options)
    const picks = new LastPicks(all.length)
    return {
      pick(candidates) {
        let best = candidates[0]!
        let most = -Infinity
        let least = Infinity
        let equal = 0
        for (const candidate of candidates) {
          if (picks.neglected(candidate)) return picks.add(candidate)
          const { weight, load } = candidate
          const left = load.headroom ?? unknown
          const busy = load.active / weight
          if (left < most || (left === most && busy > least)) continue
          const isBetter = left > most || busy < least
          equal = isBetter ? weight : equal + weight
          if (isBetter || random() * equal < weight) best = candidate
          most = left
          least = busy
        }
        return picks.add(best)
      },
      score: ({ load }) => 1 - (load.headroom ?? unknown),
    }
  },
}
