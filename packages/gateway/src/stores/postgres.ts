import { type Dialect, PostgresDialect, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { postgresError } from './postgres-error.ts'

/** Milliseconds until a connection that does not come is given up. */
const connectTimeout = 5_000
/** Milliseconds for one statement. A migration may take longer. */
const statementTimeout = 30_000

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

/**
 * PostgreSQL by a pool of connections, which are made when they are needed and anew after they were lost. What goes
 * wrong because of the server, not of the statement, is a `SluiceError` `store_unavailable`.
 */
export function createPostgresDialect(url: string, connections: number): Dialect {
  return new PostgresDialect({
    pool: () => {
      const pool = new pg.Pool({
        statement_timeout: statementTimeout,
        ...postgresClientConfig(url),
        max: connections,
      })
      // A connection that ends is told to whoever waits for it; said to nobody, it would end the process.
      pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}))
      const refuse = (error: unknown): never => {
        throw postgresError(error, url)
      }
      const known = new WeakMap<pg.PoolClient, PostgresPoolClient>()
      function adapt(client: pg.PoolClient): PostgresPoolClient {
        const adapted: unknown = {
          query: (text: string, parameters: readonly unknown[]) => client.query(text, [...parameters]).catch(refuse),
          release: (destroy?: boolean) => client.release(destroy),
        }
        known.set(client, adapted as PostgresPoolClient)
        return adapted as PostgresPoolClient
      }
      return Promise.resolve({
        options: pool.options,
        async connect() {
          const client = await pool.connect().catch(refuse)
          return known.get(client) ?? adapt(client)
        },
        end: () => pool.end(),
      })
    },
  })
}

/**
 * Whole numbers as numbers, as SQLite gives them, sums of them too: exact up to 2^53. All else as `pg` reads it.
 */
const getTypeParser: typeof pg.types.getTypeParser = ((id: number, format: 'text' | 'binary') =>
  id === pg.types.builtins.INT8 || id === pg.types.builtins.NUMERIC
    ? Number
    : pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser
