import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

/** Files and batches that the provider keeps itself: named once, found by their ids from then on. */
let world: TestGateway
let client: OpenAI
let plain: OpenAI
let stranger: OpenAI

beforeAll(async () => {
  world = await startTestGateway({
    config: { server: { keys: ['sk-one', 'sk-two'] } },
    providers: ({ origin }) => ({ claude: { type: 'anthropic', base_url: `${origin}/v1`, api_key: 'k' } }),
    simulator: { apiKey: 'upstream-key' },
  })
  const options = { baseURL: world.url, maxRetries: 0 }
  plain = new OpenAI({ ...options, apiKey: 'sk-one' })
  client = new OpenAI({ ...options, apiKey: 'sk-one', defaultHeaders: { 'x-sluice-provider': 'lab' } })
  stranger = new OpenAI({ ...options, apiKey: 'sk-two' })
})
beforeEach(() => world.simulator.reset())
afterAll(() => world.close())

const line = {
  custom_id: 'a',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'small', messages: [{ role: 'user', content: 'Hello' }] },
}

/** What the provider was asked, besides its models. */
function calls(): readonly string[] {
  const asked = world.simulator.requests.filter(({ path }) => !path.startsWith('/v1/models'))
  return asked.map(({ method, path }) => `${method} ${path}`)
}

async function upload(): Promise<OpenAI.FileObject> {
  const file = await toFile(Buffer.from(JSON.stringify(line)), 'in.jsonl')
  return client.files.create({ file, purpose: 'batch' })
}

test('a batch runs at the provider, from its file to its output', async () => {
  const input = await upload()
  // Nothing names the provider any more.
  const batch = await plain.batches.create({
    input_file_id: input.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  })
  expect(batch.status).toBe('validating')
  expect(await plain.batches.retrieve(batch.id)).toMatchObject({ status: 'in_progress' })
  const done = await plain.batches.retrieve(batch.id)
  const output = await (await plain.files.content(done.output_file_id!)).text()
  expect(JSON.parse(output)).toMatchObject({ custom_id: 'a', response: { status_code: 200 } })
  expect(await plain.files.retrieve(done.output_file_id!)).toMatchObject({ purpose: 'batch_output' })
  expect(calls()).toEqual([
    'POST /v1/files',
    'POST /v1/batches',
    `GET /v1/batches/${batch.id}`,
    `GET /v1/batches/${batch.id}`,
    `GET /v1/files/${done.output_file_id}/content`,
    `GET /v1/files/${done.output_file_id}`,
  ])
  expect((await client.batches.list()).data.map(({ id }) => id)).toEqual([batch.id])
  expect((await plain.batches.list()).data).toEqual([])
})

test('a batch is one call without a price to budgets and the ledger', async () => {
  const input = await upload()
  const asked = { input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const
  const before = world.usage.length
  await client.batches.create(asked)
  expect(world.usage.slice(before)).toMatchObject([
    { operation: 'raw', provider: 'lab', outcome: 'ok', cost: undefined },
  ])
  await using strict = await startTestGateway({
    config: { budgets: { unpriced: 'refuse', rules: [{ per: 'key', amount: 1 }] } },
    simulator: { apiKey: 'upstream-key' },
  })
  const careful = new OpenAI({
    baseURL: strict.url,
    apiKey: 'any',
    maxRetries: 0,
    defaultHeaders: { 'x-sluice-provider': 'lab' },
  })
  const file = await toFile(Buffer.from(JSON.stringify(line)), 'in.jsonl')
  const { id } = await careful.files.create({ file, purpose: 'batch' })
  await expect(careful.batches.create({ ...asked, input_file_id: id })).rejects.toMatchObject({
    status: 402,
    code: 'price_unknown',
  })
})

test('a file is given back as it was, listed, and deleted there', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 256))
  const file = await plain.files.create(
    { file: await toFile(bytes, 'a.bin'), purpose: 'user_data' },
    { query: { provider: 'lab' } },
  )
  expect(file.bytes).toBe(300_000)
  expect(calls()).toEqual(['POST /v1/files'])
  expect(Buffer.from(await (await plain.files.content(file.id)).arrayBuffer()).equals(bytes)).toBe(true)
  expect((await client.files.list()).data.map(({ id }) => id)).toContain(file.id)
  expect(await plain.files.delete(file.id)).toMatchObject({ deleted: true })
  await expect(plain.files.retrieve(file.id)).rejects.toMatchObject({ status: 404, code: 'file_not_found' })
})

test('belongs to whoever made it', async () => {
  const input = await upload()
  const { id } = await client.batches.create({
    input_file_id: input.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  })
  const asked = calls()
  for (const call of [
    stranger.files.retrieve(input.id),
    stranger.files.content(input.id),
    stranger.files.delete(input.id),
    stranger.batches.retrieve(id),
    stranger.batches.cancel(id),
    stranger.batches.create(
      { input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' },
      { query: { provider: 'lab' } },
    ),
  ])
    await expect(call).rejects.toMatchObject({ status: 404 })
  expect(calls()).toEqual(asked)
  expect((await stranger.files.list({}, { query: { provider: 'lab' } })).data).toEqual([])
  expect(await plain.batches.cancel(id)).toMatchObject({ status: 'cancelling' })
})

test('what the provider refuses is said', async () => {
  const input = await upload()
  world.simulator.next({ fault: { kind: 'status', status: 429 }, on: 'batches' })
  const call = client.batches.create({
    input_file_id: input.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  })
  await expect(call).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
})

test('a provider without, and one that is not there, are refused', async () => {
  const file = await toFile(Buffer.from('a'), 'a')
  const body = { file, purpose: 'batch' } as const
  await expect(plain.files.create(body, { query: { provider: 'claude' } })).rejects.toMatchObject({
    status: 400,
    code: 'unsupported_operation',
  })
  await expect(plain.files.list({}, { query: { provider: 'nobody' } })).rejects.toMatchObject({
    status: 404,
    code: 'provider_not_found',
  })
})
