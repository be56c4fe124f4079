import { buildConfig, composeEngine, type ConfiguredProvider, providers as presets, type ProviderHealth } from 'sluice'
import { afterEach, expect, test } from 'vitest'
import { createProbes, type Probes } from './probes.ts'

let probes: Probes
afterEach(() => probes.close())

function setUp(health: ProviderHealth, count = 1) {
  const ids = Array.from({ length: count }, (_, index) => `lab-${index}`)
  const lab = { type: 'openai_compatible', base_url: 'http://127.0.0.1:9/v1', api_key: 'key' }
  const config = buildConfig({
    presets,
    input: {
      providers: Object.fromEntries(ids.map((id) => [id, lab])),
      routing: { breaker: { consecutive_failures: 1, open_for: 60 } },
    },
  })
  const { states } = composeEngine(config, presets, {
    send: () => expect.fail('nobody is called'),
    close: async () => {},
  })
  const asked: string[] = []
  let [atOnce, most] = [0, 0]
  probes = createProbes({
    providers: config.providers,
    states,
    interval: 0,
    idle: () => false,
    async check({ id }: ConfiguredProvider) {
      asked.push(id)
      most = Math.max(most, ++atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      atOnce--
      return health
    },
    found: () => {},
    now: () => 2_000,
  })
  const end = (id: string, outcome: 'ok' | 'failed'): void => {
    const state = states.of(`${id}/small`)
    state.begin(1_000)
    state.end({ outcome, error: undefined, firstByte: 1, streamed: 0, bytes: 1, startedAt: 1_000, now: 1_000 })
  }
  return { states, asked, ids, end, most: () => most }
}

test('only those with an open circuit are asked; a good answer lets one call try the target, and closes nothing', async () => {
  const { states, asked, end } = setUp({ state: 'healthy' }, 2)
  end('lab-0', 'failed')
  end('lab-1', 'ok')
  const state = states.of('lab-0/small')
  expect(state.available(2_000)).toBe(false)
  await probes.look()
  expect(asked).toEqual(['lab-0'])
  expect(state.guard?.describe?.(2_000).state).toBe('half-open')
  expect(state.available(2_000)).toBe(true)
  state.begin(2_000)
  expect(state.available(2_000)).toBe(false)
})

test('a bad answer says why, until a call ends', async () => {
  const { states, end } = setUp({ state: 'unauthorized', reason: 'The provider refused the key (status 401).' })
  end('lab-0', 'failed')
  await probes.look()
  expect(states.of('lab-0/small').available(2_000)).toBe(false)
  expect(probes.finding('lab-0')?.state).toBe('unauthorized')
  end('lab-0', 'ok')
  expect(probes.finding('lab-0')).toBeUndefined()
})

test('every one of many is asked, three at a time', async () => {
  const { asked, ids, end, most } = setUp({ state: 'unreachable' }, 10)
  for (const id of ids) end(id, 'failed')
  await Promise.all([probes.look(), probes.look()])
  expect(asked.toSorted()).toEqual(ids)
  expect(most()).toBe(3)
})
