import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGateway } from '@sluice/gateway'
import { startSimulator } from '@sluice/simulator'
import { pino } from 'pino'
import { buildConfig, providers as presets } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'

test('the first request of a process has its cost too, though prices are read after it only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-prices-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await using simulator = await startSimulator()
  const config = buildConfig({
    presets,
    environment: {},
    input: {
      server: { port: 0, data_dir: folder, find_local_servers: false },
      providers: { openai: { base_url: simulator.url, api_key: 'upstream-key' } },
    },
  })
  const gateway = await startGateway(config, { logger: pino({ level: 'silent' }) })
  try {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }),
    })
    const { usage } = (await response.json()) as { usage: { prompt_tokens: number; completion_tokens: number } }
    const store = await gateway.ledger!.store()
    const { entries } = await store.list({}, { limit: 10 })
    // USD 2.50 and 10 for a million tokens.
    const nanoDollars = usage.prompt_tokens * 2_500 + usage.completion_tokens * 10_000
    expect(entries).toMatchObject([{ model: 'gpt-4o', cost: { source: 'table', nanoDollars } }])
  } finally {
    await gateway.close()
  }
})
