import type { Target } from 'sluice'
import { reportedProvider } from '../access/site-provider.ts'
import { windowLength } from './rolling-calls.ts'
import { Series } from './series.ts'

/** The series that are kept, found by target and operation. Bounded, since callers can make names of models up. */
export interface SeriesTable {
  /** `now` on the clock of `performance.now`. */
  of(target: Target, operation: string, now: number): Series
  all(): Iterable<Series>
}

/** The model under which a provider's calls are counted while there is no place for one more name. */
export const otherModels = '(other)'

/** Milliseconds between two looks for a place. */
const lookEvery = 1_000

/**
 * @param most names that are kept. What is in use keeps its place, so a flood of names cannot push it out: the names that
 *   come late are counted together until one that was kept has not been called for as long as figures look back.
 */
export function createSeriesTable(most: number): SeriesTable {
  const byTarget = new WeakMap<Target, Series>()
  const byName = new Map<string, Series>()
  const others = new Map<string, Series>()
  let nextLook = 0

  /** @returns whether there is a place for one more. */
  function makePlace(now: number): boolean {
    if (byName.size < most) return true
    if (now < nextLook) return false
    nextLook = now + lookEvery
    for (const [name, series] of byName) {
      if (now - series.usedAt <= windowLength) continue
      series.dropped = true
      byName.delete(name)
    }
    return byName.size < most
  }

  function other(provider: string, operation: string): Series {
    const name = `${provider}\n${operation}`
    let series = others.get(name)
    if (series === undefined) others.set(name, (series = new Series(provider, otherModels, operation)))
    return series
  }

  function named(target: Target, operation: string, now: number): Series {
    const { model } = target
    const provider = reportedProvider(target.provider)
    const name = `${provider}\n${model}\n${operation}`
    let series = byName.get(name)
    if (series === undefined) {
      if (!makePlace(now)) return other(provider, operation)
      byName.set(name, (series = new Series(provider, model, operation)))
    }
    byTarget.set(target, series)
    return series
  }

  return {
    of(target, operation, now) {
      const known = byTarget.get(target)
      const series = known === undefined || known.dropped ? named(target, operation, now) : known
      series.usedAt = now
      return series
    },
    *all() {
      yield* byName.values()
      yield* others.values()
    },
  }
}
