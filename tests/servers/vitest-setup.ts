import { once } from 'node:events'
import { createServer } from 'node:http'
import { runVariable, type ServerKind } from './ask-run.ts'
import { type PostgresServer, startPostgres } from './postgres.ts'
import { type RedisServer, startRedis } from './redis.ts'

/**
 * Vitest calls it once before a whole run, and what it gives at the end. The servers that test files share are started
 * when the first asks for them.
 */
export async function setup(): Promise<() => Promise<void>> {
  let postgres: Promise<PostgresServer> | undefined
  let redis: Promise<RedisServer> | undefined
  async function newDatabase(kind: ServerKind): Promise<string> {
    return kind === 'redis'
      ? (await (redis ??= startRedis())).createDatabase()
      : (await (postgres ??= startPostgres())).createDatabase()
  }

  const listener = createServer((request, response) => {
    newDatabase(request.url === '/redis' ? 'redis' : 'postgres').then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  listener.listen(0, '127.0.0.1').unref()
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  // The processes of the test files inherit it.
  process.env[runVariable] = `http://127.0.0.1:${address.port}`

  return async () => {
    listener.close()
    for (const server of await Promise.allSettled([postgres, redis]))
      if (server.status === 'fulfilled') await server.value?.[Symbol.asyncDispose]()
  }
}
