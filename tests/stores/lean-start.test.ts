import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServe } from '../start-serve.ts'

/** The files that a gateway has loaded when it listens, and of which nobody has asked anything. */
async function loadedAtStart(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-lean-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  // Node writes down at its end what it ran.
  const gateway = await startServe({ NODE_V8_COVERAGE: folder })
  await gateway[Symbol.asyncDispose]()
  const [report = ''] = await readdir(folder)
  const { result } = JSON.parse(await readFile(join(folder, report), 'utf8')) as { result: { url: string }[] }
  return result.map(({ url }) => url)
}

test('a start loads nothing of stores, sign-in and the admin API before it is asked for', async () => {
  const loaded = await loadedAtStart()
  const packages = new Set(loaded.map((url) => /\/node_modules\/((@[^/]+\/)?[^/]+)\//.exec(url)?.[1]))
  expect(packages).toContain('undici')
  for (const late of ['kysely', 'pg', 'redis', '@redis/client', 'jose', 'openid-client', 'mustache'])
    expect(packages).not.toContain(late)
})
