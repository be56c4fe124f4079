import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startSimulator } from '@sluice/simulator'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scenarioConfig, scenarios } from '../library/scenarios.ts'
import { startTestGateway } from '../start-test-gateway.ts'
import type { Outcomes, Peer } from './run-scenarios.ts'
import { type Runtime, runtimes } from './runtimes.ts'

interface World {
  readonly peer: Peer
  close(): Promise<void>
}

/** Who answers. */
const ways: Readonly<Record<string, () => Promise<World>>> = {
  async 'in process'() {
    const simulator = await startSimulator({ models: ['small', 'large'], cors: true })
    return { peer: { simulator: simulator.url }, close: () => simulator.close() }
  },
  async 'by a gateway'() {
    const simulator = await startSimulator({ models: ['small', 'large'] })
    const { providers, ...config } = scenarioConfig(simulator.url)
    const world = await startTestGateway({
      // Of a page nobody knows the port before it is served.
      config: { ...config, server: { keys: ['caller-key'], cors: { origins: '*' } } },
      providers: () => providers ?? {},
    })
    return {
      peer: { gateway: world.gateway.url, apiKey: 'caller-key' },
      async close() {
        await simulator.close()
        await world.close()
      },
    }
  },
}

const runs = Object.entries(runtimes).flatMap(([name, runtime]) =>
  Object.entries(ways).map(([way, start]) => ({
    title: `${name}, ${way}${runtime.program === undefined ? ' (not installed: npm test does it, with the network)' : ''}`,
    runtime,
    start,
  })),
)

const folder = mkdtempSync(join(tmpdir(), 'sluice-runtimes-'))
const bundles = new Map<Runtime['entry'], Promise<string>>()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(runs)('$title', ({ runtime, start }) => {
  // On CI nothing is left out: there it fails.
  describe.skipIf(runtime.program === undefined && process.env['CI'] === undefined)('scenarios', () => {
    let outcomes: Outcomes
    beforeAll(async () => {
      const world = await start()
      try {
        outcomes = await runtime.run(await bundle(runtime.entry), world.peer)
      } finally {
        await world.close()
      }
    }, 90_000)

    test.each(scenarios.map((scenario) => scenario.name))('%s', (scenario) => {
      expect(outcomes.failures[scenario]).toBeNull()
    })

    test('no rejection was left unhandled', () => {
      expect(outcomes.unhandled).toEqual([])
    })
  })
})

/** By Vite, as an application would be; once for every runtime that loads the same. */
function bundle(entry: Runtime['entry']): Promise<string> {
  const known = bundles.get(entry)
  if (known !== undefined) return known
  const made = buildEntry(entry)
  bundles.set(entry, made)
  return made
}

async function buildEntry(entry: Runtime['entry']): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['sluice-source', 'import', 'module', 'default'] },
    build: {
      outDir: join(folder, entry),
      target: 'esnext',
      minify: false,
      lib: { entry: join(import.meta.dirname, `${entry}.ts`), formats: ['es'], fileName: () => 'bundle.mjs' },
      rollupOptions: { external: [/^node:/], output: { codeSplitting: false } },
    },
  })
  return join(folder, entry, 'bundle.mjs')
}
