import { sql } from 'kysely'
import type { Database } from '../../stores/database.ts'
import type { CacheDatabase } from '../cache-database.ts'
import type { ScopeVectors } from './scope-vectors.ts'
import { Scopes } from './scopes.ts'
import { findPgvector, searchByPgvector } from './search-by-pgvector.ts'
import { type Match, mostOfScope, type VectorStore } from './vector-store.ts'

export interface DatabaseVectorStoreOptions {
  readonly database: CacheDatabase
  /** Milliseconds that a vector leads to an answer. */
  readonly ttl: number
  /** Resolves when the answer under a key is there for others, or will not be: whoever finds none drops what led there. */
  readonly answerKept: (key: string) => Promise<void>
  /** Of all scopes that are compared here. */
  readonly mostVectors: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What a process has read of a scope. */
interface ReadSoFar {
  /** When the newest was kept; never later than it was read. */
  readonly upTo: number
  /** When others were kept that are about as new: one that comes late is known by it. */
  readonly recent: ReadonlyMap<string, number>
}

interface VectorRow {
  readonly answer_key: string
  readonly kept_at: number
  /** On PostgreSQL a list as text. */
  readonly vector: Uint8Array | string
}

/** Milliseconds that a row may be seen later than its time says: clocks differ, and what is written takes a while. */
const late = 10_000
/** Writes that wait for each other; more are not made. */
const mostWaiting = 1_000

/**
 * For all processes that work on the same database. With pgvector it is PostgreSQL that compares; else every process reads what
 * it has not read yet of a scope, so that a look costs what is new. Without the database nothing is found: the answers are there
 * too, and what leads to none would be dropped.
 */
export function createDatabaseVectorStore(options: DatabaseVectorStoreOptions): VectorStore {
  const { database, ttl, answerKept, mostVectors, now } = options
  const scopes = new Scopes(mostVectors)
  const soFar = new WeakMap<ScopeVectors, ReadSoFar>()
  const reading = new WeakMap<ScopeVectors, Promise<void>>()
  /** Those that lead nowhere, until they are gone there too. */
  const dropping = new Set<string>()
  /** Once it is known. */
  let pgvector: { readonly schema: string | undefined } | undefined
  let writes: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let latest = 0

  const over = (): number => now() - ttl

  /** One after the other, so that the latest of a key is what stays. */
  function write(run: (open: Database) => Promise<void>): Promise<void> {
    if (waiting >= mostWaiting) return Promise.resolve()
    waiting++
    const done = writes.then(() => database.tell(run)).then(() => void waiting--)
    writes = done
    return done
  }

  async function nearest(
    open: Database,
    scope: string,
    vector: Float32Array,
    atLeast: number,
  ): Promise<readonly Match[]> {
    if (database.shared) pgvector ??= { schema: await findPgvector(open) }
    if (pgvector?.schema !== undefined) {
      const search = { schema: pgvector.schema, scope, vector, atLeast, after: over() }
      const found = await searchByPgvector(open, search)
      return dropping.size === 0 ? found : found.filter(({ key }) => !dropping.has(placeOf(scope, key)))
    }
    const known = scopes.open(scope)
    let read = reading.get(known)
    if (read === undefined) {
      read = readNew(open, scope, known).finally(() => reading.delete(known))
      reading.set(known, read)
    }
    await read
    return scopes.get(scope)?.nearest(vector, atLeast) ?? []
  }

  async function readNew(open: Database, scope: string, known: ScopeVectors): Promise<void> {
    const before = soFar.get(known)
    let after = over()
    let recent: readonly Omit<VectorRow, 'vector'>[] | undefined
    if (before !== undefined) {
      recent = await rowsOf(open, scope, Math.max(after, before.upTo - late)).execute()
      const unread = recent.filter((row) => before.recent.get(row.answer_key) !== row.kept_at)
      if (unread.length === 0) return
      after = unread.at(-1)!.kept_at - 1
    }
    const rows = await rowsOf(open, scope, after)
      .select(database.shared ? sql<string>`vector::text`.as('vector') : 'vector')
      .execute()
    // Where there was no room for it meanwhile, it begins anew.
    const isKnown = scopes.open(scope) === known
    for (const { answer_key: key, vector } of (rows as readonly VectorRow[]).toReversed())
      scopes.add(scope, key, fromColumn(vector))
    // A clock that is ahead is not to hide what others write.
    const upTo = Math.max(before?.upTo ?? 0, Math.min(rows[0]?.kept_at ?? 0, now()))
    const latestRows = (recent ?? rows).filter((row) => row.kept_at > upTo - late)
    if (isKnown) soFar.set(known, { upTo, recent: new Map(latestRows.map((row) => [row.answer_key, row.kept_at])) })
  }

  return {
    nearest: async (scope, vector, atLeast) =>
      (await database.ask((open) => nearest(open, scope, vector, atLeast))) ?? [],
    add: (scope, key, vector) =>
      write(async (open) => {
        await answerKept(key)
        // No two of one process at the same time: by it a vector is known to be another.
        latest = Math.max(now(), latest + 1)
        const column = database.shared ? [...vector] : toBytes(vector)
        await open
          .insertInto('kept_questions')
          .values({ answer_key: key, scope, kept_at: latest, vector: column })
          .onConflict((conflict) =>
            conflict.columns(['answer_key', 'scope']).doUpdateSet({ kept_at: latest, vector: column }),
          )
          .execute()
        await forgetOldest(open, scope)
      }),
    drop(scope, key) {
      scopes.drop(scope, key)
      const place = placeOf(scope, key)
      dropping.add(place)
      void write((open) => forget(open, scope, key)).finally(() => dropping.delete(place))
    },
  }
}

function placeOf(scope: string, key: string): string {
  return `${scope} ${key}`
}

/** The newest first. */
function rowsOf(database: Database, scope: string, after: number) {
  return database
    .selectFrom('kept_questions')
    .select(['answer_key', 'kept_at'])
    .where('scope', '=', scope)
    .where('kept_at', '>', after)
    .orderBy('kept_at', 'desc')
    .limit(mostOfScope)
}

async function forget(database: Database, scope: string, key: string): Promise<void> {
  await database
    .deleteFrom('kept_questions')
    .where('answer_key', '=', key)
    .where('scope', '=', scope)
    // It may have been kept again by another.
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('kept_answers').select('key').where('key', '=', key))),
    )
    .execute()
}

/** Of a scope that is full. */
async function forgetOldest(database: Database, scope: string): Promise<void> {
  await database
    .deleteFrom('kept_questions')
    .where('scope', '=', scope)
    .where('kept_at', '<=', ({ selectFrom }) =>
      selectFrom('kept_questions')
        .select('kept_at')
        .where('scope', '=', scope)
        .orderBy('kept_at', 'desc')
        .offset(mostOfScope)
        .limit(1),
    )
    .execute()
}

function toBytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function fromColumn(vector: Uint8Array | string): Float32Array {
  if (typeof vector === 'string') return Float32Array.from(JSON.parse(`[${vector.slice(1, -1)}]`) as readonly number[])
  // A copy, for it to begin at a multiple of four.
  return new Float32Array(Uint8Array.from(vector).buffer)
}
