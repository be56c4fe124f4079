import { pino } from 'pino'
import { buildConfig, type ConfigInput, providers as presets } from 'sluice'
import { expect, test } from 'vitest'
import { startGateway } from './compose.ts'

async function providersOf(input: ConfigInput): Promise<string[]> {
  const config = buildConfig({ presets, input: { server: { port: 0 }, ...input } })
  const gateway = await startGateway(config, { logger: pino({ level: 'silent' }) })
  await gateway.close()
  return gateway.config.providers.map(({ id }) => id)
}

test('the demo is there unless it is switched off', async () => {
  expect(await providersOf({})).toEqual(['demo'])
  expect(await providersOf({ providers: { demo: { enabled: false } } })).toEqual([])
  expect(await providersOf({ providers: { demo: { enabled: true, config: { enabled: false } } } })).toEqual([])
})
