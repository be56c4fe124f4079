import { createClient } from '@redis/client'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres, describeOnRedis } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { redisForTests } from '../../../../tests/servers/redis.ts'
import { createLazyDatabase } from '../stores/lazy-database.ts'
import type { AnswerStore } from './answer-store.ts'
import { createCacheDatabase } from './cache-database.ts'
import { createDatabaseAnswerStore } from './database-answer-store.ts'
import { describeAnswerStore } from './contracts/describe-answer-store.ts'
import { keptAnswer } from './contracts/kept-answer.ts'
import type { KeptAnswer } from './kept-answer.ts'
import { createMemoryAnswerStore } from './memory-answer-store.ts'
import { createRedisAnswerStore } from './redis-answer-store.ts'
import type { RedisCommands } from './redis-commands.ts'

const maxBytes = 1024 * 1024
const rethrow = (error: unknown): never => {
  throw error
}

describe('in memory', () => {
  describeAnswerStore(async (ttl) => createMemoryAnswerStore({ ttl, maxBytes, now: Date.now }))

  test('what was asked for longest ago makes room', () => {
    const store = createMemoryAnswerStore({ ttl: 60_000, maxBytes: 3000, now: Date.now })
    const answer = keptAnswer({ pieces: [new Uint8Array(500)] })
    void store.set('one', answer)
    void store.set('two', answer)
    expect(store.get('one')).toBeDefined()
    void store.set('three', answer)
    expect([store.get('one'), store.get('two'), store.get('three')].map((kept) => kept !== undefined)).toEqual([
      true,
      false,
      true,
    ])
  })
})

async function openAt(place: string, ttl: number): Promise<AnswerStore> {
  const lazy = createLazyDatabase(place)
  const failures: unknown[] = []
  const database = createCacheDatabase({ database: lazy, failed: (error) => void failures.push(error), lost: rethrow })
  const store = createDatabaseAnswerStore({ database, ttl, maxBytes, now: Date.now })
  onTestFinished(async () => {
    await store.flush()
    database.close()
    await lazy.close()
    expect(failures).toEqual([])
  })
  return store
}

describe('on SQLite', () => {
  describeAnswerStore((ttl) => openAt(':memory:', ttl))
})

describeOnPostgres('on PostgreSQL', () => {
  describeAnswerStore(async (ttl) => openAt((await postgresForTests()).url, ttl))
})

describeOnRedis('in Redis', () => {
  let close: () => void = () => {}
  afterEach(() => close())

  async function open(ttl: number): Promise<{ readonly store: AnswerStore; readonly redis: RedisCommands }> {
    const { url } = await redisForTests()
    const client = createClient({ url })
    await client.connect()
    close = () => client.destroy()
    const redis: RedisCommands = { command: (_, args) => client.sendCommand([...args]) }
    return { redis, store: createRedisAnswerStore({ redis, ttl, failed: rethrow }) }
  }
  describeAnswerStore(async (ttl) => (await open(ttl)).store)

  test('a purge is heard of by others', async () => {
    const { store, redis } = await open(60_000)
    const other = createRedisAnswerStore({ redis, ttl: 60_000, failed: rethrow, generationLife: 10 })
    await other.set('one', keptAnswer({ keptAt: 1 }))
    expect(await store.get('one')).toBeDefined()
    await store.purge()
    await expect.poll(() => other.get('one')).toBeUndefined()
  })
})

test('Redis that is not there is a cache that has nothing', async () => {
  const failures: unknown[] = []
  const store = createRedisAnswerStore({
    redis: { command: () => Promise.reject(new Error('gone')) },
    ttl: 1000,
    failed: (error) => void failures.push(error),
  })
  expect(await store.get('one')).toBeUndefined()
  await store.set('one', {} as KeptAnswer)
  expect(failures.length).toBeGreaterThan(0)
})
