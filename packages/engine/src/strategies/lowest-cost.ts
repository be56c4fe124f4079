import { noOptions, readOptions } from './kit/read-options.ts'
import type { StrategyKind } from './strategy.ts'

/** The lowest price of the request; one whose price is not known comes last. At the same price the first by priority. */
export const lowestCost: StrategyKind = {
  name: 'lowest-cost',
  create(_candidates, _context, options) {
    readOptions('lowest-cost', noOptions, options)
    return {
      pick(candidates, request) {
        let best = candidates[0]!
        let least = Infinity
        for (const candidate of candidates) {
          const cost = candidate.estimatedCost(request) ?? Infinity
          if (cost > least || (cost === least && candidate.priority >= best.priority)) continue
          best = candidate
          least = cost
        }
        return best
      },
      score: (candidate, request) => candidate.estimatedCost(request) ?? Infinity,
    }
  },
}
