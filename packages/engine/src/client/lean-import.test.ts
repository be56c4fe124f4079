import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

/** The files that a process has loaded that runs this code. */
async function loadedBy(code: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-lean-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const flags = ['--conditions=sluice-source', '--input-type=module', '--eval', code]
  // Node writes down at its end what it ran.
  await promisify(execFile)(process.execPath, flags, {
    cwd: import.meta.dirname,
    env: { ...process.env, NODE_V8_COVERAGE: folder },
  })
  const [report = ''] = await readdir(folder)
  const { result } = JSON.parse(await readFile(join(folder, report), 'utf8')) as { result: { url: string }[] }
  return result.map(({ url }) => url)
}

/** The dialects whose sources are among the files. */
function dialectsIn(files: readonly string[]): ReadonlySet<string> {
  return new Set(files.flatMap((url) => /\/dialects\/([^/]+)\/[^/]*(?<!peek)\.ts$/.exec(url)?.[1] ?? []))
}

const further = ['openai-responses', 'anthropic-messages', 'gemini-generate', 'bedrock-converse', 'cohere-chat']

const asked = (provider: string, how = 'chat'): string => `
  const { createSluice } = await import('sluice')
  const settings = { api_key: 'key', base_url: 'http://127.0.0.1:9', max_retries: 0 }
  const sluice = createSluice({ providers: { ${provider}: settings }, environment_providers: false })
  await sluice.${how}({ model: 'any', messages: [{ role: 'user', content: 'Hi' }] }).catch(() => undefined)
  await sluice.close()`

test('an import loads the common dialects, and a provider that speaks them no other', async () => {
  for (const code of [`await import('sluice')`, asked('openai')]) {
    const loaded = await loadedBy(code)
    const dialects = dialectsIn(loaded)
    expect(dialects).toContain('openai-chat')
    for (const dialect of further) expect(dialects).not.toContain(dialect)
    expect(loaded.filter((url) => url.includes('/aws4fetch/'))).toEqual([])
  }
})

test('what a provider speaks is loaded when it is asked', async () => {
  const loaded = dialectsIn(await loadedBy(asked('anthropic')))
  expect(loaded).toContain('anthropic-messages')
  expect(loaded).not.toContain('gemini-generate')
})

test('counting tokens loads the dialect that they are counted in', async () => {
  const loaded = dialectsIn(await loadedBy(asked('groq', 'countTokens')))
  expect(loaded).toContain('openai-input-tokens')
  expect(loaded).not.toContain('anthropic-messages')
  expect(loaded).not.toContain('gemini-generate')
})
