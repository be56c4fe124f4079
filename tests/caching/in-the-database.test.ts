import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConfigInput } from 'sluice'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

let world: TestGateway
let now = 1_800_000_000_000

afterEach(() => world.close())

const kept = { store: 'database' } as const

async function start(config: ConfigInput): Promise<void> {
  world = await startTestGateway({ config: { cache: kept, ...config }, now: () => now })
}

interface Asked {
  readonly status: number
  readonly cache: string | null
  readonly text: string
}

interface Asking {
  readonly stream?: boolean
  readonly key?: string
  readonly onlyIfCached?: boolean
}

async function ask(
  gateway: TestGateway,
  { stream = false, key = 'caller', onlyIfCached = false }: Asking = {},
): Promise<Asked> {
  const response = await fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...(onlyIfCached && { 'cache-control': 'only-if-cached' }),
    },
    body: JSON.stringify({ model: 'lab/small', stream, messages: [{ role: 'user', content: 'What is it?' }] }),
  })
  return { status: response.status, cache: response.headers.get('x-sluice-cache'), text: await response.text() }
}

/** A folder that outlives a gateway. */
async function dataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-cache-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

describe('on SQLite', () => {
  test('answers are there after a restart, byte by byte, streams too', async () => {
    const config: ConfigInput = { server: { data_dir: await dataDir() } }
    await start(config)
    const [whole, stream] = [await ask(world), await ask(world, { stream: true })]
    expect([whole.cache, stream.cache]).toEqual(['miss', 'miss'])
    await world.close()
    await start(config)
    expect(await ask(world)).toMatchObject({ cache: 'hit', text: whole.text })
    expect(await ask(world, { stream: true })).toMatchObject({ cache: 'hit', text: stream.text })
    expect(world.simulator.requests.filter(({ method }) => method === 'POST')).toEqual([])
    now += 3_600_000
    expect(await ask(world)).toMatchObject({ cache: 'miss' })
  })

  test('gateways on one database share them, and a purge is of all', async () => {
    const config: ConfigInput = { server: { data_dir: await dataDir(), admin_key: 'caller' } }
    await start(config)
    await using other = await startTestGateway({ config: { cache: kept, ...config }, now: () => now })
    await ask(world)
    await expect.poll(async () => (await ask(other, { onlyIfCached: true })).cache).toBe('hit')
    const purge = await fetch(`${world.gateway.url}/api/admin/cache/purge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer caller' },
      body: '{}',
    })
    expect(await purge.json()).toMatchObject({ purged: 1 })
    expect(await ask(other, { onlyIfCached: true })).toMatchObject({ status: 504 })
    expect(await ask(world)).toMatchObject({ cache: 'miss' })
  })

  test('a key is not given another’s', async () => {
    await start({ server: { keys: ['sk-ann', 'sk-bob'] } })
    const answers = [await ask(world, { key: 'sk-ann' }), await ask(world, { key: 'sk-bob' })]
    expect(answers.map(({ cache }) => cache)).toEqual(['miss', 'miss'])
    expect(await ask(world, { key: 'sk-bob' })).toMatchObject({ cache: 'hit' })
  })

  test('a database that cannot be had fails no request', async () => {
    const folder = await dataDir()
    await writeFile(join(folder, 'sluice.db'), 'this is no database '.repeat(100))
    await start({ server: { data_dir: folder }, ledger: { enabled: false } })
    const answers = [await ask(world), await ask(world)]
    expect(answers.map(({ status, cache }) => [status, cache])).toEqual([
      [200, 'miss'],
      [200, 'miss'],
    ])
  })
})

describeOnPostgres('on PostgreSQL', () => {
  test('gateways share what is kept, and each asks for itself while it is away', async () => {
    await using postgres = await startPostgres()
    const server = { database_url: await postgres.createDatabase(), keys: ['caller'] }
    const config: ConfigInput = { server, ledger: { enabled: false } }
    await start(config)
    expect(await ask(world)).toMatchObject({ cache: 'miss' })
    await world.close()
    await start(config)
    expect(await ask(world)).toMatchObject({ cache: 'hit' })
    await postgres.stop()
    expect(await ask(world)).toMatchObject({ status: 200, cache: 'miss' })
    await postgres.start()
    await expect.poll(async () => (await ask(world)).cache, { timeout: 20_000 }).toBe('hit')
  })
})
