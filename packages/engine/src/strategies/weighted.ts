import { noOptions, readOptions } from './kit/read-options.ts'
import type { Candidate, StrategyKind } from './strategy.ts'

/** At random, each as often as its weight says. */
export const weighted: StrategyKind = {
  name: 'weighted',
  create(_candidates, { random }, options) {
    readOptions('weighted', noOptions, options)
    return {
      pick(candidates) {
        let total = 0
        for (const { weight } of candidates) total += weight
        let point = random() * total
        for (const candidate of candidates) {
          point -= candidate.weight
          if (point < 0) return candidate
        }
        return candidates.at(-1)!
      },
      score: ({ weight }: Candidate) => 1 / weight,
    }
  },
}
