import { inputClasses, noUsage, type Operation, outputClasses, type SluiceError, type Usage } from '@sluice/protocol'
import type { Attempt, Decision, Plan, Target } from 'sluice'

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
  /** `null` when the price is not known. */
  readonly nanoDollars: number | null
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
  readonly plan: Plan['kind']
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
  /** @param principal who asks: sees requests of its own only. */
  find(requestId: string, principal: string): Trace | undefined
}

export function createTraceBook(most: number): TraceBook {
  const slots = Array.from({ length: most }, () => new Slot())
  let count = 0
  return {
    keep(trace) {
      slots[count++ % most]!.keep(trace)
    },
    find(requestId, principal) {
      // The latest: callers may choose ids, and choose one twice.
      for (let age = 1; age <= Math.min(count, most); age++) {
        const slot = slots[(count - age) % most]!
        if (slot.requestId !== requestId) continue
        const trace = slot.trace()
        if (trace.request.principal.id === principal) return describeTrace(trace)
      }
      return undefined
    },
  }
}

/**
 * Most requests are plain: one call, answered. Of those only figures are kept, in an object that is there already, since
 * keeping the objects of a request alive costs more than all else that is done for it here.
 */
class Slot {
  requestId = ''
  #full: KeptTrace | undefined
  #principal: TracedRequest['principal'] = { id: '' }
  #operation: Operation = 'chat'
  #model: string | undefined
  #stream = false
  #target: Target | undefined
  #usage: 'none' | 'reported' | 'estimated' = 'none'
  readonly #times = new Float64Array(4)
  readonly #tokens = new Float64Array(tokenClasses.length)
  #nanoDollars: number | null = null

  keep(trace: KeptTrace): void {
    const { request, usage, nanoDollars } = trace
    const [attempt] = request.attempts
    this.requestId = request.requestId
    const plain = attempt !== undefined && request.attempts.length === 1 && attempt.error === undefined
    if (!plain || trace.error !== undefined || request.decisions !== undefined) {
      this.#full = trace
      return
    }
    this.#full = undefined
    this.#principal = request.principal
    this.#operation = request.operation
    this.#model = request.requestedModel
    this.#stream = request.stream
    this.#target = attempt.target
    const times = this.#times
    times[0] = request.startedAt
    times[1] = attempt.startedAt
    times[2] = attempt.endedAt
    times[3] = trace.endedAt
    this.#usage = usage === undefined ? 'none' : usage.estimated === true ? 'estimated' : 'reported'
    if (usage !== undefined)
      for (let index = 0; index < tokenClasses.length; index++) this.#tokens[index] = usage[tokenClasses[index]!]
    this.#nanoDollars = nanoDollars
  }

  trace(): KeptTrace {
    if (this.#full !== undefined) return this.#full
    const [startedAt = 0, attemptedAt = 0, answeredAt = 0, endedAt = 0] = this.#times
    const target = this.#target
    const attempts = target === undefined ? [] : [{ target, startedAt: attemptedAt, endedAt: answeredAt }]
    const tokens = Object.fromEntries(tokenClasses.map((name, index) => [name, this.#tokens[index] ?? 0]))
    const usage = { ...noUsage, ...tokens, ...(this.#usage === 'estimated' && { estimated: true }) }
    return {
      request: {
        requestId: this.requestId,
        principal: this.#principal,
        operation: this.#operation,
        requestedModel: this.#model,
        stream: this.#stream,
        attempts,
        startedAt,
      },
      endedAt,
      error: undefined,
      usage: this.#usage === 'none' ? undefined : usage,
      nanoDollars: this.#nanoDollars,
    }
  }
}

const tokenClasses = [...inputClasses, ...outputClasses] as const

function describeTrace({ request, endedAt, error, usage, nanoDollars }: KeptTrace): Trace {
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
    cost_usd: nanoDollars === null ? null : nanoDollars / 1e9,
  }
}

export function describeAttempt(
  { target, startedAt, endedAt, error, abandoned }: Attempt,
  from: number,
): TracedAttempt {
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
