import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Secret } from 'sluice'
import { describe, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres, describeOnRedis } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { redisForTests } from '../../../../tests/servers/redis.ts'
import { openAccess } from '../access/open-access.ts'
import { openDatabase } from '../stores/database.ts'

const main = join(import.meta.dirname, 'main.ts')
const pepper = 'a-pepper-that-is-long-enough-for-the-test'

type Environment = Readonly<Record<string, string>>

interface End {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(environment: Environment, words: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=sluice-source', main, 'serve', ...words], {
    cwd: newFolder(),
    env: { SLUICE_PORT: '0', SLUICE_FIND_LOCAL_SERVERS: 'false', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** What was said until it ended, which nobody told it to. */
async function serve(environment: Environment, words: readonly string[]): Promise<End> {
  const child = start(environment, words)
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
  ])
  return { code, stdout, stderr }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-failed-start-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

async function portInUse(): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  return String((other.address() as AddressInfo).port)
}

/** @param place as the gateway is told it, by `environment`. */
function failedStarts(place: () => Promise<{ readonly database: string; readonly environment: Environment }>): void {
  describe.each([{ words: [] }, { words: ['--workers', '2'] }])('serve $words', ({ words }) => {
    test.each([
      ['host: 0.0.0.0', /so callers need keys/],
      ['trusted_proxies: [nowhere]', /found "nowhere"/],
    ])('%s ends it', async (setting, word) => {
      const { environment } = await place()
      const file = join(newFolder(), 'sluice.yaml')
      writeFileSync(file, `server: { ${setting} }`)
      const end = await serve({ ...environment, SLUICE_CONFIG: file }, words)
      expect(end).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(word) as string })
    })

    test('a port in use ends it', async () => {
      const { environment } = await place()
      const end = await serve({ ...environment, SLUICE_PORT: await portInUse() }, words)
      expect(end).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^Cannot listen on .* in use/) as string,
      })
    })

    test.each([{}, { SLUICE_ADMIN_KEY: 'the-admin-key-of-the-test' }])(
      'managed keys with a pepper that is not the one of the database end it, with %j',
      async (more) => {
        const { database: at, environment } = await place()
        const database = await openDatabase(at)
        await openAccess({ database, dataDir: at, pepper: new Secret(pepper), masterKeys: [], now: Date.now })
        await database.destroy()
        const end = await serve(
          { ...environment, ...more, SLUICE_MANAGED_KEYS: 'true', SLUICE_KEY_PEPPER: `${pepper}-not` },
          words,
        )
        const stderr = expect.stringContaining('hashed with another secret') as string
        expect(end).toMatchObject({ code: 2, stdout: '', stderr })
      },
    )

    test('a database that is migrated by half ends it', async () => {
      const { database: at, environment } = await place()
      const database = await openDatabase(at)
      await database.deleteFrom('migrations').where('name', 'like', '0003%').execute()
      await database.destroy()
      const end = await serve(environment, words)
      expect(end).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('migrated by half') as string })
    })
  })
}

describe('with a data directory', () => {
  failedStarts(async () => {
    const folder = newFolder()
    return { database: folder, environment: { SLUICE_DATA_DIR: folder } }
  })
})

describeOnPostgres('with PostgreSQL', () => {
  describeOnRedis('and Redis', () => {
    failedStarts(async () => {
      const [{ url: database }, redis] = await Promise.all([postgresForTests(), redisForTests()])
      return { database, environment: { SLUICE_DATABASE_URL: database, SLUICE_REDIS_URL: redis.url } }
    })
  })
})

test.each([{ words: [] }, { words: ['--workers', '2'] }])(
  'a database that is away does not end it, and SIGTERM does: serve $words',
  async ({ words }) => {
    const environment = { SLUICE_MANAGED_KEYS: 'true', SLUICE_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }
    const child = start(environment, ['--json', ...words])
    const stdout = child.stdout as NodeJS.ReadableStream
    const exited = once(child, 'exit')
    const [said] = (await Promise.race([once(stdout, 'data'), exited.then(() => [''])])) as [Buffer | string]
    expect(said.toString()).toContain('"listening"')
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  },
)
