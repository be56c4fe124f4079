import { execFile, execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { askRun } from './ask-run.ts'
import { requireProgram } from './programs.ts'
import { freePort, type Owner, type ServerProcess, startServerProcess } from './server-process.ts'

/** A PostgreSQL of its own, on 127.0.0.1. It ends with this process at the latest. */
export interface PostgresServer extends AsyncDisposable {
  /** A new, empty database. */
  createDatabase(): Promise<string>
  /** As an operator stops it: those connected are cut off. What it holds is kept. */
  stop(): Promise<void>
  /** On the same port again. */
  start(): Promise<void>
}

/** A new, empty database of the server that all tests of a run share; its URL carries a password. */
export async function postgresForTests(): Promise<{ readonly url: string }> {
  return {
    url: (await askRun('postgres')) ?? (await (own ??= startPostgres()).then((server) => server.createDatabase())),
  }
}

/** Of a process that is not part of a run. */
let own: Promise<PostgresServer> | undefined

const run = promisify(execFile)
const user = 'sluice'
const password = 'postgres-of-the-tests'

/** Its collation is a language's, as that of most databases in use: what relies on the order of bytes is found out. */
export async function startPostgres(): Promise<PostgresServer> {
  // Debian's link to it stands alone.
  const initdb = realpathSync(requireProgram('initdb'))
  const programs = dirname(initdb)
  const owner = ownerOfData()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-'))
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  if (owner !== undefined) for (const path of [folder, passwordFile]) chownSync(path, owner.uid, owner.gid)
  const data = join(folder, 'data')
  await run(
    initdb,
    [
      `--pgdata=${data}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--locale-provider=icu',
      '--icu-locale=en-US',
      '--no-sync',
    ],
    { cwd: folder, ...owner },
  )
  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=32MB',
    // It need not outlive the machine.
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
  ]
  const start = (): Promise<ServerProcess> =>
    startServerProcess({
      command: join(programs, 'postgres'),
      args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      folder,
      owner,
      ready: 'ready to accept connections',
      // Its "fast shutdown": https://www.postgresql.org/docs/current/server-shutdown.html
      stopSignal: 'SIGINT',
    })
  const urlOf = (database: string): string => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
  let server: ServerProcess | undefined = await start()
  let databases = 0

  return {
    async createDatabase() {
      const name = `test_${++databases}`
      await run(join(programs, 'psql'), ['--quiet', `--command=create database ${name}`, urlOf('postgres')])
      return urlOf(name)
    },
    async stop() {
      await server?.stop(true)
      server = undefined
    },
    async start() {
      server ??= await start()
    },
    async [Symbol.asyncDispose]() {
      server ??= await start()
      await server.stop(false)
    },
  }
}

/** PostgreSQL refuses to run as root: then as the user that its package made. */
function ownerOfData(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (option: string): number => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
