import OpenAI, { APIError, toFile } from 'openai'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

describeOnPostgres('PostgreSQL that goes away and comes back', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  async function start(
    database: string,
    { latency = 0, keys = ['caller'] } = {},
  ): Promise<{ openai: OpenAI; gateway: TestGateway }> {
    const gateway = await startTestGateway({
      config: { server: { database_url: database, keys } },
      simulator: { models: ['small'], timing: { latency } },
    })
    onTestFinished(() => gateway.close())
    return { openai: new OpenAI({ baseURL: gateway.url, apiKey: 'caller', maxRetries: 0 }), gateway }
  }

  test('takes with it only what needs it, and that is back by itself', async () => {
    const { openai } = await start(await server.createDatabase())
    const file = await openai.files.create({ file: await toFile(Buffer.from('{}'), 'a.jsonl'), purpose: 'batch' })
    const first = await openai.responses.create({ model: 'small', input: 'Hello.' })
    await until(() => openai.responses.retrieve(first.id))

    await server.stop()
    const chat = { model: 'small', messages: [{ role: 'user' as const, content: 'Hello?' }] }
    expect((await openai.chat.completions.create(chat)).choices).toHaveLength(1)
    const needy = [
      openai.files.list(),
      openai.batches.list(),
      openai.responses.retrieve(first.id),
      openai.responses.create({ model: 'small', input: 'Go on.', previous_response_id: first.id }),
    ]
    for (const outcome of await Promise.allSettled(needy)) {
      expect(outcome.status).toBe('rejected')
      const error: unknown = outcome.status === 'rejected' && outcome.reason
      expect(error).toBeInstanceOf(APIError)
      expect(error).toMatchObject({ status: 503, code: 'store_unavailable' })
      expect((error as APIError).message).toMatch(/The database test_\d+ at 127\.0\.0\.1:\d+ cannot be used/)
      expect((error as APIError).message).not.toContain('postgres-of-the-tests')
    }

    await server.start()
    const listed = await until(() => openai.files.list())
    expect(listed.data.map(({ id }) => id)).toEqual([file.id])
    const next = await openai.responses.create({ model: 'small', input: 'Go on.', previous_response_id: first.id })
    expect(next.previous_response_id).toBe(first.id)
  })

  test('leaves a batch under way to be ended, every line once', async () => {
    const { openai, gateway } = await start(await server.createDatabase(), { latency: 20 })
    const count = 40
    const lines = Array.from({ length: count }, (_, index) =>
      JSON.stringify({
        custom_id: `id-${index}`,
        method: 'POST',
        url: '/v1/chat/completions',
        body: { model: 'small', messages: [{ role: 'user', content: `Line ${index}.` }] },
      }),
    )
    const file = await toFile(Buffer.from(lines.join('\n')), 'in.jsonl')
    const input = await openai.files.create({ file, purpose: 'batch' })
    const endpoint = '/v1/chat/completions'
    const made = await openai.batches.create({ input_file_id: input.id, endpoint, completion_window: '24h' })
    await until(() => gateway.simulator.requests.length > 4)
    await server.stop()
    await server.start()
    const batch = await until(async () => {
      const found = await openai.batches.retrieve(made.id)
      return found.status === 'completed' && found
    })
    expect(batch.request_counts).toEqual({ total: count, completed: count, failed: 0 })
    const output = await (await openai.files.content(batch.output_file_id!)).text()
    const ids = output
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
    expect(ids.toSorted()).toEqual(lines.map((_, index) => `id-${index}`).toSorted())
  })

  test('may be away at the start', async () => {
    const database = await server.createDatabase()
    await server.stop()
    onTestFinished(() => server.start())
    const { openai, gateway } = await start(database)
    expect(gateway.log.map(({ msg }) => msg)).toContain(
      'The database cannot be used yet; what needs it is refused until it can.',
    )
    expect(JSON.stringify(gateway.log)).not.toContain('postgres-of-the-tests')
    await expect(openai.files.list()).rejects.toMatchObject({ status: 503, code: 'store_unavailable' })
    await server.start()
    expect((await until(() => openai.files.list())).data).toEqual([])
  })

  test('may not be away at the start where only it knows who may call', async () => {
    const database = await server.createDatabase()
    await server.stop()
    onTestFinished(() => server.start())
    await expect(start(database, { keys: [] })).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  test('of a newer version is refused at the start', async () => {
    const database = await server.createDatabase()
    const { gateway } = await start(database)
    await gateway.close()
    const client = new Client(database)
    await client.connect()
    await client.query(`insert into migrations values ('9999-later', 1)`)
    await client.end()
    await expect(start(database)).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: expect.stringContaining('9999-later'),
    })
  })
})

/** What a call gives as soon as it gives something. */
async function until<T>(ask: () => Promise<T | false> | T | false, time = 15_000): Promise<T> {
  const end = Date.now() + time
  for (;;) {
    try {
      const found = await ask()
      if (found !== false) return found
      if (Date.now() > end) throw new Error('It never came.')
    } catch (error) {
      if (Date.now() > end) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
