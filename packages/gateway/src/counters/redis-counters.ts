import { randomUUID } from 'node:crypto'
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
import {
  chargeScript,
  countScript,
  extendScript,
  lookScript,
  type RedisScript,
  renewScript,
  seedScript,
} from './redis-scripts.ts'
import { keysOf, RedisBatch, whole } from './redis-batch.ts'

/** Runs scripts where they are known by their hash. */
export interface ScriptRunner {
  run(script: RedisScript, keys: readonly string[], values: readonly string[]): Promise<unknown>
}

export interface RedisCountersOptions {
  readonly redis: ScriptRunner
  /** Milliseconds since 1970. Default: Redis' own clock, one for all. */
  readonly now?: () => number
  /** Milliseconds after which the places and the money of a process that died are free again. */
  readonly lease?: number
}

export interface RedisCounters extends Counters {
  take(limits: readonly Limit[], amounts: readonly number[]): Promise<Decision>
  /** Money may be settled again by who did not hear of it: it counts once. */
  settle(reservation: Reservation, used: readonly number[]): Promise<Settlement>
  extend(reservation: Reservation, amounts: readonly number[]): Promise<boolean>
  seed(limit: SpendLimit, spent: number): Promise<void>
  look(limits: readonly SpendLimit[]): Promise<readonly (SpendState | undefined)[]>
  /** Adds what was spent without being counted here. @param id by which it is known if it has to be said again. */
  charge(limit: SpendLimit, amount: number, id: string): Promise<void>
}

const usualLease = 60_000

/** Counts for all processes that ask the same Redis: one script and one round trip for each step, or for several at once. */
export function createRedisCounters({ redis, now, lease = usualLease }: RedisCountersOptions): RedisCounters {
  const process = randomUUID().replaceAll('-', '').slice(0, 16)
  let count = 0
  /** Those that are lost after a while, if they are not renewed. */
  const open = new Set<Reservation>()
  let timer: NodeJS.Timeout | undefined
  const time = (): string => (now === undefined ? '' : String(now()))
  const batch = new RedisBatch({ run: (keys, values) => redis.run(countScript, keys, values), time, lease })

  function renewAll(): void {
    for (const { id, limits } of open) {
      const keys = limits.flatMap((limit) => (limit.kind === 'window' ? [] : [keysOf(limit).at(-1)!]))
      // Who cannot be reached now is asked again the next time.
      redis.run(renewScript, keys, [time(), String(lease), id]).catch(() => undefined)
    }
    if (open.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  function remember(reservation: Reservation): void {
    if (reservation.limits.every(({ kind }) => kind === 'window')) return
    open.add(reservation)
    if (timer !== undefined) return
    timer = setInterval(renewAll, lease / 3)
    timer.unref()
  }

  return {
    async take(limits, amounts) {
      const id = process + (++count).toString(36)
      const reply = await batch.take(limits, id, amounts)
      const [at = 0, refusedBy = -1, wait = 0] = reply
      const remaining: number[] = []
      const reset: number[] = []
      let unknown = nothingUnknown
      for (let index = 0; index < limits.length; index++) {
        const left = reply[3 + index * 2]!
        if (left < 0) unknown = [...unknown, index]
        remaining.push(Math.max(0, left))
        reset.push(reply[4 + index * 2]!)
      }
      const granted = refusedBy < 0 && unknown.length === 0
      const reservation = granted ? { limits, amounts: [...amounts], at, id } : undefined
      if (reservation !== undefined) remember(reservation)
      return {
        reservation,
        refusedBy: unknown.length > 0 ? -1 : refusedBy,
        retryAfter: wait < 0 ? Infinity : wait,
        remaining,
        reset,
        unknown,
      }
    },
    settle(reservation, used) {
      const { limits, amounts, id, at } = reservation
      open.delete(reservation)
      return batch.settle(limits, id, amounts, used, at)
    },
    async extend({ limits, amounts: taken, id }, amounts) {
      const keys: string[] = []
      const values = [time(), String(lease), id]
      for (const [index, limit] of limits.entries()) {
        if (limit.kind !== 'spend') continue
        keys.push(...keysOf(limit))
        values.push(whole(limit.most), whole(amounts[index]!))
      }
      const granted = (await redis.run(extendScript, keys, values)) === 1
      if (granted)
        for (const [index, { kind }] of limits.entries()) if (kind === 'spend') taken[index]! += amounts[index]!
      return granted
    },
    async seed(limit, spent) {
      const end = limit.endsAt === Infinity ? '' : String(limit.endsAt + longestRequest)
      await redis.run(seedScript, [keysOf(limit)[0]!], [whole(spent), end, time()])
    },
    async look(limits) {
      if (limits.length === 0) return []
      const reply = (await redis.run(lookScript, limits.flatMap(keysOf), [time()])) as number[]
      return limits.map((_, index) => {
        const spent = reply[index * 2]!
        return spent < 0 ? undefined : { spent, held: reply[index * 2 + 1]! }
      })
    },
    async charge(limit, amount, id) {
      await redis.run(chargeScript, keysOf(limit), [time(), id, whole(amount)])
    },
    close() {
      clearInterval(timer)
      return Promise.resolve()
    },
  }
}

/** Milliseconds that a request may outlive the period it began in. */
const longestRequest = 24 * 60 * 60 * 1000
