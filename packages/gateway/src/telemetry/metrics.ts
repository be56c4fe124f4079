import type { Operation, SluiceError, Usage } from '@sluice/protocol'
import { totalInput, totalOutput } from '@sluice/protocol'
import type { Attempt, Cost } from 'sluice'
import { reportedProvider } from '../access/site-provider.ts'
import { type CallSummary, type CallWindow, summarise } from './rolling-calls.ts'
import type { Series } from './series.ts'
import { createSeriesTable } from './series-table.ts'

/** A request that is over, as the meter tells it. */
export interface SettledRequest {
  readonly requestId: string
  readonly operation: Operation
  readonly attempts: readonly Attempt[]
  /** Milliseconds on the clock of `performance.now`. */
  readonly startedAt: number
}

export interface Failure {
  /** ISO 8601. */
  readonly at: string
  /** Names the trace. */
  readonly request_id: string
  /** As `reportedProvider` says, as everywhere here. */
  readonly provider: string
  readonly model: string
  readonly operation: string
  readonly code: string
  readonly status: number
  readonly message: string
  /** Counted from 1. */
  readonly attempt: number
  /** Whether the caller never heard of it. */
  readonly absorbed: boolean
}

export interface Metrics {
  /** A request is over. Cheap: it is on the way of each. `broken` is what ended an answer that had begun. */
  settle(
    request: SettledRequest,
    broken: SluiceError | undefined,
    usage: Usage | undefined,
    cost: Cost | undefined,
    now: number,
  ): void
  /** Of the last minutes. */
  calls(now: number): readonly ModelCalls[]
  /** The latest first. */
  failures(): readonly Failure[]
  /** From the start on. */
  series(): Iterable<Series>
}

/** The calls of one model at one provider; several may be of the same. */
export interface ModelCalls {
  readonly provider: string
  readonly model: string
  readonly windows: readonly CallWindow[]
}

/** Names of models whose series are kept apart. */
const mostSeries = 300
const mostFailures = 200

interface KeptFailure {
  readonly at: number
  readonly request: SettledRequest
  readonly attempt: Attempt
  readonly number: number
  readonly error: SluiceError
}

export function createMetrics(): Metrics {
  const table = createSeriesTable(mostSeries)
  const failures: KeptFailure[] = []
  let newestFailure = 0

  function fail(request: SettledRequest, attempt: Attempt, number: number, error: SluiceError, now: number): void {
    const series = table.of(attempt.target, request.operation, now)
    series.failures.set(error.code, (series.failures.get(error.code) ?? 0) + 1)
    series.recent.add({ outcome: 'failed', code: error.code }, now)
    failures[newestFailure++ % mostFailures] = { at: Date.now(), request, attempt, number, error }
  }

  function abort(series: Series, now: number): void {
    series.aborted++
    series.recent.add({ outcome: 'aborted' }, now)
  }

  function settle(
    request: SettledRequest,
    broken: SluiceError | undefined,
    usage: Usage | undefined,
    cost: Cost | undefined,
    now: number,
  ): void {
    const { attempts, operation } = request
    for (let index = 0; index < attempts.length; index++) {
      const attempt = attempts[index]!
      const series = table.of(attempt.target, operation, now)
      const error = attempt.error ?? (attempt.abandoned === true ? undefined : broken)
      if (attempt.abandoned === true || error?.code === 'client_closed_request') abort(series, now)
      else if (error !== undefined) fail(request, attempt, index + 1, error, now)
      else {
        const firstByte = attempt.endedAt - attempt.startedAt
        const duration = now - attempt.startedAt
        series.ok++
        series.firstByte.add(firstByte / 1000)
        series.duration.add(duration / 1000)
        series.recent.add({ outcome: 'ok', firstByte, duration }, now)
      }
      if (usage !== undefined && attempt.error === undefined && attempt.abandoned !== true)
        use(series, usage, cost, now)
    }
  }

  return {
    settle,
    calls: (now) =>
      Array.from(table.all(), ({ provider, model, recent }) => ({ provider, model, windows: recent.slots(now) })),
    failures: () => failures.toSorted((left, right) => right.at - left.at).map(describeFailure),
    series: () => table.all(),
  }
}

export type ProviderSummary = CallSummary & { readonly provider: string }
export type ModelSummary = ProviderSummary & { readonly model: string }

export function summariseProviders(calls: readonly ModelCalls[]): readonly ProviderSummary[] {
  return summariseBy(calls, ({ provider }) => ({ provider }))
}

export function summariseModels(calls: readonly ModelCalls[]): readonly ModelSummary[] {
  return summariseBy(calls, ({ provider, model }) => ({ provider, model }))
}

function summariseBy<Key extends object>(
  calls: readonly ModelCalls[],
  keyOf: (calls: ModelCalls) => Key,
): (CallSummary & Key)[] {
  const groups = Map.groupBy(calls, (one) => Object.values(keyOf(one)).join('\n'))
  return Array.from(groups.values(), (group) => ({
    ...keyOf(group[0]!),
    ...summarise(group.flatMap(({ windows }) => windows)),
  }))
}

function use(series: Series, usage: Usage, cost: Cost | undefined, now: number): void {
  const { tokens } = series
  tokens.input += usage.input + usage.audioInput + usage.imageInput
  tokens.cacheRead += usage.cacheRead
  tokens.cacheWrite += usage.cacheWrite + usage.cacheWriteLong
  tokens.output += usage.output + usage.audioOutput + usage.imageOutput + usage.rejectedPrediction
  tokens.reasoning += usage.reasoning
  const nanoDollars = cost?.nanoDollars ?? null
  if (nanoDollars === null) series.unpriced++
  else series.nanoDollars += nanoDollars
  series.recent.addUsage(totalInput(usage), totalOutput(usage), nanoDollars, now)
}

function describeFailure({ at, request, attempt, number, error }: KeptFailure): Failure {
  const { provider, model } = attempt.target
  return {
    at: new Date(at).toISOString(),
    request_id: request.requestId,
    provider: reportedProvider(provider),
    model,
    operation: request.operation,
    code: error.code,
    status: error.status,
    message: error.message,
    attempt: number,
    absorbed: number < request.attempts.length,
  }
}
