import { noOptions, readOptions } from './kit/read-options.ts'
import type { Candidate, StrategyKind } from './strategy.ts'

/** The first by priority, then in the order of config: the others are there for when it fails. */
export const firstAvailable: StrategyKind = {
  name: 'first-available',
  create(_candidates, _context, options) {
    readOptions('first-available', noOptions, options)
    return {
      pick(candidates) {
        let best = candidates[0]!
        for (const candidate of candidates) if (candidate.priority < best.priority) best = candidate
        return best
      },
      score: ({ priority }: Candidate) => priority,
    }
  },
}
