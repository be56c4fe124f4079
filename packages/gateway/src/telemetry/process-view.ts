import { type Engine, type ProviderHealth, reportTargets, type TargetHealth } from 'sluice'
import type { HealthEvent, HealthWatch } from '../health/health-watch.ts'
import type { Probes } from '../health/probes.ts'
import type { LedgerStatus } from '../ledger/ledger-status.ts'
import type { LimitsStatus } from '../limits/compose-limits.ts'
import type { Failure, Metrics, ModelCalls } from './metrics.ts'
import { sumWindows } from './rolling-calls.ts'
import type { SeriesFigures } from './series.ts'
import type { Trace, TraceBook } from './trace-book.ts'

/** What one process has seen. All of it is data, so that another process can be told. */
export interface ProcessView {
  /** Of the last minutes. */
  calls(): readonly ModelCalls[]
  /** The latest first. */
  failures(): readonly Failure[]
  /** The latest first. */
  events(): readonly HealthEvent[]
  /** How it is now. */
  state(): ProcessState
  /** What only grows. */
  totals(): ProcessTotals
  /** Of a request of this caller's own. */
  trace(asked: TraceQuestion): Trace | undefined
}

export interface TraceQuestion {
  readonly requestId: string
  readonly principal: string
}

export interface ProcessState {
  /** Those that were called. */
  readonly targets: readonly TargetHealth[]
  /** The last finding on a provider, where no call tells more. */
  readonly probes: ReadonlyMap<string, ProviderHealth>
  /** Absent where there is none. */
  readonly ledger: LedgerStatus | undefined
  readonly limits: LimitsStatus
  /** Requests that are being answered. */
  readonly open: number
  /** Bytes. */
  readonly residentMemory: number
  /** Seconds since the start. */
  readonly uptime: number
}

export interface ProcessTotals {
  readonly series: readonly SeriesFigures[]
  /** How many requests the cache answered, and how; absent without one. */
  readonly cacheOutcomes: ReadonlyMap<string, number> | undefined
  /** By target: how often its circuit opened. */
  readonly opened: ReadonlyMap<string, number>
  /** Records that had to make room, that could not be written, and that the database refused. */
  readonly dropped: number
  readonly lost: number
  readonly aside: number
  /** Seconds of all processors. */
  readonly processorSeconds: number
}

export interface ProcessViewParts {
  readonly engine: Pick<Engine, 'registry' | 'states'>
  readonly metrics: Metrics
  readonly traces: TraceBook
  readonly probes: Probes
  readonly watch: HealthWatch
  readonly cacheOutcomes: ReadonlyMap<string, number> | undefined
  readonly ledger: (() => LedgerStatus) | undefined
  readonly limits: () => LimitsStatus
  readonly open: () => number
}

export function createProcessView(parts: ProcessViewParts): ProcessView {
  const { engine, metrics, traces, probes, watch, cacheOutcomes } = parts
  const { states, registry } = engine
  const now = (): number => performance.now()
  return {
    calls: () =>
      metrics.calls(now()).map(({ windows, ...calls }) => ({
        ...calls,
        // The windows themselves go on counting.
        windows: windows.length === 0 ? [] : [sumWindows(windows)],
      })),
    failures: () => metrics.failures(),
    events: () => watch.events(),
    state: () => ({
      targets: reportTargets(states.all(), now()),
      probes: new Map(
        registry.providers.flatMap(({ id }) => {
          const finding = probes.finding(id)
          return finding === undefined ? [] : [[id, finding] as const]
        }),
      ),
      ledger: parts.ledger?.(),
      limits: parts.limits(),
      open: parts.open(),
      residentMemory: process.memoryUsage.rss(),
      uptime: process.uptime(),
    }),
    totals() {
      const { user, system } = process.cpuUsage()
      const { dropped = 0, lost = 0, aside = 0 } = parts.ledger?.() ?? {}
      return {
        series: Array.from(metrics.series(), figuresOf),
        cacheOutcomes: cacheOutcomes && new Map(cacheOutcomes),
        opened: new Map(Array.from(states.all(), ({ id, guard }) => [id, guard?.describe?.(now()).opened ?? 0])),
        dropped,
        lost,
        aside,
        processorSeconds: (user + system) / 1e6,
      }
    },
    trace: ({ requestId, principal }) => traces.find(requestId, principal),
  }
}

/** Without what only its own process reads. */
function figuresOf(series: SeriesFigures): SeriesFigures {
  const { provider, model, operation, ok, aborted, failures, tokens, nanoDollars, unpriced } = series
  const [firstByte, duration] = [series.firstByte, series.duration].map(({ counts, sum }) => ({ counts, sum }))
  return {
    provider,
    model,
    operation,
    ok,
    aborted,
    failures,
    tokens,
    nanoDollars,
    unpriced,
    firstByte: firstByte!,
    duration: duration!,
  }
}
