import type { Operation, SluiceError, Usage } from '@sluice/protocol'
import { totalInput, totalOutput } from '@sluice/protocol'
import type { Attempt, Cost } from 'sluice'
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
  /** Of the last minutes, by provider and by provider and model. */
  providers(now: number): readonly (CallSummary & { readonly provider: string })[]
  models(now: number): readonly (CallSummary & { readonly provider: string; readonly model: string })[]
  /** The latest first. */
  failures(): readonly Failure[]
  /** From the start on. */
  series(): Iterable<Series>
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

  function collect<Key extends object>(
    now: number,
    keyOf: (series: Series) => { readonly name: string; readonly key: Key },
  ): (CallSummary & Key)[] {
    const groups = new Map<string, { readonly key: Key; readonly windows: CallWindow[] }>()
    for (const series of table.all()) {
      const { name, key } = keyOf(series)
      const group = groups.get(name) ?? { key, windows: [] }
      group.windows.push(...series.recent.slots(now))
      groups.set(name, group)
    }
    return [...groups.values()].map(({ key, windows }) => ({ ...key, ...summarise(windows) }))
  }

  return {
    settle,
    providers: (now) => collect(now, ({ provider }) => ({ name: provider, key: { provider } })),
    models: (now) =>
      collect(now, ({ provider, model }) => ({ name: `${provider}\n${model}`, key: { provider, model } })),
    failures: () => failures.toSorted((left, right) => right.at - left.at).map(describeFailure),
    series: () => table.all(),
  }
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
    provider: provider.id,
    model,
    operation: request.operation,
    code: error.code,
    status: error.status,
    message: error.message,
    attempt: number,
    absorbed: number < request.attempts.length,
  }
}
