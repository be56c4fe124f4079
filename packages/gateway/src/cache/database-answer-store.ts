import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CompiledQuery } from 'kysely'
import type { Database } from '../stores/database.ts'
import { fromAnswerRow, type ReadAnswerRow, toAnswerRow } from './answer-row.ts'
import type { AnswerStore, AnswerStoreOptions } from './answer-store.ts'
import type { CacheDatabase } from './cache-database.ts'
import { forgetAnswers, forgetOld, forgetOldest } from './forget-answers.ts'
import { type KeptAnswer, sizeOf } from './kept-answer.ts'

export interface DatabaseAnswerStoreOptions extends AnswerStoreOptions {
  readonly database: CacheDatabase
}

export interface DatabaseAnswerStore extends AnswerStore {
  /** Takes away what is too old. Never rejects. */
  sweep(): Promise<void>
  /** Resolves when all that was to be kept is, or cannot be. */
  flush(): Promise<void>
  /** Resolves when what was to be kept under a key is, or cannot be. */
  kept(key: string): Promise<void>
}

/** Bytes of answers that wait to be written; more are not kept. */
const mostWaiting = 32 * 1024 * 1024
/** Milliseconds after which what others wrote is counted too. */
const recount = 30_000

/**
 * For all processes that work on the same database. What is kept is written beside the requests, and is found here at once.
 * The answer that was kept longest ago makes room; processes may together exceed it by what they write between two counts.
 */
export function createDatabaseAnswerStore(options: DatabaseAnswerStoreOptions): DatabaseAnswerStore {
  const { database, ttl, maxBytes, now } = options
  const waiting = new Map<string, KeptAnswer>()
  let waitingBytes = 0
  let writing: Promise<void> | undefined
  /** The part of it that is under way; there is one while anything waits. */
  let batch: Promise<void> | undefined
  let lookup: CompiledQuery | undefined
  /** Bytes when they were counted last, and what was written here since. */
  let total = Infinity
  let countedAt = -Infinity
  // To SQLite there is no way: one at a time holds others up the least.
  const mostAtOnce = database.shared ? 16 : 1

  const over = (): number => now() - ttl

  async function read(open: Database, key: string): Promise<KeptAnswer | undefined> {
    lookup ??= open.selectFrom('kept_answers').select(['kept_at', 'about', 'content']).where('key', '=', key).compile()
    const [row] = (await open.executeQuery<ReadAnswerRow>({ ...lookup, parameters: [key] })).rows
    return row === undefined || row.kept_at <= over() ? undefined : fromAnswerRow(row)
  }

  function forgetWaiting(key: string): void {
    const answer = waiting.get(key)
    if (answer !== undefined && waiting.delete(key)) waitingBytes -= sizeOf(answer)
  }

  async function writeWaiting(): Promise<void> {
    do await (batch = writeSome())
    while (waiting.size > 0)
    writing = undefined
  }

  async function writeSome(): Promise<void> {
    // The answer is on its way to its caller first.
    await nextTurn()
    const answers = firstOf(waiting, mostAtOnce)
    const kept = await database.tell((open) => write(open, answers))
    // One that no database takes is not to be the end of others.
    if (!kept && answers.length > 1) for (const answer of answers) await database.tell((open) => write(open, [answer]))
    for (const [key, answer] of answers) if (waiting.get(key) === answer) forgetWaiting(key)
  }

  async function write(open: Database, answers: readonly (readonly [string, KeptAnswer])[]): Promise<void> {
    const rows = answers.map(([key, answer]) => toAnswerRow(key, answer))
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
    await makeRoom(open, bytes)
    await open
      .insertInto('kept_answers')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet(({ ref }) => ({
          kept_at: ref('excluded.kept_at'),
          bytes: ref('excluded.bytes'),
          provider: ref('excluded.provider'),
          model: ref('excluded.model'),
          asker: ref('excluded.asker'),
          workspace: ref('excluded.workspace'),
          organisation: ref('excluded.organisation'),
          about: ref('excluded.about'),
          content: ref('excluded.content'),
        })),
      )
      .execute()
    total += bytes
  }

  async function makeRoom(open: Database, bytes: number): Promise<void> {
    if (total + bytes <= maxBytes && performance.now() - countedAt < recount) return
    total = await measure(open)
    countedAt = performance.now()
    if (total + bytes <= maxBytes) return
    // Some more than there must be, so that not every answer has to look again.
    const goal = Math.min(maxBytes * 0.95, maxBytes - bytes)
    while (total > goal) {
      const gone = await forgetOldest(open, Number.MAX_SAFE_INTEGER, total - goal)
      if (gone === undefined) return
      total -= gone
      await nextTurn()
    }
  }

  async function measure(open: Database): Promise<number> {
    const sum = open.selectFrom('kept_answers').select(({ fn }) => fn.sum<number | null>('bytes').as('bytes'))
    return Number((await sum.executeTakeFirst())?.bytes ?? 0)
  }

  async function flush(): Promise<void> {
    while (writing !== undefined) await writing
  }

  return {
    get(key) {
      const answer = waiting.get(key)
      if (answer !== undefined) return answer.keptAt <= over() ? undefined : answer
      return database.ask((open) => read(open, key))
    },
    set(key, answer) {
      const bytes = sizeOf(answer)
      if (bytes > maxBytes || waitingBytes + bytes > mostWaiting) return
      forgetWaiting(key)
      waiting.set(key, answer)
      waitingBytes += bytes
      writing ??= writeWaiting()
    },
    async purge(which = {}) {
      await flush()
      const open = await database.open()
      await forgetOld(open, over())
      return forgetAnswers(open, which)
    },
    async contents() {
      await flush()
      const row = await (
        await database.open()
      )
        .selectFrom('kept_answers')
        .select(({ fn }) => [fn.countAll<number>().as('entries'), fn.sum<number | null>('bytes').as('bytes')])
        .where('kept_at', '>', over())
        .executeTakeFirst()
      return { entries: Number(row?.entries ?? 0), bytes: Number(row?.bytes ?? 0) }
    },
    async sweep() {
      await database.tell((open) => forgetOld(open, over()))
    },
    flush,
    async kept(key) {
      while (waiting.has(key)) await batch
    },
  }
}

function firstOf<Key, Value>(map: ReadonlyMap<Key, Value>, count: number): readonly (readonly [Key, Value])[] {
  const first: (readonly [Key, Value])[] = []
  for (const entry of map) if (first.push(entry) >= count) break
  return first
}
