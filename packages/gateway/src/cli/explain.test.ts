import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { startSimulator } from '@sluice/simulator'
import { pino } from 'pino'
import { buildConfig, providers as presets } from 'sluice'
import { expect, test } from 'vitest'
import { startGateway } from '../compose.ts'
import { run } from './run.ts'

test('sluice explain tells the way that a request went', async () => {
  const simulator = await startSimulator({ models: ['small', 'large'] })
  const directory = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
  const config = buildConfig({
    presets,
    environment: {},
    input: {
      server: { port: 0, data_dir: directory },
      providers: { lab: { base_url: simulator.url, api_key: 'upstream-key', max_retries: 0 } },
      routes: { smart: { targets: ['lab/small', 'lab/large'] } },
    },
  })
  const gateway = await startGateway(config, { logger: pino({ level: 'silent' }) })
  try {
    simulator.next({ fault: { kind: 'status', status: 500 } })
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'mine' },
      body: JSON.stringify({ model: 'smart', messages: [{ role: 'user', content: 'Hi' }] }),
    })
    await answer.arrayBuffer()
    const { code, stdout } = await explain('mine', gateway.url)
    expect(code).toBe(0)
    expect(stdout).toContain('smart (chat)')
    expect(stdout).toMatch(/1 {2}lab\/small .* failed: upstream_error/)
    expect(stdout).toMatch(/2 {2}lab\/large .* answered/)
    expect(stdout).toMatch(/✗ {2}lab\/small +filtered +was tried/)
    expect(await explain('other', gateway.url)).toEqual({ code: 1, stdout: '' })
  } finally {
    await gateway.close()
    await simulator.close()
    rmSync(directory, { recursive: true, force: true })
  }
})

async function explain(id: string, url: string): Promise<{ code: number; stdout: string }> {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const directory = import.meta.dirname
  const code = await run(['explain', id, '--url', url], { stdout, stderr, stdin, environment: {}, directory })
  stdout.end()
  return { code, stdout: await text(stdout) }
}
