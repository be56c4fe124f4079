import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { askRun } from './ask-run.ts'
import { requireProgram } from './programs.ts'
import { freePort, type ServerProcess, startServerProcess } from './server-process.ts'

/** A Redis or Valkey of its own, on 127.0.0.1. It ends with this process at the latest. */
export interface RedisServer extends AsyncDisposable {
  /** With a password. */
  readonly url: string
  /** A new, empty one, by its number. */
  createDatabase(): string
  /** What it holds is lost. */
  stop(): Promise<void>
  /** On the same port again, empty. */
  start(): Promise<void>
}

/** Three of them as one cluster, without replicas. */
export interface RedisCluster extends AsyncDisposable {
  readonly urls: readonly string[]
}

/** A new, empty database, by its number, of the server that all tests of a run share. Not to be flushed as a whole. */
export async function redisForTests(): Promise<{ readonly url: string }> {
  return { url: (await askRun('redis')) ?? (await (own ??= startRedis()).then((server) => server.createDatabase())) }
}

/** Of a process that is not part of a run. */
let own: Promise<RedisServer> | undefined

/** Either will do. */
export const redisCommands = ['redis-server', 'valkey-server'] as const
const password = 'redis-of-the-tests'
const access = ['--no-auth-warning', '-a', password]

export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  const command = requireProgram(...redisCommands)
  const port = await freePort()
  const start = (): Promise<ServerProcess> => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-redis-'))
    const settings = ['--bind', '127.0.0.1', '--port', String(port), '--requirepass', password, '--save', '']
    return startServerProcess({
      command,
      args: [...settings, '--databases', '1000', '--dir', folder, ...options],
      folder,
      ready: 'Ready to accept connections',
      stopSignal: 'SIGTERM',
    })
  }
  const url = `redis://:${password}@127.0.0.1:${port}`
  let server: ServerProcess | undefined = await start()

  let databases = 0

  async function stop(): Promise<void> {
    await server?.stop(false)
    server = undefined
  }

  return {
    url,
    createDatabase: () => `${url}/${databases++}`,
    stop,
    async start() {
      server ??= await start()
    },
    [Symbol.asyncDispose]: stop,
  }
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all([1, 2, 3].map(startNode))
  const urls = nodes.map(({ url }) => url)
  const run = promisify(execFile)
  const cli = requireProgram('redis-cli', 'valkey-cli')
  await run(cli, [...access, '--cluster', 'create', ...urls.map((url) => new URL(url).host), '--cluster-yes'])
  // Each hears of the others a little later.
  for (const url of urls) {
    const isReady = async (): Promise<boolean> =>
      (await run(cli, [...access, '-p', new URL(url).port, 'cluster', 'info'])).stdout.includes('cluster_state:ok')
    while (!(await isReady())) await sleep(50)
  }
  return {
    urls,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
    },
  }
}

async function startNode(): Promise<RedisServer> {
  const port = await freePort()
  return startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(port), '--masterauth', password])
}
