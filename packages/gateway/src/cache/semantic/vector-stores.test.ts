import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres, describeOnRedis } from '../../../../../tests/servers/describe-on.ts'
import { type PgvectorServer, startPgvector } from '../../../../../tests/servers/pgvector.ts'
import { postgresForTests, startPostgres } from '../../../../../tests/servers/postgres.ts'
import { redisForTests } from '../../../../../tests/servers/redis.ts'
import { createLazyDatabase, type LazyDatabase } from '../../stores/lazy-database.ts'
import { createCacheDatabase } from '../cache-database.ts'
import type { RedisCommands } from '../redis-commands.ts'
import { describeVectorStore } from './contracts/describe-vector-store.ts'
import { createDatabaseVectorStore } from './database-vector-store.ts'
import { createMemoryVectorStore } from './memory-vector-store.ts'
import { createRedisVectorStore } from './redis-vector-store.ts'
import { toVector } from './scope-vectors.ts'
import type { VectorStore } from './vector-store.ts'

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

interface Opened {
  readonly store: VectorStore
  readonly lazy: LazyDatabase
  readonly failures: unknown[]
}

/** Opened when it is given: two connections of one process would wait for each other while they make SQLite's tables. */
async function openAt(place: string, now: () => number = Date.now): Promise<Opened> {
  const lazy = createLazyDatabase(place, { connections: 3 })
  await lazy.open()
  const failures: unknown[] = []
  const database = createCacheDatabase({
    database: lazy,
    failed: (error) => void failures.push(error),
    lost: () => undefined,
    patience: 30_000,
  })
  onTestFinished(async () => {
    database.close()
    await lazy.close()
  })
  return {
    store: createDatabaseVectorStore({
      database,
      ttl: 60_000,
      answerKept: async () => undefined,
      mostVectors: 10_000,
      now,
    }),
    lazy,
    failures,
  }
}

/** Of the database of a gateway, wherever it is. @param place gives that of a new, empty one. */
function describeDatabase(place: () => Promise<string>): void {
  const keys = async ({ store }: Opened, scope = 'scope'): Promise<readonly string[]> =>
    (await store.nearest(scope, east, 0.5)).map(({ key }) => key)

  describeVectorStore(async () => {
    const { store, failures } = await openAt(await place())
    onTestFinished(() => expect(failures).toEqual([]))
    return store
  })

  test('what one process adds is found by another, also later, and after both', async () => {
    const at = await place()
    const [one, other] = [await openAt(at), await openAt(at)]
    for (const key of ['first', 'second']) {
      await one.store.add('scope', key, east)
      expect(await keys(other)).toContain(key)
    }
    await Promise.all([one.lazy.close(), other.lazy.close()])
    expect(await keys(await openAt(at))).toEqual(['second', 'first'])
  })

  test('what another adds in place of a vector is heard of', async () => {
    const at = await place()
    const [one, other] = [await openAt(at), await openAt(at)]
    await one.store.add('scope', 'one', east)
    expect(await keys(other)).toEqual(['one'])
    await one.store.add('scope', 'one', toVector([0, 1])!)
    expect(await keys(other)).toEqual([])
  })

  test('what is written with a clock that is behind, or ahead, is found', async () => {
    const at = await place()
    const [one, behind, ahead] = [
      await openAt(at),
      await openAt(at, () => Date.now() - 5_000),
      await openAt(at, () => Date.now() + 50_000),
    ]
    await one.store.add('scope', 'one', east)
    expect(await keys(one)).toEqual(['one'])
    await behind.store.add('scope', 'two', east)
    expect(await keys(one)).toEqual(['one', 'two'])
    await ahead.store.add('scope', 'three', east)
    expect(await keys(one)).toContain('three')
    await one.store.add('scope', 'four', toVector([1, 0.1])!)
    expect(await one.store.nearest('scope', toVector([1, 0.1])!, 0.999)).toMatchObject([{ key: 'four' }])
  })

  test('what leads to no answer any more is not found', async () => {
    const at = await place()
    const old = await openAt(at, () => Date.now() - 60_000)
    await old.store.add('scope', 'one', east)
    expect(await keys(await openAt(at))).toEqual([])
  })

  test('many who look at the same time find the same', async () => {
    const opened = await openAt(await place())
    for (const key of ['a', 'b', 'c']) await opened.store.add('scope', key, east)
    const found = await Promise.all(Array.from({ length: 20 }, () => keys(opened)))
    expect(new Set(found.map((some) => some.join()))).toEqual(new Set(['c,b,a']))
  })

  test('an answer that was kept again keeps its question, though another found none', async () => {
    const at = await place()
    const [one, other] = [await openAt(at), await openAt(at)]
    await one.store.add('scope', 'one', east)
    expect(await keys(other)).toEqual(['one'])
    const database = await one.lazy.open()
    const row = { key: 'one', kept_at: 1, bytes: 1, provider: 'p', model: 'm', asker: 'a', about: '{}' }
    await database
      .insertInto('kept_answers')
      .values({ ...row, content: Buffer.alloc(1) })
      .execute()
    other.store.drop('scope', 'one')
    expect(await keys(other)).toEqual([])
    await other.store.add('scope', 'two', east)
    expect(await keys(await openAt(at))).toEqual(['two', 'one'])
  })
}

describe('on SQLite', () => {
  describeDatabase(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-vectors-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    return folder
  })
})

describeOnPostgres('on PostgreSQL', () => {
  describeDatabase(async () => (await postgresForTests()).url)

  test('while it is away nothing is found and nothing fails; afterwards all that was known', async () => {
    await using postgres = await startPostgres()
    const { store, failures } = await openAt(await postgres.createDatabase())
    await store.add('scope', 'one', east)
    expect(await store.nearest('scope', east, 0.5)).toHaveLength(1)
    await postgres.stop()
    expect(await store.nearest('scope', east, 0.5)).toEqual([])
    await store.add('scope', 'two', east)
    store.drop('scope', 'two')
    expect(failures.length).toBeGreaterThan(0)
    await postgres.start()
    await expect.poll(() => store.nearest('scope', east, 0.5), { timeout: 20_000 }).toHaveLength(1)
  })
})

describe('on PostgreSQL with pgvector', () => {
  let server: PgvectorServer
  beforeAll(async () => void (server = await startPgvector('extensions')))
  afterAll(() => server[Symbol.asyncDispose]())

  async function empty(): Promise<string> {
    const database = await createLazyDatabase(server.url, { connections: 1 }).open()
    for (const table of ['kept_questions', 'kept_answers'] as const) await database.deleteFrom(table).execute()
    await database.destroy()
    return server.url
  }

  describeDatabase(empty)

  test('it is the database that compares: no process remembers anything', async () => {
    const { store, lazy, failures } = await openAt(await empty())
    await store.add('scope', 'one', east)
    await store.add('scope', 'of another model', toVector([1, 0, 0])!)
    expect(await store.nearest('scope', east, 0.5)).toEqual([{ key: 'one', similarity: 1 }])
    await sql`update kept_questions set vector = '{0,1}' where answer_key = 'one'`.execute(await lazy.open())
    expect(await store.nearest('scope', east, 0.5)).toEqual([])
    expect(failures).toEqual([])
  })
})

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
