import type { ConfiguredProvider } from '../config/config.ts'
import type { TargetState } from '../routing/target-state.ts'

/** `unknown`: nobody asked it yet. */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

/** How everything that answers here is, by its own traffic. */
export interface HealthReport {
  readonly status: HealthStatus
  readonly providers: readonly ProviderHealthReport[]
}

export interface ProviderHealthReport {
  readonly id: string
  readonly name: string
  readonly status: HealthStatus
  /** Why it is not healthy, for people. */
  readonly reasons: readonly string[]
  readonly calls: number
  /** 0 to 1; `null` without calls. */
  readonly successRate: number | null
  readonly targets: readonly TargetHealth[]
}

export interface TargetHealth {
  /** `provider/model`. */
  readonly id: string
  readonly available: boolean
  readonly circuit: 'closed' | 'open' | 'half-open'
  /** Why it may not be called now; `null` when it may. */
  readonly reason: string | null
  /** In what way it is worse than it usually is, for people. */
  readonly degraded: readonly string[]
  /** Calls under way. */
  readonly active: number
  /** Requests that wait for a place. */
  readonly waiting: number
  /** Milliseconds, a decayed mean; `null` before the first answer. */
  readonly timeToFirstToken: number | null
}

const degradedBelow = 0.95
const unhealthyBelow = 0.5
/** Fewer calls say nothing. */
const fewestCalls = 5

export function reportHealth(
  providers: readonly ConfiguredProvider[],
  states: Iterable<TargetState>,
  now: number,
): HealthReport {
  const called = [...states].filter(({ successes, failures, active }) => successes + failures + active > 0)
  const reports = providers.map(({ id, name }) =>
    reportProvider(
      id,
      name,
      called.filter((state) => state.id.startsWith(`${id}/`)),
      now,
    ),
  )
  return { status: overall(reports), providers: reports }
}

function reportProvider(id: string, name: string, states: readonly TargetState[], now: number): ProviderHealthReport {
  let failures = 0
  let calls = 0
  for (const state of states) {
    failures += state.failures
    calls += state.successes + state.failures
  }
  const successRate = calls === 0 ? null : (calls - failures) / calls
  const judged = calls >= fewestCalls ? successRate : null
  const targets = states.map((state) => reportTarget(state, now))
  const shut = targets.filter(({ available }) => !available)
  const reasons = shut.map((target) => `${target.id}: ${target.reason ?? 'may not be called now'}`)
  if (judged !== null && judged < degradedBelow) reasons.push(`${Math.round(judged * 1000) / 10} % of calls succeeded`)
  for (const { id, degraded } of targets) reasons.push(...degraded.map((reason) => `${id}: ${reason}`))
  const unhealthy = (shut.length > 0 && shut.length === targets.length) || (judged !== null && judged < unhealthyBelow)
  const status = unhealthy ? 'unhealthy' : reasons.length > 0 ? 'degraded' : calls > 0 ? 'healthy' : 'unknown'
  return { id, name, status, reasons, calls, successRate, targets }
}

function reportTarget(state: TargetState, now: number): TargetHealth {
  const available = state.available(now)
  return {
    id: state.id,
    available,
    circuit: state.guard?.describe?.(now).state ?? 'closed',
    reason: available ? null : (state.unavailability(now) ?? null),
    degraded: state.degradation?.reasons(now) ?? [],
    active: state.active,
    waiting: state.limit?.waiting ?? 0,
    timeToFirstToken: state.firstByte === undefined ? null : Math.round(state.firstByte * 100) / 100,
  }
}

/** As bad as it is for callers: one that is well may stand in for others. */
function overall(reports: readonly ProviderHealthReport[]): HealthStatus {
  const known = reports.filter(({ status }) => status !== 'unknown')
  if (known.length === 0) return 'unknown'
  if (known.every(({ status }) => status === 'unhealthy')) return 'unhealthy'
  return known.every(({ status }) => status === 'healthy') ? 'healthy' : 'degraded'
}
