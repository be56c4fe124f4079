import { noOptions, readOptions } from './kit/read-options.ts'
import type { Candidate, StrategyKind } from './strategy.ts'

/** The fewest calls under way for its weight; of equal ones at random, each as often as its weight says. */
export const leastBusy: StrategyKind = {
  name: 'least-busy',
  create(_candidates, { random }, options) {
    readOptions('least-busy', noOptions, options)
    return {
      pick(candidates) {
        let best = candidates[0]!
        let least = Infinity
        let equal = 0
        for (const candidate of candidates) {
          const busy = busyness(candidate)
          if (busy > least) continue
          equal = busy < least ? candidate.weight : equal + candidate.weight
          if (busy < least || random() * equal < candidate.weight) best = candidate
          least = busy
        }
        return best
      },
      score: busyness,
    }
  },
}

function busyness({ load, weight }: Candidate): number {
  return load.active / weight
}
