import type { Logger } from 'pino'
import type { ServerConfig } from 'sluice'
import type { RedisConnection } from '../counters/connect-redis.ts'
import type { Peers } from '../workers/peers.ts'
import type { Changes } from './changes.ts'
import { createPeerChanges } from './peer-changes.ts'

export interface ChangesParts {
  readonly server: Pick<ServerConfig, 'redisUrl' | 'databaseUrl'>
  /** Where `redisUrl` leads. */
  readonly redis: RedisConnection | undefined
  /** Absent where this process is the only one of its machine. */
  readonly peers: Peers | undefined
  readonly logger: Logger
}

/** Every way by which changes are told here: Redis, else PostgreSQL, and besides between workers. */
export async function composeChanges({ server, redis, peers, logger }: ChangesParts): Promise<Changes | undefined> {
  const { redisUrl, databaseUrl } = server
  const ways: Changes[] = peers === undefined ? [] : [createPeerChanges(peers)]
  if (redisUrl !== undefined && redis !== undefined) {
    const { createRedisChanges } = await import('./redis-changes.ts')
    ways.push(createRedisChanges({ url: redisUrl, redis, logger }))
  } else if (databaseUrl !== undefined) {
    const { createPostgresChanges } = await import('./postgres-changes.ts')
    ways.push(createPostgresChanges(databaseUrl.reveal(), logger))
  }
  if (ways.length === 0) return undefined
  return {
    listen(heard) {
      for (const way of ways) way.listen(heard)
    },
    tell() {
      for (const way of ways) way.tell?.()
    },
    async close() {
      await Promise.all(ways.map((way) => way.close()))
    },
  }
}
