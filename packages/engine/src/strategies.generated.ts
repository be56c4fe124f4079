// Written by `npm run generate` from the files in strategies/. Do not edit.
import { firstAvailable } from './strategies/first-available.ts'
import type { StrategyKind } from './strategies/strategy.ts'
import { weighted } from './strategies/weighted.ts'

/** Every built-in strategy, by its name. */
export const strategies: ReadonlyMap<string, StrategyKind> = new Map(
  [firstAvailable, weighted].map((kind) => [kind.name, kind]),
)
