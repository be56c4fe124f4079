import { createClient } from '@redis/client'
import { afterEach, describe, expect, test } from 'vitest'
import { describeOnRedis } from '../../../../../tests/servers/describe-on.ts'
import { redisForTests } from '../../../../../tests/servers/redis.ts'
import type { RedisCommands } from '../redis-commands.ts'
import { describeVectorStore } from './contracts/describe-vector-store.ts'
import { createMemoryVectorStore } from './memory-vector-store.ts'
import { createRedisVectorStore } from './redis-vector-store.ts'
import { toVector } from './scope-vectors.ts'

const east = toVector([1, 0])!

describe('in memory', () => {
  describeVectorStore(async () => createMemoryVectorStore(10_000))

  test('the scope that was asked for longest ago makes room', async () => {
    const store = createMemoryVectorStore(4)
    for (const scope of ['one', 'two']) for (const key of ['a', 'b']) await store.add(scope, key, east)
    expect(await store.nearest('one', east, 0.5)).toHaveLength(2)
    await store.add('three', 'a', east)
    expect(await store.nearest('two', east, 0.5)).toEqual([])
    expect(await store.nearest('one', east, 0.5)).toHaveLength(2)
    expect(await store.nearest('three', east, 0.5)).toHaveLength(1)
  })
})

const rethrow = (error: unknown): never => {
  throw error
}

describeOnRedis('in Redis', () => {
  let close: () => void = () => {}
  afterEach(() => close())

  async function open(): Promise<RedisCommands> {
    const { url } = await redisForTests()
    const client = createClient({ url })
    await client.connect()
    close = () => client.destroy()
    return { command: (_, args) => client.sendCommand([...args]) }
  }
  const options = { ttl: 60_000, mostVectors: 10_000, failed: rethrow }

  describeVectorStore(async () => createRedisVectorStore({ redis: await open(), ...options }))

  test('what one process adds is found by another, also later', async () => {
    const redis = await open()
    const [one, other] = [createRedisVectorStore({ redis, ...options }), createRedisVectorStore({ redis, ...options })]
    for (const key of ['first', 'second']) {
      await one.add('scope', key, east)
      expect((await other.nearest('scope', east, 0.5)).map((match) => match.key)).toContain(key)
    }
  })
})

/** Redis with one vector in the scope `one`; what it is asked is in `asked`. */
function redisWithOne(): { redis: RedisCommands; asked: string[]; lose(isLost: boolean): void } {
  const asked: string[] = []
  let isLost = false
  const text = Buffer.from(east.buffer).toString('base64')
  return {
    asked,
    lose: (lost) => void (isLost = lost),
    redis: {
      async command(key, [, , from = '']) {
        if (isLost) throw new Error('gone')
        asked.push(`${key.split(':').at(-1)} ${from}`)
        return key.endsWith(':one') && from === '-' ? [['1-0', ['k', 'name', 'v', text]]] : []
      },
    },
  }
}

test('scopes without vectors take room too: nothing is kept for each that was ever looked at', async () => {
  const { redis, asked } = redisWithOne()
  const store = createRedisVectorStore({ redis, ttl: 1000, mostVectors: 2, failed: rethrow })
  for (const scope of ['one', 'one', 'two', 'three', 'four', 'one']) await store.nearest(scope, east, 0.5)
  // It was forgotten, and is read from its beginning.
  expect(asked).toEqual(['one -', 'one (1-0', 'two -', 'three -', 'four -', 'one -'])
})

test('while Redis is lost nothing is found, as the answers are there too; afterwards all that was known', async () => {
  const { redis, lose } = redisWithOne()
  const store = createRedisVectorStore({ redis, ttl: 1000, mostVectors: 100, failed: () => undefined })
  expect(await store.nearest('one', east, 0.5)).toHaveLength(1)
  lose(true)
  expect(await store.nearest('one', east, 0.5)).toEqual([])
  lose(false)
  expect(await store.nearest('one', east, 0.5)).toHaveLength(1)
})

test('Redis that is not there is a store that has nothing', async () => {
  const failures: unknown[] = []
  const store = createRedisVectorStore({
    redis: { command: () => Promise.reject(new Error('gone')) },
    ttl: 1000,
    mostVectors: 100,
    failed: (error) => void failures.push(error),
  })
  await store.add('scope', 'one', east)
  expect(await store.nearest('scope', east, 0)).toEqual([])
  expect(failures).toHaveLength(2)
})
