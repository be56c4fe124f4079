import * as fc from 'fast-check'
import { strategies } from 'sluice'
import { describe, expect, test } from 'vitest'
import type { Node } from './fleet.ts'
import { simulateTraffic, type Traffic, type TrafficReport } from './simulate-traffic.ts'
import { outage, recovery, standardFleet, summarize, within } from './standard-fleet.ts'

const names = [...strategies.keys()]
const withoutBreaker = { breaker: { enabled: false } }
const usual = { seconds: 60, requestsPerSecond: 40, seed: 7 } as const

function simulate(strategy: string, traffic: Partial<Traffic> = {}): Promise<TrafficReport> {
  return simulateTraffic({ nodes: standardFleet, route: { strategy }, ...usual, ...traffic })
}

describe.for(names)('eight targets that fail, hang and come and go: %s', (strategy) => {
  test('hardly a request fails, with a breaker and without', async () => {
    expect(summarize(await simulate(strategy)).success).toBeGreaterThanOrEqual(0.999)
    expect(summarize(await simulate(strategy, { routing: withoutBreaker })).success).toBeGreaterThanOrEqual(0.999)
  })
})

describe.for(names)('one of three targets is dead: %s', (strategy) => {
  const nodes: readonly Node[] = [
    { name: 'dead', latency: 50, price: 1, down: () => true },
    { name: 'alive', latency: 100, price: 2 },
    { name: 'well', latency: 100, price: 3 },
  ]

  test('nobody notices, and nothing but probes goes there once its circuit is open', async () => {
    const sent: string[] = []
    const probes: number[] = []
    const report = await simulate(strategy, {
      nodes,
      sent({ node, at }, circuit) {
        if (node !== 'dead') return
        sent.push(circuit)
        if (circuit === 'half-open') probes.push(at)
      },
    })
    expect(summarize(report).success).toBeGreaterThanOrEqual(0.999)
    expect(sent).toContain('closed')
    expect(sent).not.toContain('open')
    // At 5, 15 and 35 seconds after it opened.
    expect(probes.length).toBeLessThanOrEqual(4)
    // Once it is open, a request goes elsewhere at once, but for those that try it.
    const detours = within(report.outcomes, 30, 60).filter(({ asked }) => asked.length > 1)
    expect(detours.length).toBeLessThanOrEqual(2)
  })
})

test('a node that returns is used again, within the longest time that its circuit is open', async () => {
  for (const strategy of ['weighted', 'round-robin', 'least-busy', 'lowest-latency', 'sticky']) {
    const report = await simulate(strategy)
    expect(recovery(report, 'flapping', outage.to)).toBeLessThan(15)
    // Without a breaker it is asked all the time, and every such call is one more.
    const open = await simulate(strategy, { routing: withoutBreaker })
    expect(open.calls.length).toBeGreaterThan(report.calls.length)
  }
})

test('shares are as the weights say while all is well', async () => {
  const nodes = [1, 2, 3, 4, 1, 2, 3, 4].map((weight, index) => ({ name: `n${index}`, latency: 100, weight }))
  for (const strategy of ['weighted', 'round-robin', 'sticky']) {
    const { shares } = summarize(await simulate(strategy, { nodes }))
    for (const { name, weight } of nodes) {
      // Keys of sessions are few, so that their shares are as many as fall to a node.
      const tolerance = strategy === 'sticky' ? 0.06 : 0.03
      expect(Math.abs((shares.get(name) ?? 0) - weight / 20), `${strategy} ${name}`).toBeLessThan(tolerance)
    }
  }
})

test('the faster ones have more, and none is forgotten', async () => {
  const nodes = [100, 150, 200, 250, 300, 350, 400, 1000].map((latency, index) => ({ name: `n${index}`, latency }))
  const { shares } = summarize(await simulate('lowest-latency', { nodes }))
  expect(shares.get('n0')).toBeGreaterThan(0.18)
  expect(shares.get('n7')).toBeLessThan(0.05)
  for (const { name } of nodes) expect(shares.get(name) ?? 0, name).toBeGreaterThan(0)
})

test('whoever has more of its rate limit left has more, as the headers of its answers say', async () => {
  const nodes = [600, 1_200, 4_200].map((limit, index) => ({ name: `n${index}`, latency: 100, limit }))
  const { shares } = summarize(await simulate('usage-headroom', { nodes }))
  for (const { name, limit } of nodes)
    expect(Math.abs((shares.get(name) ?? 0) - limit / 6_000), name).toBeLessThan(0.03)
})

test.for(['weighted', 'round-robin', 'least-busy', 'lowest-latency'])(
  'with 5 %% of calls ten times as slow, hedging cuts the tail by more than half: %s',
  async (strategy) => {
    const nodes = ['a', 'b', 'c', 'd'].map((name) => ({ name, latency: 200, slow: 0.05 }))
    const many = { nodes, seconds: 120 }
    const without = summarize(await simulate(strategy, many))
    const hedged = summarize(await simulate(strategy, { ...many, route: { strategy, hedge: true } }))
    expect(hedged.percentile99).toBeLessThanOrEqual(without.percentile99 / 2)
    expect(hedged.extra).toBeLessThanOrEqual(0.05)
    expect(hedged.success).toBe(1)
  },
)

test('repeated calls never exceed the budget, however bad it is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        failures: fc.double({ min: 0.2, max: 1, noNaN: true }),
        targets: fc.integer({ min: 1, max: 3 }),
        share: fc.constantFrom(0, 0.1, 0.5),
        reserve: fc.constantFrom(0, 10),
        seed: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      async ({ failures, targets, share, reserve, seed }) => {
        const nodes = Array.from({ length: targets }, (_, index) => ({ name: `n${index}`, latency: 50, failures }))
        const report = await simulate('weighted', {
          nodes,
          seconds: 30,
          seed,
          maxRetries: 5,
          routing: { ...withoutBreaker, retry_share: share, retry_reserve: reserve },
        })
        const requests = report.outcomes.length
        const repeated = report.outcomes.reduce((sum, { asked }) => sum + asked.length - new Set(asked).size, 0)
        // The reserve is there at first, and comes back within a minute.
        expect(repeated).toBeLessThanOrEqual(reserve * 2 + share * requests)
      },
    ),
    { numRuns: 12 },
  )
})

test('the same seed gives the same traffic', async () => {
  expect(summarize(await simulate('lowest-latency'))).toEqual(summarize(await simulate('lowest-latency')))
})
