/**
 * `npm run bench:strategies -- [minutes]`: the strategies on the same simulated fleet of eight, in virtual time, and what
 * a choice among eight costs. The fleet: a fast target, one with three times the weight, a cheap, a plain, one of
 * which 3 % of calls fail, one of which 5 % take ten times as long, a slow one, and one that is down for 15 seconds and
 * then for 5 of every 20.
 */
import { cpus } from 'node:os'
import { openaiChat } from '@sluice/protocol'
import { buildConfig, composeEngine, providers, strategies } from 'sluice'
import { configOf, fleetExchange, simulateTraffic, type Traffic } from '../tests/fleets/simulate-traffic.ts'
import {
  outage,
  recovery,
  standardFleet,
  summarize,
  type TrafficSummary,
  within,
} from '../tests/fleets/standard-fleet.ts'

const minutes = Number(process.argv[2] ?? 5)
const usual = { seconds: minutes * 60, requestsPerSecond: 40, seed: 42 } as const
const withoutBreaker = { breaker: { enabled: false } }
const names = [...strategies.keys()]

const percent = (share: number, digits = 1): string => (share * 100).toFixed(digits)
const row = (cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`)

function simulate(strategy: string, traffic: Partial<Traffic> = {}): ReturnType<typeof simulateTraffic> {
  return simulateTraffic({ nodes: standardFleet, route: { strategy }, ...usual, ...traffic })
}

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`)
console.log(`\n${(usual.seconds * usual.requestsPerSecond).toLocaleString('en')} requests each, seed ${usual.seed}.\n`)

const heads = [
  'success %',
  'extra calls %',
  'extra without breaker %',
  'TTFT p50 ms',
  'p99 ms',
  'back after s',
  'µs a choice',
]
row(['strategy', ...heads, ...standardFleet.map(({ name }) => `${name} %`)])
row(Array.from({ length: heads.length + 1 + standardFleet.length }, () => '---'))
for (const name of names) {
  const report = await simulate(name)
  const { success, extra, median, percentile99, shares } = summarize(report)
  const unguarded = summarize(await simulate(name, { routing: withoutBreaker }))
  const back = recovery(report, 'flapping', outage.to)
  row([
    name,
    percent(success, 3),
    percent(extra),
    percent(unguarded.extra),
    median.toFixed(0),
    percentile99.toFixed(0),
    back === undefined || back > usual.seconds / 2 ? '–' : back.toFixed(1),
    choiceCost(name).toFixed(2),
    ...standardFleet.map((node) => percent(shares.get(node.name) ?? 0)),
  ])
}

console.log('\nOne of three targets dead:\n')
row(['strategy', 'success %', 'calls to it', 'after its circuit opened', 'requests that noticed, from second 30 on'])
row(['---', '---', '---', '---', '---'])
for (const name of names) {
  const circuits: string[] = []
  const report = await simulate(name, {
    nodes: [
      { name: 'dead', latency: 50, price: 1, down: () => true },
      { name: 'alive', latency: 100, price: 2 },
      { name: 'well', latency: 100, price: 3 },
    ],
    sent: ({ node }, circuit) => {
      if (node === 'dead') circuits.push(circuit)
    },
  })
  const detours = within(report.outcomes, 30, usual.seconds).filter(({ asked }) => asked.length > 1)
  const open = circuits.filter((circuit) => circuit === 'open').length
  const probes = circuits.filter((circuit) => circuit === 'half-open').length
  row([name, percent(summarize(report).success, 3), circuits.length, `${open}, and ${probes} probes`, detours.length])
}

console.log('\n5 % of calls ten times as slow, at each of four targets; hedging with a delay that is learned:\n')
row(['strategy', 'p99 ms', 'hedged', 'of it %', 'extra calls %'])
row(['---', '---', '---', '---', '---'])
for (const name of names) {
  const nodes = ['a', 'b', 'c', 'd'].map((node) => ({ name: node, latency: 200, slow: 0.05 }))
  const of = async (hedge: boolean): Promise<TrafficSummary> =>
    summarize(await simulate(name, { nodes, route: { strategy: name, hedge } }))
  const [plain, hedged] = [await of(false), await of(true)]
  row([
    name,
    plain.percentile99.toFixed(0),
    hedged.percentile99.toFixed(0),
    percent(hedged.percentile99 / plain.percentile99, 0),
    percent(hedged.extra, 2),
  ])
}

/** Microseconds of processor time for a choice among eight, by the route's own way of choosing. */
function choiceCost(strategy: string): number {
  const input = configOf({ nodes: standardFleet, route: { strategy } })
  const nobody = { send: () => ({ pause: nothing, resume: nothing, cancel: nothing }), close: () => Promise.resolve() }
  const engine = composeEngine(buildConfig({ presets: providers, input }), providers, nobody)
  const route = engine.routeFinder(openaiChat)('smart')
  for (const [index, state] of [...engine.states.all()].entries()) {
    state.answered(100 + 10 * index)
    state.active = index % 3
    state.throughput = 20 + index
    state.headroom = 0.9 - index / 20
  }
  const time = (): number => {
    // Each request is chosen for once, as it is in a gateway.
    const exchanges = Array.from({ length: 20_000 }, (_, index) => fleetExchange(index))
    const before = process.cpuUsage()
    for (const exchange of exchanges)
      if (engine.pick(exchange, route) === undefined) throw new Error('nobody was chosen')
    const { user, system } = process.cpuUsage(before)
    return (user + system) / exchanges.length
  }
  for (let warmUp = 0; warmUp < 3; warmUp++) time()
  return Array.from({ length: 9 }, time).toSorted((left, right) => left - right)[4]!
}

function nothing(): void {
  // Nobody answers here.
}
