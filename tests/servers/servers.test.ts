import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { createClient, createCluster } from '@redis/client'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres, describeOnRedis } from './describe-on.ts'
import { postgresForTests, startPostgres } from './postgres.ts'
import { redisForTests, startRedis, startRedisCluster } from './redis.ts'

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

/** Whether nobody listens there any more. */
function isGone(url: string): Promise<boolean> {
  const { port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true))
    socket.on('connect', () => socket.destroy())
  })
}

describeOnPostgres('PostgreSQL for tests', () => {
  test('gives a database of its own to each that asks', async () => {
    const [one, two] = await Promise.all([postgresForTests(), postgresForTests()])
    await ask(one.url, 'create table only_here (a bigint)')
    const tables = `select tablename from pg_tables where schemaname = 'public'`
    expect(await ask(one.url, tables)).toEqual([{ tablename: 'only_here' }])
    expect(await ask(two.url, tables)).toEqual([])
  })

  test('keeps what it holds when it is stopped and started, and is gone at the end', async () => {
    const server = await startPostgres()
    const url = await server.createDatabase()
    await ask(url, 'create table kept as select 1 as a')
    await server.stop()
    expect(await isGone(url)).toBe(true)
    await server.start()
    expect(await ask(url, 'select a from kept')).toEqual([{ a: 1 }])
    await server[Symbol.asyncDispose]()
    expect(await isGone(url)).toBe(true)
  })

  test('ends with a process that is killed', async () => {
    const script = `
      import { startPostgres } from ${JSON.stringify(`${import.meta.dirname}/postgres.ts`)}
      const server = await startPostgres()
      console.log(await server.createDatabase())
      process.kill(process.pid, 'SIGKILL')`
    const killed = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
    const { stdout } = await killed.catch((error: unknown) => error as { stdout: string })
    await expect.poll(() => isGone(stdout.trim()), { timeout: 15_000 }).toBe(true)
  })
})

describeOnRedis('Redis for tests', () => {
  test('gives a database of its own to each that asks', async () => {
    const [one, two] = await Promise.all([redisForTests(), redisForTests()])
    const first = await createClient(one).connect()
    const second = await createClient(two).connect()
    onTestFinished(() => [first, second].forEach((client) => client.destroy()))
    await first.set('a', '1')
    expect(await first.get('a')).toBe('1')
    expect(await second.get('a')).toBeNull()
  })

  test('is empty after it was stopped and started', async () => {
    const server = await startRedis()
    const before = await createClient(server).connect()
    await before.set('a', '1')
    before.destroy()
    await server.stop()
    expect(await isGone(server.url)).toBe(true)
    await server.start()
    const after = await createClient(server).connect()
    expect(await after.get('a')).toBeNull()
    after.destroy()
    await server[Symbol.asyncDispose]()
  })

  test('comes as a cluster', async () => {
    const cluster = await startRedisCluster()
    onTestFinished(() => cluster[Symbol.asyncDispose]())
    const { password } = new URL(cluster.urls[0]!)
    const client = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })), defaults: { password } })
    await client.connect()
    const keys = Array.from({ length: 50 }, (_, number) => `key-${number}`)
    await Promise.all(keys.map((key) => client.set(key, key)))
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys)
    client.destroy()
  })
})
