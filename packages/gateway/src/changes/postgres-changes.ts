import type { Logger } from 'pino'
import pg from 'pg'
import { changesChannel } from '../stores/notify-changes.ts'
import { postgresClientConfig } from '../stores/postgres.ts'
import type { Changes } from './changes.ts'

/** Milliseconds until a lost connection is made anew, at first and at the most. */
const shortestRest = 100
const longestRest = 5_000
/** Milliseconds between signs of life: a connection that died without a word is found out by them. */
const pulseInterval = 5_000
const pulseTimeout = 5_000

/** By notifications of PostgreSQL, which are part of the changes themselves. */
export function createPostgresChanges(url: string, logger: Logger): Changes {
  let closed = false
  let current: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let rest = shortestRest

  async function connect(heard: () => void): Promise<void> {
    const client = new pg.Client({
      ...postgresClientConfig(url),
      application_name: 'sluice changes',
      query_timeout: pulseTimeout,
    })
    current = client
    const lost = Promise.withResolvers<void>()
    client.on('error', () => lost.resolve())
    client.on('end', () => lost.resolve())
    client.on('notification', heard)
    let pulse: NodeJS.Timeout | undefined
    try {
      await client.connect()
      await client.query(`listen ${changesChannel}`)
      // What was changed before, nobody said.
      heard()
      rest = shortestRest
      pulse = setInterval(() => void client.query('select 1').catch(() => lost.resolve()), pulseInterval)
      pulse.unref()
      await lost.promise
    } catch (error) {
      logger.debug({ err: error }, 'Changes cannot be heard of by PostgreSQL.')
    } finally {
      clearInterval(pulse)
      current = undefined
      // One that was lost may never say that it ended.
      void client.end().catch(() => undefined)
    }
    if (closed) return
    timer = setTimeout(() => void connect(heard), rest)
    timer.unref()
    rest = Math.min(rest * 2, longestRest)
  }

  return {
    listen: (heard) => void connect(heard),
    async close() {
      closed = true
      clearTimeout(timer)
      await current?.end().catch(() => undefined)
    },
  }
}
