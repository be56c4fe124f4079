import type { ConfiguredProvider } from '../config/config.ts'
import type { ProviderHealth } from '../provider-kit/check-health.ts'
import { type TargetState, unavailability } from '../routing/target-state.ts'

/** `unknown`: nobody asked it lately. */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

/** How everything that answers here is, by its own traffic. */
export interface HealthReport {
  readonly status: HealthStatus
  readonly providers: readonly ProviderHealthReport[]
}

/** One provider, and those of its targets that were called. */
export interface ProviderHealthReport {
  readonly id: string
  readonly name: string
  readonly status: HealthStatus
  /** Why it is not healthy, for people. */
  readonly reasons: readonly string[]
  readonly calls: number
  /** 0 to 1; `null` without calls. */
  readonly successRate: number | null
  /** What it said when it was asked last, where somebody asks and no call ended since. */
  readonly probe: ProviderHealth | null
  readonly targets: readonly TargetHealth[]
}

/** A provider's model, as its calls went. */
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

/** What a report of health is made from. */
export interface HealthSources {
  readonly providers: readonly ConfiguredProvider[]
  readonly states: Iterable<TargetState>
  /** In place of `states`, as somebody else tells them. */
  readonly targets?: readonly TargetHealth[]
  /** On the clock of `performance.now`. */
  readonly now: number
  /** What is known of a provider's calls by its id; default: all since the start. */
  readonly callsOf?: (provider: string) => ProviderCalls | undefined
  readonly probeOf?: (provider: string) => ProviderHealth | undefined
}

/** What became of the calls of a provider. */
export interface ProviderCalls {
  readonly calls: number
  readonly succeeded: number
  readonly failed: number
}

/** What is known of the providers and their targets, by the calls made so far. */
export function reportHealth(sources: HealthSources): HealthReport {
  const { providers, states, now, callsOf, probeOf } = sources
  const known = [...states]
  const all = sources.targets ?? reportTargets(known, now)
  const reports = providers.map((provider) => {
    const isOwn = ({ id }: { readonly id: string }): boolean => id.startsWith(`${provider.id}/`)
    const calls = callsOf === undefined ? sumOf(known.filter(isOwn)) : (callsOf(provider.id) ?? none)
    return reportProvider(provider, all.filter(isOwn), calls, probeOf?.(provider.id))
  })
  return { status: overall(reports), providers: reports }
}

/** Those that were called. */
export function reportTargets(states: Iterable<TargetState>, now: number): readonly TargetHealth[] {
  const called = [...states].filter(({ successes, failures, active }) => successes + failures + active > 0)
  return called.map((state) => reportTarget(state, now))
}

const none: ProviderCalls = Object.freeze({ calls: 0, succeeded: 0, failed: 0 })

function sumOf(states: readonly TargetState[]): ProviderCalls {
  let succeeded = 0
  let failed = 0
  for (const state of states) {
    succeeded += state.successes
    failed += state.failures
  }
  return { calls: succeeded + failed, succeeded, failed }
}

function reportProvider(
  { id, name }: ConfiguredProvider,
  targets: readonly TargetHealth[],
  { calls, succeeded, failed }: ProviderCalls,
  probe: ProviderHealth | undefined,
): ProviderHealthReport {
  const ended = succeeded + failed
  const successRate = ended === 0 ? null : succeeded / ended
  const judged = ended >= fewestCalls ? successRate : null
  const shut = targets.filter(({ available }) => !available)
  const reasons = shut.map((target) => `${target.id}: ${target.reason ?? 'may not be called now'}`)
  if (judged !== null && judged < degradedBelow) reasons.push(`${percent(judged)} of recent calls succeeded`)
  for (const { id: target, degraded } of targets) reasons.push(...degraded.map((reason) => `${target}: ${reason}`))
  if (probe?.reason !== undefined && probe.state !== 'unknown') reasons.push(probe.reason)
  const refused = targets.length === 0 && (probe?.state === 'unauthorized' || probe?.state === 'unreachable')
  const unhealthy =
    refused || (shut.length > 0 && shut.length === targets.length) || (judged !== null && judged < unhealthyBelow)
  const well = calls > 0 || probe?.state === 'healthy' ? 'healthy' : 'unknown'
  const status = unhealthy ? 'unhealthy' : reasons.length > 0 ? 'degraded' : well
  return { id, name, status, reasons, calls, successRate, probe: probe ?? null, targets }
}

function reportTarget(state: TargetState, now: number): TargetHealth {
  const available = state.available(now)
  return {
    id: state.id,
    available,
    circuit: state.guard?.describe?.(now).state ?? 'closed',
    reason: available ? null : (unavailability(state, now) ?? null),
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

function percent(rate: number): string {
  return `${Math.round(rate * 1000) / 10} %`
}
