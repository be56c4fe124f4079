import type { Node } from './fleet.ts'
import type { Outcome, TrafficReport } from './simulate-traffic.ts'

/** When the last node of the standard fleet is dead, in seconds. */
export const outage = { from: 10, to: 25 } as const

/** Eight targets with all that happens to targets. */
export const standardFleet: readonly Node[] = [
  { name: 'fast', latency: 120, price: 4, limit: 3_000 },
  { name: 'heavy', latency: 150, price: 3, weight: 3, limit: 6_000 },
  { name: 'cheap', latency: 250, price: 0.5, limit: 1_000 },
  { name: 'plain', latency: 200, price: 2 },
  { name: 'faulty', latency: 180, price: 2, failures: 0.03 },
  { name: 'hanging', latency: 200, price: 1, slow: 0.05 },
  { name: 'slow', latency: 900, price: 1 },
  // Down for five seconds of every twenty, and for a while.
  { name: 'flapping', latency: 160, price: 2, down: isDown },
]

function isDown(second: number): boolean {
  return (second >= outage.from && second < outage.to) || (second > outage.to + 5 && second % 20 >= 15)
}

export interface TrafficSummary {
  readonly success: number
  /** Share of the requests that each node answered. */
  readonly shares: ReadonlyMap<string, number>
  /** Calls beyond one for each request, as a share of the requests. */
  readonly extra: number
  /** Milliseconds to the first token. */
  readonly median: number
  readonly percentile99: number
}

export function summarize({ outcomes, calls }: TrafficReport): TrafficSummary {
  const answered = outcomes.filter(({ node }) => node !== undefined)
  const shares = new Map<string, number>()
  for (const { node } of answered) shares.set(node!, (shares.get(node!) ?? 0) + 1 / outcomes.length)
  const times = answered.map(({ took }) => took).toSorted((left, right) => left - right)
  return {
    success: answered.length / outcomes.length,
    shares,
    extra: calls.length / outcomes.length - 1,
    median: times[Math.floor(times.length * 0.5)] ?? Number.NaN,
    percentile99: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
  }
}

/** Seconds from a node's return until it answers again; `undefined` when it does not. */
export function recovery({ calls }: TrafficReport, node: string, returned: number): number | undefined {
  const first = calls.find((call) => call.node === node && call.at >= returned && !call.failed)
  return first === undefined ? undefined : first.at - returned
}

/** Of requests that came within some time. */
export function within(outcomes: readonly Outcome[], from: number, to: number): readonly Outcome[] {
  return outcomes.filter(({ at }) => at >= from && at < to)
}
