import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startTestGateway } from './start-test-gateway.ts'
import { startWorkers } from './workers/start-workers.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-failed-'))
  vi.stubEnv('TMPDIR', folder)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

it.each([
  ['of a configuration that is wrong', { server: { port: -1 } }],
  ['of a listener that it may not open', { server: { host: '203.0.113.1', insecure: true } }],
])('leaves neither simulator nor folder where the gateway does not start because %s', async (_, config) => {
  await expect(startTestGateway({ config })).rejects.toThrow(/port|EADDRNOTAVAIL/)
  expect(readdirSync(folder)).toEqual([])
  await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('TCPServerWrap')
})

it('leaves neither simulator nor folder where workers do not start', async () => {
  await expect(startWorkers('', { SLUICE_PORT: '99999' })).rejects.toThrow('serve ended before it listened')
  expect(readdirSync(folder)).toEqual([])
  await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('TCPServerWrap')
})
