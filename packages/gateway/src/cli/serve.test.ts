import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'

const main = join(import.meta.dirname, 'main.ts')

/** The program itself, in a process of its own, with no environment but what is given. */
function start(words: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, ['--conditions=sluice-source', main, ...words], {
    cwd: import.meta.dirname,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function firstOutput(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return chunk.toString()
}

async function end(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
  ])
  return { code, stdout, stderr }
}

test('serves, says what, and stops at SIGTERM', async () => {
  const child = start(['serve', '--port', '0', '--json'], { GROQ_API_KEY: 'sk-secret', ANYSCALE_API_KEY: 'sk-secret' })
  const facts = JSON.parse(await firstOutput(child)) as { url: string }
  expect(facts).toMatchObject({
    event: 'listening',
    endpoints: expect.arrayContaining([
      'POST /v1/chat/completions',
      'GET  /v1/models',
      'POST /v1beta/models/{id}:generateContent',
      'ANY  /proxy/{provider}/…',
    ]) as string[],
    providers: [
      { id: 'groq', name: 'Groq', from: 'environment variable GROQ_API_KEY' },
      { id: 'demo', from: 'built in' },
    ],
    default_provider: 'groq',
  })
  const health = await fetch(`${facts.url}/healthz`)
  expect(health.status).toBe(200)
  await health.text()
  child.kill('SIGTERM')
  const { code, stderr } = await end(child)
  expect(code).toBe(0)
  expect(stderr).toMatch(/^warning: environment variable ANYSCALE_API_KEY: without effect/)
  expect(stderr).not.toContain('sk-secret')
})

test('what it prints for people to try works, with nothing configured', async () => {
  const child = start(['serve', '--port', '0'])
  const banner = await firstOutput(child)
  expect(banner).toContain('No provider is configured, so the demo answers')
  expect(banner).toContain('Callers    programs of this machine, with any key or none')
  const [, url = '', body = ''] = /curl -N (\S+\/v1\/chat\/completions) .* -d '(.*)'/.exec(banner) ?? []
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const said = await answer.text()
  child.kill('SIGINT')
  expect(said).toContain('data: [DONE]')
  expect((await end(child)).code).toBe(0)
})

test('a port in use ends with 2 and the way out', async () => {
  const first = start(['serve', '--port', '0', '--json'])
  const { url } = JSON.parse(await firstOutput(first)) as { url: string }
  const { code, stdout, stderr } = await end(start(['serve', '--port', new URL(url).port]))
  first.kill('SIGTERM')
  await end(first)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/in use; choose another with --port or SLUICE_PORT/)
  expect(stderr).not.toContain('    at ')
})

test('asked for managed keys, it makes an admin key at the first start and shows it once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-serve-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const environment = { SLUICE_MANAGED_KEYS: 'true', SLUICE_DATA_DIR: folder }
  const first = start(['serve', '--port', '0', '--json'], environment)
  const { url, admin_key: key } = JSON.parse(await firstOutput(first)) as { url: string; admin_key: string }
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${url}/api/admin/keys`, { headers })).status
  expect([await ask({}), await ask({ authorization: `Bearer ${key}` })]).toEqual([401, 200])
  first.kill('SIGTERM')
  expect((await end(first)).stderr).not.toContain(key)
  const second = start(['serve', '--port', '0'], environment)
  const banner = await firstOutput(second)
  second.kill('SIGTERM')
  await end(second)
  expect(banner).toContain('need a key')
  expect(banner).not.toContain('sk-sl-')
})
