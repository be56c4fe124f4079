import OpenAI, { toFile } from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator.ts'

let simulator: Simulator
let client: OpenAI
beforeEach(async () => {
  simulator = await startSimulator()
  client = new OpenAI({ baseURL: simulator.url, apiKey: 'sk-test', maxRetries: 0 })
})
afterEach(() => simulator.close())

const line = {
  custom_id: 'a',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'any', messages: [{ role: 'user', content: 'Hello' }] },
}

async function start(): Promise<OpenAI.Batch> {
  const file = await toFile(Buffer.from(JSON.stringify(line)), 'in.jsonl')
  const { id } = await client.files.create({ file, purpose: 'batch' })
  return client.batches.create({ input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' })
}

test('files are kept, listed, given back and deleted', async () => {
  const file = await client.files.create({ file: await toFile(Buffer.from('hello'), 'a.txt'), purpose: 'user_data' })
  expect(await client.files.retrieve(file.id)).toMatchObject({ bytes: 5, filename: 'a.txt', purpose: 'user_data' })
  expect((await client.files.list()).data).toEqual([file])
  expect(await (await client.files.content(file.id)).text()).toBe('hello')
  expect(await client.files.delete(file.id)).toMatchObject({ deleted: true })
  await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 })
})

test('a batch goes on each time it is asked for', async () => {
  const { id, status } = await start()
  expect(status).toBe('validating')
  expect(await client.batches.retrieve(id)).toMatchObject({ status: 'in_progress' })
  const done = await client.batches.retrieve(id)
  expect(done).toMatchObject({ status: 'completed', request_counts: { total: 1, completed: 1, failed: 0 } })
  const output = await (await client.files.content(done.output_file_id!)).text()
  expect(JSON.parse(output)).toMatchObject({ custom_id: 'a', response: { body: { object: 'chat.completion' } } })
  expect((await client.batches.list()).data).toEqual([done])
  await expect(client.batches.cancel(id)).rejects.toMatchObject({ status: 400 })
})

test('a batch is cancelled', async () => {
  const { id } = await start()
  expect(await client.batches.cancel(id)).toMatchObject({ status: 'cancelling' })
  expect(await client.batches.retrieve(id)).toMatchObject({ status: 'cancelled' })
})
