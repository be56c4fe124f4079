import { pino } from 'pino'
import { Secret } from 'sluice'
import { expect, test } from 'vitest'
import { describeOnRedis } from '../../../../tests/servers/describe-on.ts'
import { startRedis } from '../../../../tests/servers/redis.ts'
import { connectRedis, type RedisConnection } from './connect-redis.ts'
import type { Limit, SpendLimit } from './counters.ts'
import { createGuardedCounters, type GuardedCounters, type WhenLost } from './guarded-counters.ts'
import { createMemoryCounters } from './memory-counters.ts'
import { createRedisCounters, type RedisCounters, type ScriptRunner } from './redis-counters.ts'
import { chargeScript } from './redis-scripts.ts'

interface Guarded extends AsyncDisposable {
  readonly counters: GuardedCounters
  readonly changes: readonly boolean[]
  /** Takes once for each, all at the same moment. */
  admitted(times: number): Promise<number>
  /** Waits until Redis is lost, or there again; takes nothing. */
  until(lost: boolean): Promise<void>
}

const limit: Limit = { kind: 'window', key: 'a', most: 9, period: 60_000 }
const other: Limit = { kind: 'window', key: 'other', most: 1e9, period: 60_000 }

function connect(url: string): RedisConnection {
  return connectRedis(new Secret(url), pino({ level: 'silent' }))
}

function guard(url: string, whenLost: WhenLost, replicas: number): Guarded {
  const redis = connect(url)
  const changes: boolean[] = []
  const counters = createGuardedCounters({
    shared: createRedisCounters({ redis }),
    local: createMemoryCounters(Date.now),
    whenLost,
    replicas,
    changed: (lost) => void changes.push(lost),
  })
  return {
    counters,
    changes,
    async admitted(times) {
      const all = await Promise.all(Array.from({ length: times }, () => counters.take([limit], [1])))
      return all.filter(({ reservation }) => reservation !== undefined).length
    },
    async until(lost) {
      for (;;) {
        await Promise.resolve(counters.take([other], [0])).catch(() => undefined)
        if (counters.lost === lost) return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async [Symbol.asyncDispose]() {
      await counters.close()
      await redis.close()
    },
  }
}

/** Over counters of which only taking answers, as it is said. */
function guardTaking(take: () => Promise<never>): GuardedCounters {
  const gone = (): Promise<never> => Promise.reject(new Error('gone'))
  return createGuardedCounters({
    shared: { ...createRedisCounters({ redis: { run: gone } }), take },
    local: createMemoryCounters(Date.now),
    whenLost: 'fail-open',
    replicas: 1,
    changed: () => undefined,
  })
}

interface Unheard extends AsyncDisposable {
  /** Of the Redis beneath. */
  readonly url: string
  readonly counters: GuardedCounters
  /** Does as it is told, and says so too late. */
  readonly runner: ScriptRunner & { late: boolean; readonly asked: Promise<unknown>[] }
  /** Lets Redis be asked again, and waits until it was told all that is owed. */
  heard(): Promise<void>
}

/** On a Redis of its own, which is there, and knows of `spend` that nothing was spent. */
async function guardUnheard(spend: SpendLimit): Promise<Unheard> {
  const server = await startRedis()
  const { url } = server
  const redis = connect(url)
  const runner: Unheard['runner'] = {
    late: false,
    asked: [],
    async run(...script) {
      const { late } = runner
      const answer = redis.run(...script)
      runner.asked.push(answer.catch(() => undefined))
      await answer
      if (late) throw new Error('Redis did not answer within 1000 ms.')
      return answer
    },
  }
  const counters = createGuardedCounters({
    shared: createRedisCounters({ redis: runner }),
    local: createMemoryCounters(Date.now),
    whenLost: 'fail-open',
    replicas: 1,
    changed: () => undefined,
  })
  do await counters.take([other], [0])
  while (counters.lost)
  await counters.seed(spend, 0)
  return {
    url,
    counters,
    runner,
    async heard() {
      runner.late = false
      do await counters.take([other], [0])
      while (counters.lost)
      // What is asked is sent at the end of the turn.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      await Promise.all(runner.asked)
    },
    async [Symbol.asyncDispose]() {
      await counters.close()
      await redis.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

interface Shared extends AsyncDisposable {
  readonly redis: RedisConnection
  readonly counters: RedisCounters
  /** Of their clock, in milliseconds. */
  now: number
}

/** Unguarded, on a Redis of their own that knows of `spend` that nothing was spent. */
async function startShared(spend: SpendLimit): Promise<Shared> {
  const server = await startRedis()
  const redis = connect(server.url)
  await redis.ready()
  const shared: Shared = {
    redis,
    counters: createRedisCounters({ redis, now: () => shared.now }),
    now: 1_000_000,
    async [Symbol.asyncDispose]() {
      await shared.counters.close()
      await redis.close()
      await server[Symbol.asyncDispose]()
    },
  }
  await shared.counters.seed(spend, 0)
  return shared
}

describeOnRedis('An answer of Redis that comes too late', () => {
  const spend: SpendLimit = { kind: 'spend', key: 's', most: 1000, endsAt: Infinity }

  test('a settlement that was done is not done again', async () => {
    await using guarded = await guardUnheard(spend)
    const { counters, runner } = guarded
    const { reservation } = await counters.take([spend], [50])
    runner.late = true
    await counters.settle(reservation!, [40])
    expect(counters.lost).toBe(true)
    await guarded.heard()
    expect(await counters.look([spend])).toEqual([{ spent: 40, held: 0 }])
  })

  test('nor is a charge of what was spent meanwhile', async () => {
    await using guarded = await guardUnheard(spend)
    const { counters, runner } = guarded
    runner.late = true
    // Taken and never heard of: from here on it is counted here.
    expect((await counters.take([other], [0])).refusedBy).toBe(-1)
    await counters.seed(spend, 0)
    const { reservation } = await counters.take([spend], [50])
    await counters.settle(reservation!, [30])
    runner.late = false
    let first = true
    const { run } = runner
    runner.run = async (script, keys, values) => {
      const answer = await run(script, keys, values)
      // The first of the charges.
      if (script === chargeScript && first) {
        first = false
        throw new Error('Redis did not answer within 1000 ms.')
      }
      return answer
    }
    await guarded.heard()
    await guarded.heard()
    await guarded.heard()
    expect(first).toBe(false)
    expect(await counters.look([spend])).toEqual([{ spent: 30, held: 0 }])
  })

  test('a settlement that was not done is done, also when what it settles was given up meanwhile', async () => {
    await using shared = await startShared(spend)
    const { counters } = shared
    const [first, second] = [await counters.take([spend], [50]), await counters.take([spend], [60])]
    shared.now += 60_001
    expect(await counters.look([spend])).toEqual([{ spent: 0, held: 0 }])
    const settle = (reservation: typeof first, amount: number): Promise<unknown> =>
      counters.settle(reservation.reservation!, [amount])
    expect(await settle(first, 40)).toEqual([40])
    expect(await settle(first, 40)).toEqual([40])
    shared.now += 60_000
    expect(await settle(second, 20)).toEqual([60])
    expect(await settle(second, 20)).toEqual([60])
  })

  test('what was taken before Redis forgot all is counted once', async () => {
    await using shared = await startShared(spend)
    const { counters, redis } = shared
    const { reservation } = await counters.take([spend], [50])
    await redis.command('s', ['FLUSHALL'])
    shared.now += 5
    await counters.seed(spend, 7)
    expect(await counters.settle(reservation!, [40])).toEqual([47])
    expect(await counters.settle(reservation!, [40])).toEqual([47])
  })
})

describeOnRedis('At the end', () => {
  const spend: SpendLimit = { kind: 'spend', key: 's', most: 1000, endsAt: Infinity }

  test('Redis is told what is owed to it', async () => {
    await using guarded = await guardUnheard(spend)
    const { counters, runner, url } = guarded
    const { reservation } = await counters.take([spend], [50])
    const { run } = runner
    runner.run = () => Promise.reject(new Error('gone'))
    await counters.settle(reservation!, [40])
    await counters.seed(spend, 0)
    const here = await counters.take([spend], [20])
    await counters.settle(here.reservation!, [10])
    runner.run = run
    await counters.close()
    const redis = connect(url)
    await redis.ready()
    expect(await createRedisCounters({ redis }).look([spend])).toEqual([{ spent: 50, held: 0 }])
    await redis.close()
  })

  test('one that hangs is not waited for long', async () => {
    await using guarded = await guardUnheard(spend)
    const { counters, runner } = guarded
    const { reservation } = await counters.take([spend], [50])
    runner.run = () => Promise.reject(new Error('gone'))
    await counters.settle(reservation!, [40])
    let asked = 0
    runner.run = () => new Promise(() => void asked++)
    await counters.close()
    expect(asked).toBe(1)
  })
})

describeOnRedis('When Redis is lost', () => {
  test('fail-open: each gateway counts its share, and all together again when Redis is back', async () => {
    await using redis = await startRedis()
    await using guarded = guard(redis.url, 'fail-open', 3)
    await guarded.until(false)
    expect(await guarded.admitted(20)).toBe(9)
    await redis.stop()
    expect(await guarded.admitted(20)).toBe(3)
    expect(guarded.counters.lost).toBe(true)
    await redis.start()
    await guarded.until(false)
    // What Redis held was lost with it.
    expect(await guarded.admitted(20)).toBe(9)
    expect(guarded.changes.filter((lost) => lost).length).toBeGreaterThanOrEqual(1)
    expect(guarded.changes.at(-1)).toBe(false)
  })

  test('one that hangs holds up one request at a time', async () => {
    let asked = 0
    let answer: (() => void) | undefined
    const counters = guardTaking(() => {
      if (asked++ === 0) return Promise.reject(new Error('gone'))
      return new Promise((_, reject) => (answer = () => reject(new Error('hung'))))
    })
    expect((await counters.take([limit], [1])).remaining).toEqual([8])
    let first: Promise<unknown> | undefined
    while (asked < 2) {
      first = counters.take([limit], [1])
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    // The one that asks is still waiting, and others are not.
    const { remaining } = await counters.take([other], [1])
    expect([remaining, asked]).toEqual([[1e9 - 1], 2])
    answer?.()
    await first
  })

  test('what was asked before it was lost and fails late lets no other one ask beside', async () => {
    const answers: (() => void)[] = []
    const counters = guardTaking(() => new Promise((_, reject) => answers.push(() => reject(new Error('hung')))))
    const take = (): Promise<unknown> => counters.take([limit], [1])
    const [early, late] = [take(), take()]
    answers[0]!()
    await early
    let asking: Promise<unknown> | undefined
    while (answers.length < 3) {
      asking = take()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    answers[1]!()
    await late
    // Longer than those that are lost are left alone.
    await new Promise((resolve) => setTimeout(resolve, 150))
    const another = take()
    expect(answers).toHaveLength(3)
    answers[2]!()
    await Promise.all([asking, another])
  })

  test('fail-closed: nobody is let in, until Redis is back', async () => {
    await using redis = await startRedis()
    await using guarded = guard(redis.url, 'fail-closed', 1)
    await guarded.until(false)
    await redis.stop()
    await expect(guarded.admitted(1)).rejects.toMatchObject({ code: 'limits_unavailable', status: 503 })
    await redis.start()
    await guarded.until(false)
    expect(await guarded.admitted(20)).toBe(9)
  })

  test('money spent meanwhile is counted when Redis is back, if it has forgotten nothing', async () => {
    await using redis = await startRedis()
    const spend = { kind: 'spend', key: 's', most: 90, endsAt: Infinity } as const
    await using guarded = guard(redis.url, 'fail-open', 3)
    const { counters } = guarded
    await guarded.until(false)
    const before = (await counters.take([other], [0])).reservation!
    await redis.stop()
    await guarded.until(true)
    // A third of what is left of it.
    await counters.seed(spend, 30)
    expect((await counters.take([spend], [21])).refusedBy).toBe(0)
    const { reservation } = await counters.take([spend], [20])
    expect(await counters.settle(reservation!, [15])).toEqual([75])
    // What Redis gave cannot be settled there: nobody has to hear of it.
    await counters.settle(before, [0])
    await redis.start()
    await guarded.until(false)
    expect((await counters.take([spend], [1])).unknown).toEqual([0])
    await counters.seed(spend, 45)
    expect((await counters.take([spend], [46])).refusedBy).toBe(0)
    expect((await counters.take([spend], [45])).refusedBy).toBe(-1)
  })
})
