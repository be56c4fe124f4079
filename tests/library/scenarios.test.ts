import { startSimulator } from '@sluice/simulator'
import { createSluice, type Sluice } from 'sluice'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway } from '../start-test-gateway.ts'
import { scenarioConfig, scenarios } from './scenarios.ts'

/** Each way to be answered, and what ends it. */
const ways: Readonly<Record<string, () => Promise<{ open(): Sluice; close(): Promise<void> }>>> = {
  async 'in process'() {
    const simulator = await startSimulator({ models: ['small', 'large'] })
    return {
      open: () => createSluice(scenarioConfig(simulator.url), { environment: {} }),
      close: () => simulator.close(),
    }
  },
  async 'by a gateway'() {
    const simulator = await startSimulator({ models: ['small', 'large'] })
    const { providers, ...config } = scenarioConfig(simulator.url)
    const world = await startTestGateway({
      config: { ...config, server: { keys: ['caller-key'] } },
      providers: () => providers ?? {},
    })
    return {
      open: () => createSluice({ gateway: world.gateway.url, apiKey: 'caller-key' }),
      async close() {
        await simulator.close()
        await world.close()
      },
    }
  },
}

const unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => void unhandled.push(reason)

describe.each(Object.entries(ways))('%s', (_way, start) => {
  let world: Awaited<ReturnType<typeof start>>
  let sluice: Sluice
  beforeAll(async () => {
    process.on('unhandledRejection', onUnhandled)
    world = await start()
    sluice = world.open()
  })
  afterAll(async () => {
    await sluice.close()
    await world.close()
    process.off('unhandledRejection', onUnhandled)
  })

  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_name, { run }) => {
    await expect(run(sluice, world.open)).resolves.toBeUndefined()
  })

  test('no rejection was left unhandled', () => {
    expect(unhandled).toEqual([])
  })
})
