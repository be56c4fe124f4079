import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Behaviour, RecordedRequest } from '@sluice/simulator'
import type { ConfigInput } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { startPgvector } from '../servers/pgvector.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

async function start(server: ConfigInput['server']): Promise<TestGateway> {
  const world = await startTestGateway({
    config: {
      cache: { store: 'database', semantic: { model: 'lab/embedder', by_default: true, timeout: 30 } },
      server: { keys: ['caller'], ...server },
    },
    simulator: { models: ['small', 'embedder'] },
  })
  world.simulator.always((request) => (request.path.endsWith('/embeddings') ? embedding(request) : {}))
  return world
}

/** One direction for all that is asked of France, and another for all else. */
function embedding({ body }: RecordedRequest): Behaviour {
  const vector = body.includes('France') ? [3, 0, 0] : [0, 3, 0]
  const data = [{ object: 'embedding', index: 0, embedding: vector }]
  const usage = { prompt_tokens: 7, total_tokens: 7 }
  return { raw: { body: JSON.stringify({ object: 'list', model: 'embedder', data, usage }) } }
}

interface Asked {
  readonly status: number
  readonly cache: string | null
  readonly text: string
}

async function ask({ url }: TestGateway, text: string, control = 'max-age=1000'): Promise<Asked> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer caller', 'cache-control': control },
    body: JSON.stringify({ model: 'lab/small', messages: [{ role: 'user', content: text }] }),
  })
  return { status: response.status, cache: response.headers.get('x-sluice-cache'), text: await response.text() }
}

/** What one gateway was asked is known to the other, though it looks while that is being written. */
async function checkShared(one: TestGateway, other: TestGateway): Promise<void> {
  const first = await ask(one, 'What is the capital of France?')
  expect(first).toMatchObject({ status: 200, cache: 'miss' })
  await expect
    .poll(() => ask(other, 'France: its capital?', 'only-if-cached'))
    .toMatchObject({ cache: 'semantic; similarity=1.00', text: first.text })
  expect(await ask(other, 'What is the capital of Spain?', 'only-if-cached')).toMatchObject({ status: 504 })
}

test('on SQLite, gateways know what others were asked, also before a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-semantic-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  {
    await using one = await start({ data_dir: folder })
    await using other = await start({ data_dir: folder })
    await checkShared(one, other)
  }
  await using again = await start({ data_dir: folder })
  expect(await ask(again, 'France. Its capital?')).toMatchObject({ cache: 'semantic; similarity=1.00' })
})

describeOnPostgres('on PostgreSQL', () => {
  test('gateways know what others were asked, and go on without it', async () => {
    await using postgres = await startPostgres()
    const database_url = await postgres.createDatabase()
    await using one = await start({ database_url })
    await using other = await start({ database_url })
    await checkShared(one, other)
    await postgres.stop()
    expect(await ask(other, 'France. Its capital?')).toMatchObject({ status: 200, cache: 'miss' })
    await postgres.start()
  })
})

test('on PostgreSQL with pgvector, gateways know what others were asked', async () => {
  await using postgres = await startPgvector()
  await using one = await start({ database_url: postgres.url, database_connections: 1 })
  await using other = await start({ database_url: postgres.url, database_connections: 1 })
  await checkShared(one, other)
  expect(await ask(one, 'France. Its capital?')).toMatchObject({ cache: 'semantic; similarity=1.00' })
})
