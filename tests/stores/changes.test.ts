import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { adminOf, chat, type MadeKey, makeKey, rootKey } from '../access/admin-client.ts'
import { describeOnPostgres, describeOnRedis } from '../servers/describe-on.ts'
import { postgresForTests } from '../servers/postgres.ts'
import { redisForTests, startRedis } from '../servers/redis.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Two gateways on one database, that look for themselves once an hour, and a key that both of them know. */
async function startTwo(urls: { readonly database_url: string; readonly redis_url?: string }): Promise<{
  readonly one: TestGateway
  readonly other: TestGateway
  readonly made: MadeKey
}> {
  const server = { ...urls, poll_interval: 3600, admin_key: rootKey, key_pepper: 'p'.repeat(32) }
  const [one, other] = await Promise.all([
    startTestGateway({ config: { server } }),
    startTestGateway({ config: { server } }),
  ])
  onTestFinished(async () => void (await Promise.all([one.close(), other.close()])))
  const made = await makeKey(adminOf(one))
  // By the message that there is one, if the other was asked before.
  for (const gateway of [one, other]) await becomes(gateway, made, 200)
  return { one, other, made }
}

async function becomes(gateway: TestGateway, { key }: MadeKey, status: number): Promise<void> {
  await expect.poll(async () => (await chat(gateway, key)).status, { timeout: 30_000, interval: 20 }).toBe(status)
}

async function revoke(gateway: TestGateway, { id }: MadeKey): Promise<void> {
  expect((await adminOf(gateway)('DELETE', `/keys/${id}`)).status).toBeLessThan(300)
}

/** Asks the database itself, past all gateways. */
async function query(url: string, text: string): Promise<number> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query(text)).rowCount ?? 0
  } finally {
    await client.end()
  }
}

const listeners = `from pg_stat_activity where datname = current_database() and application_name = 'sluice changes'
  and state = 'idle' and query <> ''`

describeOnPostgres('What one gateway changes, another hears of', () => {
  test('by PostgreSQL', { timeout: 60_000 }, async () => {
    const { url } = await postgresForTests()
    const { one, other, made } = await startTwo({ database_url: url })
    await expect.poll(() => query(url, `select 1 ${listeners}`), { timeout: 30_000 }).toBe(2)
    await revoke(one, made)
    await becomes(other, made, 401)
  })

  test('by PostgreSQL, when it is back: whatever nobody could tell it', { timeout: 60_000 }, async () => {
    const { url } = await postgresForTests()
    const { other, made } = await startTwo({ database_url: url })
    await expect.poll(() => query(url, `select 1 ${listeners}`), { timeout: 30_000 }).toBe(2)
    // What it was told when it began to listen is past.
    await becomes(other, made, 200)
    // Not by a gateway, so that there is no message.
    expect(await query(url, `update keys set blocked_at = 1 where id = '${made.id}'`)).toBe(1)
    expect((await chat(other, made.key)).status).toBe(200)
    expect(await query(url, `select pg_terminate_backend(pid) ${listeners}`)).toBe(2)
    await becomes(other, made, 401)
  })

  describeOnRedis('with Redis', () => {
    test('by Redis', { timeout: 60_000 }, async () => {
      const [{ url }, redis] = await Promise.all([postgresForTests(), redisForTests()])
      const { one, other, made } = await startTwo({ database_url: url, redis_url: redis.url })
      // It is Redis that is asked, and PostgreSQL is not listened to.
      expect(await query(url, `select 1 ${listeners}`)).toBe(0)
      await revoke(one, made)
      await becomes(other, made, 401)
    })

    test('by Redis, when it is back: what was changed meanwhile', { timeout: 60_000 }, async () => {
      await using redis = await startRedis()
      const { url } = await postgresForTests()
      const { one, other, made } = await startTwo({ database_url: url, redis_url: redis.url })
      await redis.stop()
      // What it was told when it began to listen is past.
      await becomes(other, made, 200)
      await revoke(one, made)
      expect((await chat(other, made.key)).status).toBe(200)
      await redis.start()
      await becomes(other, made, 401)
    })
  })
})
