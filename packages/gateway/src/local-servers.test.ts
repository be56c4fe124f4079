import { startSimulator, type Simulator } from '@sluice/simulator'
import { buildConfig, type Config, createFetchTransport, type Provider, providers } from 'sluice'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withLocalServers } from './local-servers.ts'

let simulator: Simulator
let presets: readonly Provider[]

beforeAll(async () => {
  simulator = await startSimulator({ models: ['llama'] })
  // Ollama's usual port, as it were.
  presets = providers.map((preset) =>
    preset.local === true
      ? { ...preset, baseUrl: preset.id === 'ollama' ? simulator.url : 'http://127.0.0.1:9/v1' }
      : preset,
  )
})
afterAll(() => simulator.close())

function configOf(input: Parameters<typeof buildConfig>[0]['input']): Config {
  return buildConfig({ presets, input, environment: {} })
}

test('what is found serves every name where nothing else is configured', async () => {
  const config = await withLocalServers(configOf({}), presets, createFetchTransport())
  expect(config.providers.map(({ id }) => id)).toEqual(['ollama'])
  expect(config.defaultProvider).toBe('ollama')
})

test('what is configured stays the default', async () => {
  const written = configOf({ providers: { lab: { type: 'openai_compatible', base_url: 'http://127.0.0.1:9/v1' } } })
  const config = await withLocalServers(written, presets, createFetchTransport())
  expect(config.providers.map(({ id }) => id)).toEqual(['lab', 'ollama'])
  expect(config.defaultProvider).toBe('lab')
})

test('a server that is switched off is not looked for', async () => {
  const written = configOf({ providers: { ollama: { enabled: false } } })
  expect((await withLocalServers(written, presets, createFetchTransport())).providers).toEqual([])
})
