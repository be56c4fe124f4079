import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

test('a gateway without URLs loads no client of PostgreSQL or Redis', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-embedded-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const script = `
    import { createRequire } from 'node:module'
    import { startGateway } from '@sluice/gateway'
    import { pino } from 'pino'
    import { buildConfig, providers as presets } from 'sluice'
    const input = { server: { port: 0, find_local_servers: false, data_dir: ${JSON.stringify(folder)} } }
    const gateway = await startGateway(buildConfig({ presets, input }), { logger: pino({ level: 'silent' }) })
    await (await fetch(gateway.url + '/v1/files')).text()
    await gateway.close()
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    console.log(JSON.stringify(loaded.filter((path) => /node_modules.(pg|@redis)./.test(path))))`
  const words = ['--conditions=sluice-source', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: import.meta.dirname })
  expect(JSON.parse(stdout)).toEqual([])
})
