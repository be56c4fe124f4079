import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startSimulator } from '@sluice/simulator'
import OpenAI, { toFile } from 'openai'
import { expect, test } from 'vitest'

const main = join(import.meta.dirname, '../../packages/gateway/src/cli/main.ts')

interface Process {
  readonly client: OpenAI
  kill(): Promise<void>
}

/** `sluice serve` over a data directory that outlives it. */
async function serve(directory: string, upstream: string): Promise<Process> {
  const child = spawn(process.execPath, ['--conditions=sluice-source', main, 'serve', '--json'], {
    cwd: directory,
    env: {
      SLUICE_PORT: '0',
      SLUICE_FIND_LOCAL_SERVERS: 'false',
      SLUICE_DATA_DIR: join(directory, 'data'),
      OPENAI_API_KEY: 'upstream-key',
      OPENAI_BASE_URL: upstream,
      LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return {
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 }),
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

const count = 60

test('a batch whose gateway is killed again and again is gone on with, and each line is there once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-killed-'))
  await using simulator = await startSimulator({ timing: { latency: 10 } })
  const lines = Array.from({ length: count }, (_, index) => {
    const body = { model: 'openai/any', messages: [{ role: 'user', content: `Line ${index}.` }] }
    return JSON.stringify({ custom_id: `id-${index}`, method: 'POST', url: '/v1/chat/completions', body })
  })
  let gateway = await serve(directory, simulator.url)
  try {
    const file = await toFile(Buffer.from(lines.join('\n')), 'in.jsonl')
    const input = await gateway.client.files.create({ file, purpose: 'batch' })
    const { id } = await gateway.client.batches.create({
      input_file_id: input.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    })
    let counted = 0
    for (const asked of [10, 30]) {
      while (simulator.requests.length < asked) await new Promise((resolve) => setTimeout(resolve, 2))
      const { request_counts: counts } = await gateway.client.batches.retrieve(id)
      expect(counts?.completed).toBeGreaterThanOrEqual(counted)
      counted = counts?.completed ?? 0
      await gateway.kill()
      gateway = await serve(directory, simulator.url)
      const after = await gateway.client.batches.retrieve(id)
      expect(after.request_counts?.completed).toBeGreaterThanOrEqual(counted)
    }
    let batch = await gateway.client.batches.retrieve(id)
    while (batch.status !== 'completed') {
      await new Promise((resolve) => setTimeout(resolve, 20))
      batch = await gateway.client.batches.retrieve(id)
    }
    expect(batch.request_counts).toEqual({ total: count, completed: count, failed: 0 })
    const output = await (await gateway.client.files.content(batch.output_file_id!)).text()
    const ids = output
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
    expect(ids).toEqual(lines.map((_, index) => `id-${index}`))
    // What was under way when it was killed is asked again; what was kept is not.
    const asked = simulator.requests.filter(({ method }) => method === 'POST')
    expect(asked.length - count).toBeLessThanOrEqual(2 * 4)
  } finally {
    await gateway.kill()
    await rm(directory, { recursive: true })
  }
})
