import OpenAI, { toFile } from 'openai'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { postgresForTests } from '../servers/postgres.ts'
import { startTestGateway } from '../start-test-gateway.ts'

describeOnPostgres('gateways on one PostgreSQL', () => {
  /** Each with a data directory of its own, as on a machine of its own. */
  async function start(count: number): Promise<readonly OpenAI[]> {
    const { url } = await postgresForTests()
    const server = { database_url: url, keys: ['caller'], key_pepper: 'p'.repeat(32) }
    const gateways = await Promise.all(
      Array.from({ length: count }, () => startTestGateway({ config: { server }, simulator: { models: ['small'] } })),
    )
    onTestFinished(async () => void (await Promise.all(gateways.map((gateway) => gateway.close()))))
    return gateways.map(({ url: baseURL }) => new OpenAI({ baseURL, apiKey: 'caller', maxRetries: 0 }))
  }

  test('know the same files and responses', async () => {
    const [one, two] = await start(2)
    const content = 'x'.repeat(3 * 1024 * 1024)
    const file = await one!.files.create({ file: await toFile(Buffer.from(content), 'a.txt'), purpose: 'user_data' })
    expect((await two!.files.retrieve(file.id)).bytes).toBe(content.length)
    expect(await (await two!.files.content(file.id)).text()).toBe(content)
    await two!.files.delete(file.id)
    await expect(one!.files.content(file.id)).rejects.toMatchObject({ status: 404 })

    const first = await one!.responses.create({ model: 'small', input: 'Hello.' })
    // It is kept while it goes out.
    await expect
      .poll(() =>
        two!.responses.retrieve(first.id).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const next = await two!.responses.create({ model: 'small', input: 'Go on.', previous_response_id: first.id })
    expect(next.previous_response_id).toBe(first.id)
  })

  test('run a batch once, whoever of them took it', async () => {
    const gateways = await start(3)
    const names = Array.from({ length: 30 }, (_, index) => `id-${index}`)
    const lines = names.map((name) => {
      const body = { model: 'small', messages: [{ role: 'user', content: name }] }
      return JSON.stringify({ custom_id: name, method: 'POST', url: '/v1/chat/completions', body })
    })
    const [one, two, three] = gateways
    const input = await one!.files.create({
      file: await toFile(Buffer.from(lines.join('\n')), 'in.jsonl'),
      purpose: 'batch',
    })
    const options = { input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const
    const made = await Promise.all([one, two, three].map((gateway) => gateway!.batches.create(options)))
    for (const { id } of made) {
      await expect.poll(async () => (await two!.batches.retrieve(id)).status, { timeout: 15_000 }).toBe('completed')
      const batch = await three!.batches.retrieve(id)
      expect(batch.request_counts).toEqual({ total: 30, completed: 30, failed: 0 })
      const output = await (await one!.files.content(batch.output_file_id!)).text()
      const found = output
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
      expect(found).toEqual(names)
    }
  })
})
