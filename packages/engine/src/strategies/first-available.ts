import type { Candidate, StrategyKind } from './strategy.ts'

/** The first by priority, then in the order of config: the others are there for when it fails. */
export const firstAvailable: StrategyKind = {
  name: 'first-available',
  create: () => ({
    pick: (candidates) =>
      candidates.reduce((best, candidate) => (candidate.priority < best.priority ? candidate : best)),
    score: ({ priority }: Candidate) => priority,
  }),
}
