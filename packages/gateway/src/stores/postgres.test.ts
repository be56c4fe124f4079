import { createServer, connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { type Database, type DatabaseOptions, openDatabase } from './database.ts'
import { takePostgresLock } from './postgres-lock.ts'

describeOnPostgres('PostgreSQL', () => {
  async function open(url: string, options: DatabaseOptions = {}): Promise<Database> {
    const database = await openDatabase(url, options)
    onTestFinished(() => database.destroy())
    return database
  }

  test('gives whole numbers as numbers, also sums', async () => {
    const database = await open((await postgresForTests()).url)
    const { rows } = await sql`select 9007199254740991::bigint as a, sum(n)::numeric as b, count(*) as c
      from (values (1::bigint), (2::bigint)) as t (n)`.execute(database)
    expect(rows).toEqual([{ a: Number.MAX_SAFE_INTEGER, b: 3, c: 2 }])
  })

  test('gives up a statement that takes too long, and goes on', async () => {
    const database = await open((await postgresForTests()).url, { connections: 1, patience: 200 })
    await expect(sql`select pg_sleep(30)`.execute(database)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('canceling statement due to statement timeout'),
    })
    expect((await sql`select 1 as a`.execute(database)).rows).toEqual([{ a: 1 }])
  })

  test('says of a mistake in a statement what it is', async () => {
    const database = await open((await postgresForTests()).url)
    await expect(sql`select nonsense`.execute(database)).rejects.toMatchObject({ code: '42703' })
  })

  test.each([
    ['a wrong password', (url: URL) => (url.password = 'hidden'), 'Check user and password'],
    ['a database that is not there', (url: URL) => (url.pathname = '/nowhere'), 'Create the database'],
    ['a port where nobody listens', (url: URL) => (url.port = '1'), 'Check that it runs'],
    ['a name that nobody knows', (url: URL) => (url.hostname = 'nowhere.invalid'), 'Check that it runs'],
  ])('says the way out of %s', async (_, change, wayOut) => {
    const url = new URL((await postgresForTests()).url)
    change(url)
    const failure: unknown = await openDatabase(url.href).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining(wayOut) })
    expect(String(failure)).not.toContain(url.password)
  })

  test('says so where its tables are those of another program', async () => {
    const { url } = await postgresForTests()
    const database = await open(url)
    await sql`drop table migrations`.execute(database)
    await expect(openDatabase(url)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('already exists. Give Sluice a database of its own.'),
    })
  })

  test('behind a network that went silent is given up, and found again', async () => {
    const network = await startNetwork((await postgresForTests()).url)
    const database = await open(network.url, { connections: 1, patience: 300 })
    const lock = await takePostgresLock(network.url, 'work')
    expect(await lock?.isHeld()).toBe(true)
    network.cut()
    const stuck = database.transaction().execute((transaction) => sql`select 1`.execute(transaction))
    await expect(stuck).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await lock?.isHeld()).toBe(false)
    await lock?.release()
    network.heal()
    expect((await sql`select 1 as a`.execute(database)).rows).toEqual([{ a: 1 }])
  })

  test('gives a lock to one at a time, and to another when its holder is gone', async () => {
    const { url } = await postgresForTests()
    const lock = await takePostgresLock(url, 'work')
    expect(await takePostgresLock(url, 'work')).toBeUndefined()
    const other = await takePostgresLock(url, 'other work')
    expect(await other?.isHeld()).toBe(true)
    await other?.release()
    const database = await open(url)
    await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database =
      (select oid from pg_database where datname = current_database())`.execute(database)
    await expect.poll(() => lock?.isHeld()).toBe(false)
    await lock?.release()
    const again = await takePostgresLock(url, 'work')
    expect(await again?.isHeld()).toBe(true)
    await again?.release()
  })
})

/** Stands between: what goes through it can be swallowed without a word. */
async function startNetwork(target: string): Promise<{ readonly url: string; cut(): void; heal(): void }> {
  const url = new URL(target)
  const port = Number(url.port)
  const sockets = new Set<Socket>()
  let silent = false
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => void (silent || to.write(chunk))).on('error', () => {})
      from.on('close', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  url.port = String(address.port)
  return { url: url.href, cut: () => void (silent = true), heal: () => void (silent = false) }
}
