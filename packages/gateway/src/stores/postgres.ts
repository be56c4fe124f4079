import { setTimeout } from 'node:timers/promises'
import { type Dialect, PostgresDialect, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { postgresError } from './postgres-error.ts'

/** Milliseconds until a connection that does not come is given up, and one that does not end. */
const connectTimeout = 5_000
/** Milliseconds at the most that a network which has gone silent gets beyond the time of a statement. */
const grace = 5_000

/** What every connection of the gateway to PostgreSQL has in common. */
export function postgresClientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'sluice',
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
    types: { getTypeParser },
  }
}

export interface PostgresOptions {
  readonly connections: number
  /** Milliseconds for one statement; 0 is for ever. */
  readonly patience: number
}

/**
 * PostgreSQL by a pool of connections, which are made when they are needed and anew after they were lost. What goes
 * wrong because of the server, not of the statement, is a `SluiceError` `store_unavailable`.
 */
export function createPostgresDialect(url: string, { connections, patience }: PostgresOptions): Dialect {
  return new PostgresDialect({
    pool: () => {
      const pool = new pg.Pool({
        ...postgresClientConfig(url),
        max: connections,
        statement_timeout: patience,
        idle_in_transaction_session_timeout: patience * 2,
        query_timeout: patience + Math.min(patience, grace),
      })
      // A connection that ends is told to whoever waits for it; said to nobody, it would end the process.
      pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}))
      const known = new WeakMap<pg.PoolClient, PostgresPoolClient>()
      return Promise.resolve({
        options: pool.options,
        async connect() {
          const client = await pool.connect().catch((error: unknown) => {
            throw postgresError(error, url)
          })
          const adapted = known.get(client) ?? adapt(client, url)
          known.set(client, adapted)
          return adapted
        },
        end: () => Promise.race([pool.end(), setTimeout(connectTimeout, undefined, { ref: false })]),
      })
    },
  })
}

/** As Kysely's dialect wants to see a connection. One that failed for itself, not by a statement, is never used again. */
function adapt(client: pg.PoolClient, url: string): PostgresPoolClient {
  let failure: { readonly error: unknown } | undefined
  const adapted: unknown = {
    async query(text: string, parameters: readonly unknown[]) {
      // What was asked before may still be under way there: to roll it back would be to wait for it.
      if (failure !== undefined) throw failure.error
      try {
        return await client.query(text, [...parameters])
      } catch (cause) {
        const error = postgresError(cause, url)
        if (!(cause instanceof pg.DatabaseError)) failure = { error }
        throw error
      }
    },
    release: (destroy?: boolean) => client.release(destroy === true || failure !== undefined),
  }
  return adapted as PostgresPoolClient
}

/**
 * Whole numbers as numbers, as SQLite gives them, sums of them too: exact up to 2^53. All else as `pg` reads it.
 */
const getTypeParser: typeof pg.types.getTypeParser = ((id: number, format: 'text' | 'binary') =>
  id === pg.types.builtins.INT8 || id === pg.types.builtins.NUMERIC
    ? Number
    : pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser
