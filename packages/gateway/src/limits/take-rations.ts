import { SluiceError } from '@sluice/protocol'
import type { BudgetEvents } from '../budgets/budget-events.ts'
import type { KnownSpend } from '../budgets/known-spend.ts'
import type { Counters, Decision, Reservation } from '../counters/counters.ts'
import { refusalOf } from './limit-refusal.ts'
import type { Ration, Rations } from './rations.ts'

/** What was taken for a request or an attempt. */
export interface Taken {
  readonly rations: Rations
  readonly reservation: Reservation
}

export type HearDecision = (rations: Rations, decision: Decision) => void

/** Takes of the counters what limits and budgets allow, and gives back what was not used. */
export interface RationTaker {
  /** Throws or rejects with the refusal's error. @param hear is told how the caller stands in any case. */
  take(rations: Rations, amounts: readonly number[], hear: HearDecision | undefined): Taken | Promise<Taken>
  settle(taken: Taken, used: readonly number[]): void
  extend(taken: Taken, amounts: readonly number[]): boolean | Promise<boolean>
  /** Resolves when all that was settled is known to the counters. */
  close(): Promise<void>
}

export interface RationTakerParts {
  readonly counters: Counters
  readonly knownSpend: KnownSpend
  /** Whether requests pass for whose budgets nobody can say what was spent. */
  readonly failOpen: boolean
  readonly events: BudgetEvents
}

/** Budgets of which the last spend is known here. */
const mostRemembered = 10_000

export function createRationTaker({ counters, knownSpend, failOpen, events }: RationTakerParts): RationTaker {
  /** By their keys: many requests may ask for the same at once. */
  const seeding = new Map<string, Promise<void>>()
  /** What was last heard of a budget here: counters that have lost it are not told less. */
  const lastSpent = new Map<string, number>()
  const settling = new Set<Promise<unknown>>()

  function judge(
    rations: Rations,
    amounts: readonly number[],
    decision: Decision,
    hear: HearDecision | undefined,
  ): Taken {
    const { reservation, refusedBy, retryAfter, remaining } = decision
    hear?.(rations, decision)
    if (reservation !== undefined) return { rations, reservation }
    const ration = rations.all[refusedBy]!
    events.refused(ration)
    throw refusalOf({ ration, amount: amounts[refusedBy]!, remaining: remaining[refusedBy]!, retryAfter })
  }

  async function takeLater(
    first: Decision | Promise<Decision>,
    rations: Rations,
    amounts: readonly number[],
    hear: HearDecision | undefined,
  ): Promise<Taken> {
    const decision = await first
    if (decision.unknown.length === 0) return judge(rations, amounts, decision, hear)
    const unknown = decision.unknown.map((index) => rations.all[index]!)
    const told = await Promise.all(unknown.map(seed))
    const lost = unknown.filter((_, index) => told[index] === false)
    if (lost.length === 0) return takeLater(counters.take(rations.limits, amounts), rations, amounts, hear)
    if (!failOpen) {
      throw new SluiceError(
        'limits_unavailable',
        'What was spent of a budget cannot be looked up now, and this gateway lets nobody in without. Ask again in a moment.',
        { retryAfterMs: 1_000 },
      )
    }
    const kept = rations.all.map((ration) => !lost.includes(ration))
    const all = rations.all.filter((_, index) => kept[index])
    const rest = { all, limits: all.map(({ limit }) => limit), spends: all.some(({ budget }) => budget !== undefined) }
    const share = amounts.filter((_, index) => kept[index])
    return takeLater(counters.take(rest.limits, share), rest, share, hear)
  }

  /** @returns whether it is known now. */
  async function seed({ budget, subject }: Ration): Promise<boolean> {
    const { limit } = budget!
    let telling = seeding.get(limit.key)
    if (telling === undefined) {
      telling = knownSpend(budget!, subject)
        .then((spent) => counters.seed(limit, Math.max(spent, lastSpent.get(limit.key) ?? 0)))
        .finally(() => seeding.delete(limit.key))
      seeding.set(limit.key, telling)
    }
    return telling.then(
      () => true,
      () => false,
    )
  }

  function settled({ rations }: Taken, spent: readonly number[], used: readonly number[]): void {
    if (!rations.spends) return
    for (let index = 0; index < rations.all.length; index++) {
      const ration = rations.all[index]!
      const { budget } = ration
      if (budget === undefined) continue
      const { key } = budget.limit
      const before = lastSpent.get(key)
      if (before === undefined && lastSpent.size >= mostRemembered) lastSpent.clear()
      lastSpent.set(key, Math.max(spent[index]!, before ?? 0))
      events.settled(ration, spent[index]!, used[index]!)
    }
  }

  return {
    take(rations, amounts, hear) {
      const decision = counters.take(rations.limits, amounts)
      if (decision instanceof Promise || decision.unknown.length > 0) return takeLater(decision, rations, amounts, hear)
      return judge(rations, amounts, decision, hear)
    },
    settle(taken, used) {
      const spent = counters.settle(taken.reservation, used)
      if (!(spent instanceof Promise)) return settled(taken, spent, used)
      const done: Promise<void> = spent.then(
        (known) => {
          settling.delete(done)
          settled(taken, known, used)
        },
        () => void settling.delete(done),
      )
      settling.add(done)
    },
    extend: ({ reservation }, amounts) => counters.extend(reservation, amounts),
    async close() {
      await Promise.allSettled(settling)
    },
  }
}
