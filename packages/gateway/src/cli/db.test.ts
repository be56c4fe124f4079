import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Environment } from 'sluice'
import { describe, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { migrations } from '../stores/migrations/migrations.ts'
import { run } from './run.ts'

const names = migrations.map(({ name }) => name)
const newest = names.at(-1)!

describe('db, on SQLite', () => {
  describeDb(async () => ({ SLUICE_DATA_DIR: temporaryFolder() }))
})
describeOnPostgres('db, on PostgreSQL', () => {
  describeDb(async () => ({ DATABASE_URL: (await postgresForTests()).url }))
})

test('db status makes no database', async () => {
  const folder = temporaryFolder()
  const { stdout } = await command(['db', 'status'], { SLUICE_DATA_DIR: join(folder, 'data') })
  expect(stdout).toContain(`the database in ${join(folder, 'data')}`)
  expect(stdout.match(/not applied/g)).toHaveLength(names.length)
  expect(readdirSync(folder)).toEqual([])
})

test('config check tells of a database of another kind', async () => {
  const { code, stdout } = await command(['config', 'check'], {
    DATABASE_URL: 'postgres://me:a#b@db/app',
    REDIS_URL: 'x',
  })
  expect(code).toBe(2)
  expect(stdout).toContain('environment variable REDIS_URL, server.redis_url: this is no URL')
  expect(stdout).not.toContain('a#b')
})

test('db takes no database of another kind, and shows no password', async () => {
  const environment = { DATABASE_URL: 'mysql://root:hidden@db/app' }
  const { code, stderr } = await command(['db', 'status'], environment)
  expect(code).toBe(2)
  expect(stderr).toContain('mysql:// is not supported. Expected postgres://user:password@host/database')
  expect(stderr).not.toContain('hidden')
})

test('db says which server does not answer', async () => {
  const environment = { DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/app' }
  const { code, stderr } = await command(['db', 'status'], environment)
  expect(code).toBe(1)
  expect(stderr).toContain('The database app at 127.0.0.1:1 cannot be used: connect ECONNREFUSED')
  expect(stderr).not.toContain('hidden')
})

function describeDb(place: () => Promise<Environment>): void {
  test('migrate brings up to date, once', async () => {
    const environment = await place()
    const before = await command(['db', 'status'], environment)
    expect(before.stdout.match(/not applied/g)).toHaveLength(names.length)
    const applied = names.map((name) => `applied ${name}\n`).join('')
    expect(await command(['db', 'migrate'], environment)).toEqual({ code: 0, stdout: applied, stderr: '' })
    expect((await command(['db', 'migrate'], environment)).stdout).toBe('The schema is up to date already.\n')
    const status = await command(['db', 'status', '--json'], environment)
    expect(JSON.parse(status.stdout)).toMatchObject({
      migrations: names.map((name) => ({ name, applied_at: expect.any(Number) as number, known: true })),
    })
  })

  test('no other command migrates where the config says that none may', async () => {
    const environment = { ...(await place()), SLUICE_DATABASE_MIGRATE: 'false' }
    await command(['db', 'migrate'], environment)
    await command(['db', 'rollback', '--yes'], environment)
    const { code, stderr } = await command(['keys', 'list'], environment)
    expect([code, stderr]).toEqual([1, expect.stringContaining('sluice db migrate')])
    expect((await command(['db', 'status'], environment)).stdout).toMatch(new RegExp(`${newest} +not applied`))
  })

  test('rollback undoes the newest, or all after one, when it is told twice', async () => {
    const environment = await place()
    await command(['db', 'migrate'], environment)
    const asked = await command(['db', 'rollback'], environment)
    expect(asked.code).toBe(2)
    expect(asked.stderr).toContain(`This would undo ${newest}`)
    expect((await command(['db', 'rollback', '--yes'], environment)).stdout).toBe(`undone ${newest}\n`)
    expect((await command(['db', 'status'], environment)).stdout).toMatch(new RegExp(`${newest} +not applied`))
    expect((await command(['db', 'rollback', '--to', 'nonsense', '--yes'], environment)).stderr).toContain(
      `"nonsense" is not applied. Those that are: ${names[0]}`,
    )
    const all = await command(['db', 'rollback', '--to', 'none', '--yes', '--json'], environment)
    expect(JSON.parse(all.stdout)).toMatchObject({ undone: names.slice(0, -1).toReversed() })
    expect((await command(['db', 'rollback', '--yes'], environment)).stdout).toBe('No migration is applied.\n')
  })
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-db-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

async function command(
  words: readonly string[],
  environment: Environment,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await run(words, { stdout, stderr, stdin: new PassThrough(), environment, directory: temporaryFolder() })
  stdout.end()
  stderr.end()
  return { code, stdout: await text(stdout), stderr: await text(stderr) }
}
