import { createHash } from 'node:crypto'
import pg from 'pg'
import type { DatabaseLock } from './database-lock.ts'
import { postgresClientConfig } from './postgres.ts'
import { postgresError } from './postgres-error.ts'

/** Milliseconds until a connection that is silent is taken for lost. */
const answerTimeout = 5_000

/**
 * Takes a lock of a database for this process alone; `undefined` when another holds it. It has a connection of its own
 * and goes with it, so that nothing remains of it when a process is killed.
 *
 * @throws SluiceError `store_unavailable`
 */
export async function takePostgresLock(url: string, name: string): Promise<DatabaseLock | undefined> {
  const client = new pg.Client({ ...postgresClientConfig(url), query_timeout: answerTimeout })
  let lost = false
  client.on('error', () => (lost = true))
  client.on('end', () => (lost = true))
  try {
    await client.connect()
    const number = createHash('sha256').update(`sluice ${name}`).digest().readBigInt64BE()
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1::bigint) as taken', [
      String(number),
    ])
    if (rows[0]?.taken === true) {
      return {
        async isHeld() {
          if (!lost) await client.query('select 1').catch(() => (lost = true))
          return !lost
        },
        async release() {
          const ended = client.end()
          // One that was lost may never say that it ended.
          if (!lost) await ended
        },
      }
    }
  } catch (error) {
    void client.end().catch(() => {})
    throw postgresError(error, url)
  }
  await client.end()
  return undefined
}
