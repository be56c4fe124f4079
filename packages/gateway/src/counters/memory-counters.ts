import {
  type Counters,
  type Decision,
  type Limit,
  nothingUnknown,
  type Reservation,
  type Settlement,
  type SpendLimit,
  type SpendState,
} from './counters.ts'
import { SlidingWindow } from './sliding-window.ts'

export interface MemoryCounters extends Counters {
  take(limits: readonly Limit[], amounts: readonly number[]): Decision
  settle(reservation: Reservation, used: readonly number[]): Settlement
  extend(reservation: Reservation, amounts: readonly number[]): boolean
  look(limits: readonly SpendLimit[]): readonly (SpendState | undefined)[]
}

interface Spend {
  spent: number
  /** Of open reservations. */
  held: number
  readonly endsAt: number
}

/** Counters between two looks for those that say nothing any more. */
const fewest = 1_000

/** Counts for this process. @param now milliseconds since 1970. */
export function createMemoryCounters(now: () => number): MemoryCounters {
  const windows = new Map<string, SlidingWindow>()
  const places = new Map<string, number>()
  const spends = new Map<string, Spend>()
  let crowded = fewest

  function windowOf(key: string, period: number): SlidingWindow {
    let window = windows.get(key)
    if (window === undefined) windows.set(key, (window = new SlidingWindow(period)))
    return window
  }

  function forgetOld(time: number): void {
    if (windows.size + spends.size < crowded) return
    for (const [key, window] of windows) if (window.sum(time) <= 0) windows.delete(key)
    for (const [key, { held, endsAt }] of spends) if (held === 0 && endsAt < time) spends.delete(key)
    crowded = Math.max(fewest, 2 * (windows.size + spends.size))
  }

  function apply(limit: Limit, amount: number, time: number): void {
    if (limit.kind === 'window') windowOf(limit.key, limit.period).add(amount, time)
    else if (limit.kind === 'places') places.set(limit.key, (places.get(limit.key) ?? 0) + amount)
    else spends.get(limit.key)!.held += amount
  }

  function give(limit: Limit, taken: number, used: number, at: number, time: number): number {
    const { key } = limit
    if (limit.kind === 'window') {
      if (used !== taken) windowOf(key, limit.period).correct(used - taken, at, time)
    } else if (limit.kind === 'places') {
      const left = (places.get(key) ?? 0) - taken
      if (left > 0) places.set(key, left)
      else places.delete(key)
    } else {
      const spend = spends.get(key)
      if (spend === undefined) return used
      spend.held -= taken
      spend.spent += used
      return spend.spent
    }
    return 0
  }

  return {
    take(limits, amounts) {
      const time = now()
      const remaining: number[] = []
      const reset: number[] = []
      let unknown = nothingUnknown
      let refusedBy = -1
      let retryAfter = 0
      for (let index = 0; index < limits.length; index++) {
        const limit = limits[index]!
        const amount = amounts[index]!
        let room: number
        if (limit.kind === 'window') {
          const window = windowOf(limit.key, limit.period)
          const sum = window.sum(time)
          room = limit.most - sum
          reset.push(amount > 0 ? limit.period : window.untilEmpty(time))
          if (room < Math.max(amount, 1)) {
            const wait = amount > limit.most ? Infinity : window.untilFree(Math.max(amount, 1) - room, time)
            if (refusedBy < 0 || wait > retryAfter) [refusedBy, retryAfter] = [index, wait]
          }
        } else if (limit.kind === 'places') {
          room = limit.most - (places.get(limit.key) ?? 0)
          reset.push(0)
          if (room < amount && refusedBy < 0) refusedBy = index
        } else {
          const spend = spends.get(limit.key)
          reset.push(Math.max(0, limit.endsAt - time))
          if (spend === undefined) {
            unknown = [...unknown, index]
            room = 0
          } else {
            room = limit.most - spend.spent - spend.held
            if (lacks(room, amount) && retryAfter !== Infinity) [refusedBy, retryAfter] = [index, Infinity]
          }
        }
        remaining.push(room)
      }
      const granted = refusedBy < 0 && unknown.length === 0
      for (let index = 0; index < limits.length; index++) {
        const room = remaining[index]!
        remaining[index] = Math.max(0, granted ? room - amounts[index]! : room)
        if (granted) apply(limits[index]!, amounts[index]!, time)
      }
      forgetOld(time)
      const reservation = granted ? { limits, amounts: [...amounts], at: time, id: '' } : undefined
      return { reservation, refusedBy: unknown.length > 0 ? -1 : refusedBy, retryAfter, remaining, reset, unknown }
    },
    settle({ limits, amounts, at }, used) {
      const time = now()
      return limits.map((limit, index) => give(limit, amounts[index]!, used[index]!, at, time))
    },
    extend({ limits, amounts: taken }, amounts) {
      const fits = limits.every((limit, index) => {
        if (limit.kind !== 'spend') return true
        const spend = spends.get(limit.key)
        return spend !== undefined && limit.most - spend.spent - spend.held >= amounts[index]!
      })
      if (!fits) return false
      for (const [index, limit] of limits.entries()) {
        if (limit.kind !== 'spend') continue
        spends.get(limit.key)!.held += amounts[index]!
        taken[index]! += amounts[index]!
      }
      return true
    },
    seed({ key, endsAt }, spent) {
      if (!spends.has(key)) spends.set(key, { spent, held: 0, endsAt })
    },
    look: (limits) =>
      limits.map(({ key }) => {
        const spend = spends.get(key)
        return spend && { spent: spend.spent, held: spend.held }
      }),
    close: () => Promise.resolve(),
  }
}

/** What costs nothing may be had as long as anything is left. */
function lacks(room: number, amount: number): boolean {
  return room < amount || room <= 0
}
