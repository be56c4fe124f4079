import { startSimulator } from '@sluice/simulator'
import { afterAll, afterEach, expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import type { ConfiguredProvider } from '../config/config.ts'
import { providers as presets } from '../providers.generated.ts'
import { createFetchTransport } from '../transport/fetch.ts'
import { fetchModels } from './fetch-models.ts'

const simulator = await startSimulator({ models: ['small', 'large'], apiKey: 'right' })
const transport = createFetchTransport()

afterEach(() => simulator.reset())
afterAll(() => simulator.close())

function labWith(key: string): ConfiguredProvider {
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: key }
  const [provider] = buildConfig({ presets, input: { providers: { lab } } }).providers
  if (provider === undefined) throw new Error('the config has no provider')
  return provider
}

it('asks the provider with its key', async () => {
  expect(await fetchModels(labWith('right'), transport)).toMatchObject({ data: [{ id: 'small' }, { id: 'large' }] })
})

it('says why there is no list, without the key', async () => {
  await expect(fetchModels(labWith('wrong'), transport)).rejects.toMatchObject({
    code: 'upstream_authentication_failed',
    message: expect.not.stringContaining('wrong'),
  })
  simulator.next({ on: 'models', fault: { kind: 'status', status: 500 } }, { on: 'models', fault: { kind: 'html' } })
  await expect(fetchModels(labWith('right'), transport)).rejects.toMatchObject({ code: 'upstream_error' })
  await expect(fetchModels(labWith('right'), transport)).rejects.toMatchObject({ code: 'upstream_invalid_response' })
})
