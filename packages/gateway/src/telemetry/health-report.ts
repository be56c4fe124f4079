import type { ConfiguredProvider, ProviderHealth, TargetState } from 'sluice'
import type { CallSummary } from './rolling-calls.ts'

/** `unknown`: nobody asked it lately. */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

/** How everything that answers here is, by its own traffic of the last minutes. */
export interface HealthReport {
  readonly status: HealthStatus
  readonly providers: readonly ProviderReport[]
}

export interface ProviderReport {
  readonly id: string
  readonly name: string
  readonly status: HealthStatus
  /** Why it is not healthy, for people. */
  readonly reasons: readonly string[]
  readonly calls: number
  /** 0 to 1; `null` without calls. */
  readonly success_rate: number | null
  /** What it said when it was asked last, if no call ended since. */
  readonly probe: ProviderHealth | null
  readonly targets: readonly TargetReport[]
}

export interface TargetReport {
  /** `provider/model`. */
  readonly id: string
  readonly available: boolean
  readonly circuit: 'closed' | 'open' | 'half-open'
  /** Why it may not be called now. */
  readonly reason: string | null
  /** In what way it is worse than it usually is. */
  readonly degraded: readonly string[]
  readonly active: number
  /** Requests that wait for a place. */
  readonly waiting: number
  /** Decayed means; `null` before the first answer. */
  readonly time_to_first_token_ms: number | null
}

/** Fewer calls say nothing. */
const fewestCalls = 5
const unhealthyBelow = 0.5
const degradedBelow = 0.95

export function reportHealth(
  providers: readonly ConfiguredProvider[],
  states: Iterable<TargetState>,
  summaries: readonly (CallSummary & { readonly provider: string })[],
  probeOf: (provider: string) => ProviderHealth | undefined,
  now: number,
): HealthReport {
  const all = [...states]
  const reports = providers.map((provider) => {
    const targets = all.filter((state) => wasCalled(state) && state.id.startsWith(`${provider.id}/`))
    return reportProvider(
      provider,
      targets.map((state) => reportTarget(state, now)),
      summaries.find((summary) => summary.provider === provider.id),
      probeOf(provider.id),
    )
  })
  return { status: overall(reports), providers: reports }
}

function reportProvider(
  { id, name }: ConfiguredProvider,
  targets: readonly TargetReport[],
  summary: CallSummary | undefined,
  probe: ProviderHealth | undefined,
): ProviderReport {
  const calls = summary?.calls ?? 0
  const rate = summary?.success_rate ?? null
  const judged = (summary?.succeeded ?? 0) + (summary?.failed ?? 0) >= fewestCalls ? rate : null
  const shut = targets.filter(({ available }) => !available)
  const reasons = shut.map((target) => `${target.id}: ${target.reason ?? 'may not be called now'}`)
  if (judged !== null && judged < degradedBelow) reasons.push(`${percent(judged)} of recent calls succeeded`)
  for (const target of targets) reasons.push(...target.degraded.map((reason) => `${target.id}: ${reason}`))
  if (probe?.reason !== undefined && probe.state !== 'unknown') reasons.push(probe.reason)
  const refused = targets.length === 0 && (probe?.state === 'unauthorized' || probe?.state === 'unreachable')
  const unhealthy =
    refused || (shut.length > 0 && shut.length === targets.length) || (judged !== null && judged < unhealthyBelow)
  const well = calls > 0 || probe?.state === 'healthy' ? 'healthy' : 'unknown'
  const status = unhealthy ? 'unhealthy' : reasons.length > 0 ? 'degraded' : well
  return { id, name, status, reasons, calls, success_rate: rate, probe: probe ?? null, targets }
}

function reportTarget(state: TargetState, now: number): TargetReport {
  const available = state.available(now)
  return {
    id: state.id,
    available,
    circuit: state.guard?.describe?.(now).state ?? 'closed',
    reason: available ? null : (state.unavailability(now) ?? null),
    degraded: state.degradation?.reasons(now) ?? [],
    active: state.active,
    waiting: state.limit?.waiting ?? 0,
    time_to_first_token_ms: state.firstByte === undefined ? null : Math.round(state.firstByte * 100) / 100,
  }
}

/** As bad as it is for callers: one that is well may stand in for others. */
function overall(reports: readonly ProviderReport[]): HealthStatus {
  const known = reports.filter(({ status }) => status !== 'unknown')
  if (known.length === 0) return 'unknown'
  if (known.every(({ status }) => status === 'unhealthy')) return 'unhealthy'
  return known.every(({ status }) => status === 'healthy') ? 'healthy' : 'degraded'
}

function wasCalled({ successes, failures, active }: TargetState): boolean {
  return successes + failures + active > 0
}

function percent(rate: number): string {
  return `${Math.round(rate * 1000) / 10} %`
}
