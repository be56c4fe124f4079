// Written by `npm run generate` from the files in strategies/.
import { conditional } from './strategies/conditional.ts'
import { firstAvailable } from './strategies/first-available.ts'
import { leastBusy } from './strategies/least-busy.ts'
import { lowestCost } from './strategies/lowest-cost.ts'
import { lowestLatency } from './strategies/lowest-latency.ts'
import { roundRobin } from './strategies/round-robin.ts'
import { sticky } from './strategies/sticky.ts'
import { usageHeadroom } from './strategies/usage-headroom.ts'
import { weighted } from './strategies/weighted.ts'
import type { StrategyKind } from './strategies/strategy.ts'

/** Every built-in strategy, by its name. */
export const strategies: ReadonlyMap<string, StrategyKind> = new Map(
  [
    conditional,
    firstAvailable,
    leastBusy,
    lowestCost,
    lowestLatency,
    roundRobin,
    sticky,
    usageHeadroom,
    weighted,
  ].map((kind) => [kind.name, kind]),
)
