import type { Operation, SluiceError, Usage } from '@sluice/protocol'
import type { Attempt, Cost, Decision } from 'sluice'

/** A request that was answered, as the meter tells it. */
export interface TracedRequest {
  readonly requestId: string
  readonly principal: { readonly id: string }
  readonly operation: Operation
  readonly requestedModel: string | undefined
  readonly stream: boolean
  readonly attempts: readonly Attempt[]
  /** Absent where there was nothing to choose. */
  readonly decisions?: readonly Decision[] | undefined
  /** Milliseconds on the clock of `performance.now`. */
  readonly startedAt: number
}

/** A request's way, as it is kept: of what was made for it anyway. */
export interface KeptTrace {
  readonly request: TracedRequest
  readonly endedAt: number
  readonly error: SluiceError | undefined
  readonly usage: Usage | undefined
  readonly cost: Cost | undefined
}

/** Why a request went where it went, as the API tells it. Times in milliseconds. */
export interface Trace {
  readonly request_id: string
  /** ISO 8601. */
  readonly at: string
  readonly principal: string
  readonly operation: string
  readonly model: string | null
  readonly route: string | null
  readonly stream: boolean
  readonly outcome: 'ok' | 'error' | 'aborted'
  readonly error: { readonly code: string; readonly message: string } | null
  readonly duration_ms: number
  readonly decisions: readonly Decision[]
  readonly attempts: readonly TracedAttempt[]
  readonly usage: Usage | null
  readonly cost_usd: number | null
}

export interface TracedAttempt {
  readonly target: string
  readonly provider: string
  readonly model: string
  readonly plan: 'passthrough' | 'translate'
  /** What the provider was spoken to in. */
  readonly dialect: string
  readonly started_ms: number
  /** Until the answer began, or the attempt had failed. */
  readonly took_ms: number
  readonly outcome: 'answered' | 'failed' | 'abandoned'
  readonly error?: { readonly code: string; readonly message: string }
}

/** The last traces, found by the request's id. Bounded. */
export interface TraceBook {
  keep(trace: KeptTrace): void
  find(requestId: string): Trace | undefined
}

export function createTraceBook(most: number): TraceBook {
  const kept: KeptTrace[] = []
  let count = 0
  return {
    keep(trace) {
      kept[count++ % most] = trace
    },
    find(requestId) {
      // The latest: callers may choose ids, and choose one twice.
      for (let age = 1; age <= Math.min(count, most); age++) {
        const trace = kept[(count - age) % most]
        if (trace?.request.requestId === requestId) return describeTrace(trace)
      }
      return undefined
    },
  }
}

function describeTrace({ request, endedAt, error, usage, cost }: KeptTrace): Trace {
  const { requestId, principal, operation, requestedModel, stream, attempts, decisions, startedAt } = request
  return {
    request_id: requestId,
    at: new Date(Date.now() - (performance.now() - startedAt)).toISOString(),
    principal: principal.id,
    operation,
    model: requestedModel ?? null,
    route: decisions?.[0]?.route ?? null,
    stream,
    outcome: error === undefined ? 'ok' : error.code === 'client_closed_request' ? 'aborted' : 'error',
    error: error === undefined ? null : { code: error.code, message: error.message },
    duration_ms: rounded(endedAt - startedAt),
    decisions: decisions ?? [],
    attempts: attempts.map((attempt) => describeAttempt(attempt, startedAt)),
    usage: usage ?? null,
    cost_usd: cost === undefined || cost.nanoDollars === null ? null : cost.nanoDollars / 1e9,
  }
}

function describeAttempt({ target, startedAt, endedAt, error, abandoned }: Attempt, from: number): TracedAttempt {
  const { provider, model, plan, state } = target
  return {
    target: state.id,
    provider: provider.id,
    model,
    plan: plan.kind,
    dialect: plan.dialect.id,
    started_ms: rounded(startedAt - from),
    took_ms: rounded(endedAt - startedAt),
    outcome: error !== undefined ? 'failed' : abandoned === true ? 'abandoned' : 'answered',
    ...(error !== undefined && { error: { code: error.code, message: error.message } }),
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
