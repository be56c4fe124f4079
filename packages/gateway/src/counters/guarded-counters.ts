import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SluiceError } from '@sluice/protocol'
import type { Counters, Decision, Limit, Reservation, Settlement, SpendLimit } from './counters.ts'
import type { RedisCounters } from './redis-counters.ts'

/** What is done while the shared counters cannot be reached: count here, each replica its share; or let nobody in. */
export type WhenLost = 'fail-open' | 'fail-closed'

export interface GuardedCounters extends Counters {
  /** Whether the shared counters were lost the last time they were asked. */
  readonly lost: boolean
  take(limits: readonly Limit[], amounts: readonly number[]): Promise<Decision>
}

export interface GuardedCountersOptions {
  readonly shared: RedisCounters
  /** Counts for this gateway alone. */
  readonly local: Counters
  readonly whenLost: WhenLost
  /** Gateways that share the counters. */
  readonly replicas: number
  /** Hears when they are lost, and when they are back. */
  readonly changed: (lost: boolean, reason: string) => void
}

/** Milliseconds that lost counters are left alone before they are asked again. */
const rest = 100
/** Milliseconds that they are waited for at the end, while they are told what they do not know. */
const lastWords = 1_000
/** What is told again one by one, at the most; beyond that it is added up. */
const mostUntold = 10_000

/** Shared counters that may be lost, and come back by themselves: requests ask them anew. */
export function createGuardedCounters(options: GuardedCountersOptions): GuardedCounters {
  const { shared, local, whenLost, replicas, changed } = options
  let lost = false
  /** While lost, one at a time asks again, and not at once: a Redis that hangs would hold up everybody. */
  let asking = false
  let askAt = 0
  const shares = new WeakMap<Limit, Limit>()
  /** Reservations of `local`, and the limits that they are shares of. */
  const ours = new WeakMap<Reservation, readonly Limit[]>()
  /** What was spent without the shared counters' knowing, by key. */
  const owed = new Map<string, { readonly limit: SpendLimit; amount: number }>()
  /** What they may know of already, and are told again in the same words. */
  const untold = new Set<() => Promise<unknown>>()

  function answered(): void {
    if (lost) changed((lost = false), 'Redis is back; limits are shared again')
    if (owed.size > 0 || untold.size > 0) void tell()
  }

  async function tell(): Promise<void> {
    for (const [key, { limit, amount }] of owed) {
      if (untold.size >= mostUntold) break
      owed.delete(key)
      const id = randomUUID()
      untold.add(() => shared.charge(limit, amount, id))
    }
    const now = [...untold]
    untold.clear()
    await Promise.all(now.map((say) => say().catch(() => untold.add(say))))
  }

  /** Of what else was taken nothing is owed: windows move on, and places are free after a while. */
  function settleLater({ limits, amounts, at, id }: Reservation, used: readonly number[]): void {
    const ofMoney = limits.flatMap(({ kind }, index) => (kind === 'spend' ? [index] : []))
    if (ofMoney.length === 0) return
    if (untold.size >= mostUntold) {
      for (const index of ofMoney) owe(limits[index] as SpendLimit, used[index]!)
      return
    }
    const pick = <One>(all: readonly One[]): One[] => ofMoney.map((index) => all[index]!)
    const reservation = { limits: pick(limits), amounts: pick(amounts), at, id }
    untold.add(() => shared.settle(reservation, pick(used)))
  }

  function owe(limit: SpendLimit, amount: number): void {
    const debt = owed.get(limit.key)
    if (debt === undefined) owed.set(limit.key, { limit, amount })
    else debt.amount += amount
  }

  function failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : 'unknown reason'
    askAt = performance.now() + rest
    if (!lost) changed((lost = true), `Redis is lost (${reason}); ${consequence}`)
  }

  const consequence =
    whenLost === 'fail-closed'
      ? 'requests with limits are refused'
      : replicas > 1
        ? `each gateway counts for itself a ${replicas}th of every limit`
        : 'this gateway counts for itself'

  function share(limit: Limit): Limit {
    let part = shares.get(limit)
    if (part === undefined) {
      const whole = limit.kind === 'spend' ? limit.most / replicas : Math.max(1, Math.floor(limit.most / replicas))
      shares.set(limit, (part = { ...limit, most: whole }))
    }
    return part
  }

  async function takeHere(limits: readonly Limit[], amounts: readonly number[], cause: unknown): Promise<Decision> {
    if (whenLost === 'fail-closed') {
      throw new SluiceError(
        'limits_unavailable',
        'The limits of this gateway cannot be looked up now, and it lets nobody in without. Ask again in a moment.',
        { retryAfterMs: 1_000, ...(cause !== undefined && { cause }) },
      )
    }
    const decision = await local.take(limits.map(share), amounts)
    if (decision.reservation !== undefined) ours.set(decision.reservation, limits)
    return decision
  }

  return {
    get lost() {
      return lost
    },
    async take(limits, amounts) {
      if (lost && (asking || performance.now() < askAt)) return takeHere(limits, amounts, undefined)
      // What was asked before it was lost may still fail.
      const askingAgain = lost
      if (askingAgain) asking = true
      let decision: Decision
      try {
        decision = await shared.take(limits, amounts)
      } catch (error) {
        failed(error)
        return takeHere(limits, amounts, error)
      } finally {
        if (askingAgain) asking = false
      }
      answered()
      return decision
    },
    async settle(reservation, used) {
      const limits = ours.get(reservation)
      if (limits === undefined) {
        try {
          return await shared.settle(reservation, used)
        } catch (error) {
          failed(error)
          settleLater(reservation, used)
          return used.map(() => 0)
        }
      }
      const spent: Settlement = await local.settle(reservation, used)
      for (const [index, limit] of limits.entries())
        if (limit.kind === 'spend' && used[index]! > 0) owe(limit, used[index]!)
      return spent.map((amount) => amount * replicas)
    },
    async extend(reservation, amounts) {
      if (ours.has(reservation)) return local.extend(reservation, amounts)
      try {
        return await shared.extend(reservation, amounts)
      } catch (error) {
        failed(error)
        return whenLost === 'fail-open'
      }
    },
    async seed(limit, spent) {
      if (lost) return local.seed(share(limit) as SpendLimit, spent / replicas)
      try {
        await shared.seed(limit, spent)
      } catch (error) {
        failed(error)
        if (whenLost === 'fail-open') await local.seed(share(limit) as SpendLimit, spent / replicas)
      }
    },
    async look(limits) {
      // What is counted here meanwhile is a share only.
      if (lost) return limits.map(() => undefined)
      try {
        return await shared.look(limits)
      } catch (error) {
        failed(error)
        return limits.map(() => undefined)
      }
    },
    async close() {
      if (owed.size > 0 || untold.size > 0) await Promise.race([tell(), sleep(lastWords, undefined, { ref: false })])
      await shared.close()
      await local.close()
    },
  }
}
