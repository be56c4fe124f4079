import { createClient } from '@redis/client'
import type { Logger } from 'pino'
import type { Secret } from 'sluice'
import type { RedisConnection } from '../counters/connect-redis.ts'
import type { Changes } from './changes.ts'

export interface RedisChangesOptions {
  readonly url: Secret
  /** What is told goes this way: who listens can ask nothing. */
  readonly redis: Pick<RedisConnection, 'command'>
  readonly logger: Logger
}

/** Milliseconds between signs of life: a connection that died without a word is found out by them. */
const pingInterval = 5_000
const connectTimeout = 1_000

/** By a channel of Redis; in a cluster it is one for all nodes. */
export function createRedisChanges({ url, redis, logger }: RedisChangesOptions): Changes {
  // Unlike keys, channels are the same in all databases of a Redis.
  const channel = `sluice:access:${new URL(url.reveal()).pathname.slice(1) || '0'}`
  const client = createClient({
    url: url.reveal(),
    pingInterval,
    socket: { connectTimeout, reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, 1_000) },
  })
  // The other connection says so.
  client.on('error', (error: unknown) => logger.debug({ err: error }, 'Changes cannot be heard of by Redis.'))

  return {
    listen(heard) {
      async function subscribe(): Promise<void> {
        await client.connect()
        await client.subscribe(channel, heard)
        // From here on: it is subscribed again before it is ready.
        client.on('ready', heard)
        heard()
      }
      // Tried until it is closed.
      subscribe().catch(() => undefined)
    },
    tell() {
      redis
        .command('', ['PUBLISH', channel, ''])
        .catch((error: unknown) => logger.debug({ err: error }, 'A change could not be told by Redis.'))
    },
    close() {
      client.destroy()
      return Promise.resolve()
    },
  }
}
