import { pino } from 'pino'
import { Secret } from 'sluice'
import { expect, test } from 'vitest'
import { describeOnRedis } from '../../../../tests/servers/describe-on.ts'
import { redisForTests, startRedisCluster } from '../../../../tests/servers/redis.ts'
import { connectRedis, type RedisConnection } from './connect-redis.ts'
import { describeCounters } from './contracts/describe-counters.ts'
import type { SpendLimit } from './counters.ts'
import { createRedisCounters, type ScriptRunner } from './redis-counters.ts'
import { seedScript } from './redis-scripts.ts'

const logger = pino({ level: 'silent' })

async function connected(url: string): Promise<RedisConnection> {
  const redis = connectRedis(new Secret(url), logger)
  for (;;) {
    try {
      await redis.run(seedScript, ['sluice:{counters}:there'], ['0', ''])
      return redis
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

/** Resolves when somebody said that what is held is not lost by then. */
async function renewed(redis: RedisConnection, key: string, by: number): Promise<void> {
  const holds = `sluice:{counters}:${key}:holds`
  while ((await redis.command(holds, ['ZCOUNT', holds, `(${by}`, '+inf'])) === 0)
    await new Promise((resolve) => setTimeout(resolve, 5))
}

describeOnRedis('On Redis', () => {
  describeCounters('Counters in Redis', async (now) => {
    const redis = await connected((await redisForTests()).url)
    return { counters: createRedisCounters({ redis, now }), close: () => redis.close() }
  })

  test('two processes share what there is, by the clock of Redis', async () => {
    const { url } = await redisForTests()
    const connections = await Promise.all([connected(url), connected(url)])
    const both = connections.map((redis) => createRedisCounters({ redis }))
    const limit = { kind: 'window', key: 'shared', most: 10, period: 60_000 } as const
    const decisions = await Promise.all(Array.from({ length: 40 }, (_, index) => both[index % 2]!.take([limit], [1])))
    expect(decisions.filter(({ reservation }) => reservation !== undefined)).toHaveLength(10)
    for (const redis of connections) await redis.close()
  })

  test('what is asked at one moment travels together, and fails for itself', async () => {
    const { url } = await redisForTests()
    const redis = await connected(url)
    let sent = 0
    const counted: ScriptRunner = { run: (...script) => (sent++, redis.run(...script)) }
    const counters = createRedisCounters({ redis: counted })
    await redis.command('sluice:{counters}:text', ['SET', 'sluice:{counters}:text', 'no hash'])
    const limits = [{ kind: 'window', key: 'together', most: 3, period: 60_000 } as const]
    const broken = [{ kind: 'window', key: 'text', most: 3, period: 60_000 } as const]
    const asked = [limits, limits, broken, limits, limits].map(async (some) => counters.take(some, [1]))
    const answers = await Promise.allSettled(asked)
    expect(sent).toBe(1)
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.refusedBy : answer.reason))).toEqual([
      -1,
      -1,
      expect.objectContaining({ message: expect.stringContaining('WRONGTYPE') }),
      -1,
      0,
    ])
    await redis.close()
  })

  test('sums of money come back exact', async () => {
    const redis = await connected((await redisForTests()).url)
    const counters = createRedisCounters({ redis })
    const money: SpendLimit = { kind: 'spend', key: 'exact', most: Number.MAX_SAFE_INTEGER, endsAt: Infinity }
    await counters.seed(money, 0)
    const { reservation, remaining } = await counters.take([money], [123_456_789])
    expect(remaining).toEqual([Number.MAX_SAFE_INTEGER - 123_456_789])
    expect(await counters.settle(reservation!, [9_007_199_254_740_001])).toEqual([9_007_199_254_740_001])
    await redis.close()
  })

  test('places and money of a process that died are free again after a while, those of one that lives are not', async () => {
    const { url } = await redisForTests()
    const redis = await connected(url)
    let now = 1_000_000
    const lease = 600
    // Its timers never run before the test is over: it might as well be dead.
    const dead = createRedisCounters({ redis, now: () => now, lease: 60_000 })
    const alive = createRedisCounters({ redis, now: () => now, lease })
    const places = { kind: 'places', key: 'p', most: 2 } as const
    const money: SpendLimit = { kind: 'spend', key: 's', most: 100, endsAt: Infinity }
    await alive.seed(money, 0)
    await dead.take([places, money], [1, 60])
    expect((await alive.take([places, money], [1, 50])).refusedBy).toBe(1)
    now += 60_001
    expect((await alive.take([places, money], [1, 40])).remaining).toEqual([1, 60])
    // The one that lives tells so by its timer, at whatever time it is then.
    now += lease - 1
    await renewed(redis, 's', now + 2)
    now += 2
    expect((await alive.take([places, money], [1, 61])).refusedBy).toBe(1)
    await redis.close()
  })

  test('money without an end that was renewed is free again, too', async () => {
    const redis = await connected((await redisForTests()).url)
    let now = 1_000_000
    const lease = 150
    const [dead, alive] = [
      createRedisCounters({ redis, now: () => now, lease }),
      createRedisCounters({ redis, now: () => now }),
    ]
    const money: SpendLimit = { kind: 'spend', key: 'endless', most: 100, endsAt: Infinity }
    await dead.seed(money, 0)
    await dead.take([money], [60])
    now += 1
    await renewed(redis, 'endless', now + lease - 1)
    await dead.close()
    now += lease + 1
    // What is kept of it is not forgotten before somebody asks.
    await new Promise((resolve) => setTimeout(resolve, lease))
    expect((await alive.take([money], [100])).refusedBy).toBe(-1)
    await redis.close()
  })

  test('a script that Redis has forgotten is sent again', async () => {
    const { url } = await redisForTests()
    const redis = await connected(url)
    const text = `return 42 -- ${url}`
    expect(await redis.run({ text, sha: 'f'.repeat(40) }, ['k'], [])).toBe(42)
    await redis.close()
  })

  test('a cluster counts as one', { timeout: 30_000 }, async () => {
    await using cluster = await startRedisCluster()
    // Asked by any of its nodes.
    const connections = await Promise.all(cluster.urls.map(connected))
    const limits = [
      { kind: 'window', key: 'key:one', most: 5, period: 60_000 },
      { kind: 'window', key: 'team:other', most: 50, period: 60_000 },
      { kind: 'spend', key: 'budget', most: 100, endsAt: Infinity },
    ] as const
    const all = connections.map((redis) => createRedisCounters({ redis }))
    await all[0]!.seed(limits[2], 0)
    const decisions = await Promise.all(
      Array.from({ length: 30 }, (_, index) => all[index % 3]!.take(limits, [1, 1, 1])),
    )
    expect(decisions.filter(({ reservation }) => reservation !== undefined)).toHaveLength(5)
    for (const redis of connections) await redis.close()
  })
})
