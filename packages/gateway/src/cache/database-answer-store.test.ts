import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests, startPostgres } from '../../../../tests/servers/postgres.ts'
import { createLazyDatabase, type LazyDatabase } from '../stores/lazy-database.ts'
import { createCacheDatabase } from './cache-database.ts'
import { keptAnswer } from './contracts/kept-answer.ts'
import { createDatabaseAnswerStore, type DatabaseAnswerStore } from './database-answer-store.ts'
import { type KeptAnswer, sizeOf } from './kept-answer.ts'

interface Opened {
  readonly store: DatabaseAnswerStore
  readonly lazy: LazyDatabase
  readonly failures: unknown[]
  readonly losses: unknown[]
}

function open(place: string, options: { readonly maxBytes?: number; readonly now?: () => number } = {}): Opened {
  const lazy = createLazyDatabase(place)
  const failures: unknown[] = []
  const losses: unknown[] = []
  const database = createCacheDatabase({
    database: lazy,
    failed: (error) => void failures.push(error),
    lost: (error) => void losses.push(error),
    patience: 200,
  })
  const { maxBytes = 1024 * 1024, now = Date.now } = options
  const store = createDatabaseAnswerStore({ database, ttl: 60_000, maxBytes, now })
  onTestFinished(async () => {
    await store.flush()
    database.close()
    await lazy.close()
  })
  return { store, lazy, failures, losses }
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-answers-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

function answer(keptAt: number = Date.now(), more: Partial<KeptAnswer> = {}): KeptAnswer {
  return keptAnswer({ pieces: [new Uint8Array(488)], keptAt, ...more })
}

/** Whatever the database. @param place gives that of a new, empty one. */
function describeDatabase(title: string, describeIt: typeof describe, place: () => Promise<string>): void {
  describeIt(title, () => {
    test('answers are there for others, and after a restart', async () => {
      const at = await place()
      const one = open(at)
      void one.store.set('one', answer())
      await one.store.flush()
      const other = open(at)
      expect(await other.store.get('one')).toMatchObject({ model: 'small' })
      await one.lazy.close()
      expect(await open(at).store.get('one')).toMatchObject({ model: 'small' })
      expect(await other.store.purge({ model: 'small' })).toBe(1)
      expect(await open(at).store.get('one')).toBeUndefined()
    })

    test('nobody waits for what is kept, and it is found at once', async () => {
      const { store } = open(await place())
      expect(store.set('one', answer())).toBeUndefined()
      expect(store.get('one')).toMatchObject({ model: 'small' })
      await store.flush()
      expect(await store.get('one')).toMatchObject({ model: 'small' })
    })

    test('when what was to be kept is, or cannot be, can be waited for', async () => {
      const at = await place()
      const one = open(at)
      await one.lazy.open()
      const other = open(at)
      for (let index = 0; index < 50; index++) void one.store.set(`key ${index}`, answer())
      await one.store.kept('key 20')
      expect(await other.store.get('key 20')).toBeDefined()
      await one.store.kept('never')
      await one.store.kept('key 49')
      expect(await other.store.get('key 49')).toBeDefined()
    })

    test('what was kept longest ago makes room', async () => {
      const size = sizeOf(answer())
      const { store } = open(await place(), { maxBytes: 3 * size })
      for (let index = 0; index < 10; index++) {
        void store.set(`key ${index}`, answer(Date.now() + index))
        await store.flush()
        expect((await store.contents()).bytes).toBeLessThanOrEqual(3 * size)
      }
      const found = await Promise.all(
        [6, 7, 8, 9].map(async (index) => (await store.get(`key ${index}`)) !== undefined),
      )
      expect(found).toEqual([false, true, true, true])
      void store.set('too long', answer(Date.now(), { pieces: [new Uint8Array(4 * size)] }))
      expect(await store.get('too long')).toBeUndefined()
      expect((await store.contents()).entries).toBe(3)
    })

    test('what others keep counts too', async () => {
      const at = await place()
      const size = sizeOf(answer())
      const other = open(at)
      for (let index = 0; index < 5; index++) void other.store.set(`other ${index}`, answer(Date.now() - 1000))
      await other.store.flush()
      const { store } = open(at, { maxBytes: 3 * size })
      void store.set('mine', answer())
      expect((await store.contents()).entries).toBeLessThanOrEqual(3)
      expect(await store.get('mine')).toBeDefined()
    })

    test('what is too old is taken away, however much there is of it', async () => {
      let now = Date.now()
      const { store, lazy } = open(await place(), { now: () => now })
      for (let index = 0; index < 250; index++) void store.set(`old ${index}`, answer(now))
      await store.flush()
      const database = await lazy.open()
      for (let index = 0; index < 250; index++)
        await database
          .insertInto('kept_questions')
          .values({
            answer_key: `gone ${index}`,
            scope: 's',
            kept_at: now,
            vector: lazy.shared ? [1] : new Uint8Array(4),
          })
          .execute()
      now += 30_000
      void store.set('new', answer(now))
      await store.flush()
      now += 30_000
      await store.sweep()
      const rows = await database.selectFrom('kept_answers').select('key').execute()
      expect(rows).toEqual([{ key: 'new' }])
      expect(await database.selectFrom('kept_questions').select('scope').execute()).toEqual([])
      expect(await store.get('new')).toBeDefined()
    })

    test('the questions that lead to an answer go with it', async () => {
      const { store, lazy } = open(await place())
      void store.set('one', answer())
      void store.set('two', answer(Date.now(), { model: 'large' }))
      await store.flush()
      const database = await lazy.open()
      const vector = lazy.shared ? [1] : new Uint8Array(4)
      for (const key of ['one', 'two'])
        await database
          .insertInto('kept_questions')
          .values({ answer_key: key, scope: 's', kept_at: Date.now(), vector })
          .execute()
      expect(await store.purge({ model: 'small' })).toBe(1)
      expect(await database.selectFrom('kept_questions').select('answer_key').execute()).toEqual([
        { answer_key: 'two' },
      ])
    })

    test('all that fits is forgotten, however much it is', async () => {
      const { store } = open(await place())
      for (let index = 0; index < 450; index++)
        void store.set(`key ${index}`, answer(Date.now(), { provider: index % 2 === 0 ? 'lab' : 'other' }))
      expect(await store.purge({ provider: 'lab' })).toBe(225)
      expect((await store.contents()).entries).toBe(225)
      expect(await store.purge()).toBe(225)
    })
  })
}

describeDatabase('on SQLite', describe, folder)
describeDatabase('on PostgreSQL', describeOnPostgres as typeof describe, async () => (await postgresForTests()).url)

test('a row that cannot be read is an answer that is not there', async () => {
  const { store, lazy, failures } = open(':memory:')
  void store.set('one', answer())
  await store.flush()
  await (await lazy.open()).updateTable('kept_answers').set({ about: '{' }).execute()
  expect(await store.get('one')).toBeUndefined()
  expect(failures).toHaveLength(1)
  void store.set('one', answer())
  await store.flush()
  expect(await store.get('one')).toBeDefined()
})

describeOnPostgres('while PostgreSQL', () => {
  test('is away, nothing is found and nothing fails; afterwards all is there', async () => {
    await using postgres = await startPostgres()
    const { store, failures, losses } = open(await postgres.createDatabase())
    void store.set('one', answer())
    await store.flush()
    await postgres.stop()
    expect(await store.get('one')).toBeUndefined()
    void store.set('two', answer())
    await store.flush()
    expect(await store.get('two')).toBeUndefined()
    expect(failures.length).toBeGreaterThan(0)
    expect(losses).toHaveLength(1)
    await expect(store.contents()).rejects.toMatchObject({ code: 'store_unavailable' })
    await postgres.start()
    await expect.poll(() => store.get('one'), { timeout: 20_000 }).toBeDefined()
  })

  test('refuses one answer, others are kept', async () => {
    const { store } = open((await postgresForTests()).url)
    void store.set('one', answer())
    // A character that is none to it.
    void store.set('broken', answer(Date.now(), { model: 'a\0b' }))
    void store.set('two', answer())
    await store.flush()
    expect((await store.contents()).entries).toBe(2)
    expect(await store.get('two')).toBeDefined()
  })

  test('does not answer, nobody waits for long, and only the first of all', async () => {
    const { url } = await postgresForTests()
    const { store, lazy } = open(url)
    void store.set('one', answer())
    await store.flush()
    const database = await lazy.open()
    await database.transaction().execute(async (transaction) => {
      const { sql } = await import('kysely')
      await sql`lock table kept_answers in access exclusive mode`.execute(transaction)
      expect(await store.get('one')).toBeUndefined()
      expect(await store.get('one')).toBeUndefined()
    })
    await expect.poll(() => store.get('one'), { timeout: 20_000 }).toBeDefined()
  })
})
