import { sql } from 'kysely'
import type { Database } from '../../stores/database.ts'
import { mostMatches } from './scope-vectors.ts'
import { type Match, mostOfScope } from './vector-store.ts'

/** The schema that the extension `vector` is in; `undefined` where the database has none. */
export async function findPgvector(database: Database): Promise<string | undefined> {
  const { rows } = await sql<{ readonly schema: string }>`
    select nspname as schema from pg_extension join pg_namespace on pg_namespace.oid = extnamespace
    where extname = 'vector'`.execute(database)
  return rows[0]?.schema
}

export interface PgvectorSearch {
  /** What `findPgvector` found. */
  readonly schema: string
  readonly scope: string
  readonly vector: Float32Array
  readonly atLeast: number
  /** Unix milliseconds: older ones lead nowhere. */
  readonly after: number
}

/** Compares all of a scope there, exactly. https://github.com/pgvector/pgvector */
export async function searchByPgvector(database: Database, search: PgvectorSearch): Promise<readonly Match[]> {
  const { schema, scope, vector, atLeast, after } = search
  const type = sql.id(schema, 'vector')
  const asked = `[${vector.join(',')}]`
  // To compare vectors of two lengths is an error, so the length decides first; that others are not looked at has to be said.
  const { rows } = await sql<Match>`
    with latest as materialized (
      select answer_key, kept_at, vector from kept_questions
      where scope = ${scope} and kept_at > ${after}
      order by kept_at desc limit ${mostOfScope}
    ), compared as (
      select answer_key, kept_at, case when cardinality(vector) = ${vector.length}
        then 1 - (vector::${type} operator(${sql.id(schema)}.<=>) ${asked}::${type}) else 0 end as similarity
      from latest
    )
    select answer_key as key, least(similarity, 1) as similarity from compared
    where similarity >= ${atLeast}
    order by similarity desc, kept_at desc limit ${mostMatches}`.execute(database)
  return rows
}
