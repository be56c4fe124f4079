import { noOptions, readOptions } from './kit/read-options.ts'
import type { Candidate, StrategyKind } from './strategy.ts'

/**
 * In turn, each as often as its weight says, without runs: 5, 1, 1 gives a a b a c a a. Each pick gives every candidate its
 * weight as credit; whoever has most is picked and pays for all. nginx's "smooth weighted round-robin".
 * https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1
 */
export const roundRobin: StrategyKind = {
  name: 'round-robin',
  create(_candidates, _context, options) {
    readOptions('round-robin', noOptions, options)
    const credits = new Map<Candidate, number>()
    const creditOf = (candidate: Candidate): number => credits.get(candidate) ?? 0
    return {
      pick(candidates) {
        let total = 0
        let best = candidates[0]!
        let most = -Infinity
        for (const candidate of candidates) {
          const credit = creditOf(candidate) + candidate.weight
          credits.set(candidate, credit)
          total += candidate.weight
          if (credit > most) {
            most = credit
            best = candidate
          }
        }
        credits.set(best, most - total)
        return best
      },
      score: (candidate) => -creditOf(candidate),
    }
  },
}
