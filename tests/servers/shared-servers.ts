import { once } from 'node:events'
import { createServer } from 'node:http'
import type { PostgresServer } from './postgres.ts'
import type { RedisServer } from './redis.ts'

/** The servers that the test files of one run share, each started when it is first asked for. */
export interface SharedServers extends AsyncDisposable {
  /** @returns the URL of a new, empty database. */
  ask(kind: ServerKind): Promise<string>
}

export type ServerKind = 'postgres' | 'redis'

/** Names the URL where the process that runs the test files hands out databases. */
const variable = 'SLUICE_TEST_SERVERS'

/** Of the servers of the run; those of this process where it is not part of one. */
export async function askForShared(kind: ServerKind): Promise<string> {
  const url = process.env[variable]
  if (url === undefined) return (own ??= createSharedServers()).ask(kind)
  const response = await fetch(new URL(kind, url))
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}

let own: SharedServers | undefined

/** Hands out databases to the processes that this one starts from now on. */
export async function serveSharedServers(): Promise<AsyncDisposable> {
  const servers = createSharedServers()
  const listener = createServer((request, response) => {
    servers.ask(request.url === '/redis' ? 'redis' : 'postgres').then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  listener.listen(0, '127.0.0.1').unref()
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  process.env[variable] = `http://127.0.0.1:${address.port}`
  return {
    async [Symbol.asyncDispose]() {
      listener.close()
      await servers[Symbol.asyncDispose]()
    },
  }
}

function createSharedServers(): SharedServers {
  let postgres: Promise<PostgresServer> | undefined
  let redis: Promise<RedisServer> | undefined
  let numbers = 0

  return {
    async ask(kind) {
      if (kind === 'postgres') {
        postgres ??= import('./postgres.ts').then(({ startPostgres }) => startPostgres())
        return (await postgres).createDatabase()
      }
      redis ??= import('./redis.ts').then(({ startRedis }) => startRedis())
      return `${(await redis).url}/${numbers++}`
    },
    async [Symbol.asyncDispose]() {
      const started = await Promise.allSettled([postgres, redis])
      for (const server of started) if (server.status === 'fulfilled') await server.value?.[Symbol.asyncDispose]()
    },
  }
}
