import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Simulator, startSimulator } from '@sluice/simulator'
import OpenAI, { toFile } from 'openai'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ServeProcess, startServe } from '../start-serve.ts'

interface Gateway extends ServeProcess {
  readonly client: OpenAI
}

/** `sluice serve` over a data directory that outlives it. */
async function serve(directory: string, upstream: string): Promise<Gateway> {
  const environment = { OPENAI_API_KEY: 'upstream-key', OPENAI_BASE_URL: upstream, LOG_LEVEL: 'silent' }
  const gateway = await startServe({ ...environment, SLUICE_DATA_DIR: join(directory, 'data') }, directory)
  return Object.assign(gateway, { client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 }) })
}

const count = 60
const lines = Array.from({ length: count }, (_, index) => {
  const body = { model: 'openai/any', messages: [{ role: 'user', content: `Line ${index}.` }] }
  return JSON.stringify({ custom_id: `id-${index}`, method: 'POST', url: '/v1/chat/completions', body })
})

let directory: string
let simulator: Simulator
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-killed-'))
  simulator = await startSimulator({ timing: { latency: 10 } })
})
afterEach(async () => {
  await simulator.close()
  await rm(directory, { recursive: true })
})

async function start({ client }: Gateway): Promise<string> {
  const file = await toFile(Buffer.from(lines.join('\n')), 'in.jsonl')
  const input = await client.files.create({ file, purpose: 'batch' })
  const endpoint = '/v1/chat/completions'
  const { id } = await client.batches.create({ input_file_id: input.id, endpoint, completion_window: '24h' })
  return id
}

function asked(): number {
  return simulator.requests.filter(({ method }) => method === 'POST').length
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** @param interruptions how often lines may have been under way when their process ended. */
async function checkOutput({ client }: Gateway, id: string, interruptions: number): Promise<void> {
  await until(async () => (await client.batches.retrieve(id)).status === 'completed')
  const batch = await client.batches.retrieve(id)
  expect(batch.request_counts).toEqual({ total: count, completed: count, failed: 0 })
  const output = await (await client.files.content(batch.output_file_id!)).text()
  const ids = output
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
  expect(ids).toEqual(lines.map((_, index) => `id-${index}`))
  // What was under way then is asked again; what was kept is not.
  expect(asked() - count).toBeLessThanOrEqual(interruptions * 4)
}

test('a batch whose gateway is killed and stopped is gone on with, and each line is there once', async () => {
  let gateway = await serve(directory, simulator.url)
  try {
    const id = await start(gateway)
    let counted = 0
    for (const [requests, signal] of [
      [10, 'SIGKILL'],
      [25, 'SIGTERM'],
      [40, 'SIGKILL'],
    ] as const) {
      await until(() => asked() >= requests)
      const before = await gateway.client.batches.retrieve(id)
      expect(before.request_counts?.completed).toBeGreaterThanOrEqual(counted)
      counted = before.request_counts?.completed ?? 0
      await gateway.end(signal)
      gateway = await serve(directory, simulator.url)
    }
    await checkOutput(gateway, id, 3)
  } finally {
    await gateway.end('SIGKILL')
  }
})

test('of two gateways over one directory one runs a batch, and the other takes over', async () => {
  await using first = await serve(directory, simulator.url)
  await using second = await serve(directory, simulator.url)
  // Whoever looks first runs them all.
  const [id] = [await start(first), await start(second)]
  await until(() => asked() >= 20)
  await first.end('SIGKILL')
  await until(async () => (await second.client.batches.list()).data.every(({ status }) => status === 'completed'))
  expect((await second.client.batches.retrieve(id)).request_counts).toMatchObject({ completed: count, failed: 0 })
  expect(asked()).toBeLessThanOrEqual(2 * count + 4)
})
