import { expect, it } from 'vitest'
import type { ConfiguredProvider } from '../config/config.ts'
import { type HealthStatus, reportHealth } from './health-report.ts'

const lab = { id: 'lab', name: 'Lab' } as ConfiguredProvider

it.each<[succeeded: number, failed: number, HealthStatus]>([
  [0, 0, 'unknown'],
  [0, 4, 'healthy'],
  [0, 5, 'unhealthy'],
  [49, 51, 'unhealthy'],
  [50, 50, 'degraded'],
  [94, 6, 'degraded'],
  [95, 5, 'healthy'],
])('%i good calls and %i failed ones are %s', (succeeded, failed, status) => {
  const calls = succeeded + failed
  const { providers, ...report } = reportHealth({
    providers: [lab],
    states: [],
    now: 0,
    callsOf: () => ({ calls, succeeded, failed }),
  })
  expect([report.status, providers.map((one) => one.status)]).toEqual([status, [status]])
  expect(providers[0]?.successRate).toBe(calls === 0 ? null : succeeded / calls)
})
