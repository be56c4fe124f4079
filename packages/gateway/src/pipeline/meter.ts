import type { FinishReason, Operation, SluiceError, Tap, Usage } from '@sluice/protocol'
import {
  type Answer,
  type Attempt,
  type ConfiguredProvider,
  type Cost,
  type Decision,
  type ModelPrice,
  type RecognisedCall,
  type Target,
} from 'sluice'
import { believedCost } from '../budgets/believed-cost.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { TraceBook } from '../telemetry/trace-book.ts'
import { createEndOfTurn } from './end-of-turn.ts'
import type { Principal } from './principal.ts'

/** What one request used and how it ended; one for each request that was let in, however it ended. */
export interface UsageRecord {
  readonly requestId: string
  readonly principal: string
  /** Whose key it is, and who else the request is told apart by. */
  readonly caller: Principal
  /** Of the request's head; Unix milliseconds. */
  readonly startedAt: number
  /** `raw`: relayed by `/proxy/…`, whatever it was. */
  readonly operation: Operation | 'raw'
  /** As the caller named it; absent when none was said. */
  readonly requestedModel: string | undefined
  readonly provider: string | undefined
  /** As the provider names it. */
  readonly model: string | undefined
  readonly stream: boolean
  readonly attempts: number
  /** `cut` began well and broke off; `aborted` the caller went away. */
  readonly outcome: 'ok' | 'error' | 'cut' | 'aborted'
  readonly errorCode: string | undefined
  /** Absent when the provider told none, and none could be estimated. */
  readonly usage: Usage | undefined
  /** How the provider says that it processed the request: `flex`, `priority`. */
  readonly processing: string | undefined
  /** Absent when there is no usage to be priced. */
  readonly cost: Cost | undefined
  readonly finishReason: FinishReason | undefined
  /** Milliseconds from the request's head to the answer's end. */
  readonly duration: number
  /** Milliseconds until something of a stream could be handed on. */
  readonly firstToken: number | undefined
}

/** The same as the ledger needs it, with live parts of the engine: not to be given out, or written as it is. */
export interface LedgerRecord extends UsageRecord {
  /** Absent where none was asked, and for `raw`. */
  readonly target: Target | undefined
  /** Every call to a provider, also those that the caller never heard of. */
  readonly calls: readonly Attempt[]
  /** It was given again, and paid for before, or by another. */
  readonly cached: boolean
  /** What `begin` gave for it. */
  readonly entry: number | undefined
  /** Its answer waits for `whenWritten`, so that it may be written together with others. */
  readonly gathered: boolean
}

/** What may be known of it outside. */
export function toUsageRecord({
  target: _,
  calls: __,
  entry: ___,
  gathered: ____,
  ...record
}: LedgerRecord): UsageRecord {
  return record
}

/** A stream's beginning. */
export interface BegunStream {
  readonly requestId: string
  readonly caller: Principal
  readonly operation: string
  readonly requestedModel: string | undefined
  readonly target: Target
  /** Unix milliseconds. */
  readonly startedAt: number
}

export interface MeteredRequest {
  readonly requestId: string
  readonly principal: Principal
  readonly operation: Operation
  readonly requestedModel: string | undefined
  readonly stream: boolean
  readonly attempts: readonly Attempt[]
  /** The choices that led to them; absent where there was none. */
  readonly decisions?: readonly Decision[] | undefined
  readonly startedAt: number
  /** What `begin` gave for it. */
  readonly entry?: number | undefined
  /** Its answer waits for `whenWritten`. Default `false`: what it used is written down when `settle` returns. */
  readonly gathered?: boolean
}

/** A call by `/proxy/…`. */
export interface MeteredRawRequest {
  readonly requestId: string
  readonly principal: Principal
  readonly provider: ConfiguredProvider
  /** Absent where no dialect models it: then nobody knows its model. */
  readonly recognised: RecognisedCall | undefined
  readonly startedAt: number
}

/** Hears of every request's end, once. */
export interface Meter {
  settleRaw(request: MeteredRawRequest, tap: Tap | undefined, error: SluiceError | undefined): Metered
  /** A stream begins. Absent where nobody wants to know. @returns what `settle` is to be given with the request. */
  readonly begin?: ((request: MeteredRequest, answer: Answer) => number) | undefined
  /** @param estimate what was used where the answer did not come to its end, and the provider did not say. */
  settle(request: MeteredRequest, answer: Answer | undefined, error: SluiceError | undefined, estimate?: Usage): Metered
  /** Sends what is the end of an answer when all that was settled is written down, in a moment with others. */
  readonly whenWritten: (send: () => void) => void
}

/** What a request comes to; absent where it is not known. */
export interface Metered {
  readonly usage: Usage | undefined
  readonly cost: Cost | undefined
}

export interface MeterOptions {
  /** Hears each record; called before the answer's last byte goes out. */
  readonly record: ((record: LedgerRecord) => void) | undefined
  /** Hears of streams that begin; gives each a number. */
  readonly begin?: ((stream: BegunStream) => number) | undefined
  /** Calls back when records that are `gathered` are written. Default: when this turn of the event loop is over. */
  readonly whenWritten?: ((send: () => void) => void) | undefined
  readonly priceOf: (provider: ConfiguredProvider, model: string) => ModelPrice | undefined
  /** Called once, when there is usage for the first time: prices take a moment, and memory, to be read. */
  readonly loadPrices: () => void
  readonly metrics: Pick<Metrics, 'settle'>
  readonly traces: Pick<TraceBook, 'keep'>
}

export function createMeter({
  record,
  begin,
  whenWritten = createEndOfTurn(),
  priceOf,
  loadPrices,
  metrics,
  traces,
}: MeterOptions): Meter {
  let pricesAsked = false

  function price(
    usage: Usage,
    { provider, model }: Pick<Target, 'provider' | 'model'>,
    when: number,
    processing: string | undefined,
  ): Cost {
    if (!pricesAsked) {
      pricesAsked = true
      loadPrices()
    }
    return believedCost(usage, provider, priceOf(provider, model), { when, processing })
  }

  return {
    whenWritten,
    begin:
      begin === undefined
        ? undefined
        : ({ requestId, principal, operation, requestedModel, startedAt }, { target }) =>
            begin({
              requestId,
              caller: principal,
              operation,
              requestedModel,
              target,
              startedAt: unixTime(startedAt, performance.now()),
            }),
    settle(request, answer, error, estimate) {
      const usage = estimate ?? answer?.tap.usage()
      const processing = answer?.tap.processing?.()
      const endedAt = performance.now()
      const startedAt = unixTime(request.startedAt, endedAt)
      const target = answer?.target ?? request.attempts.at(-1)?.target
      const cost = target === undefined || usage === undefined ? undefined : price(usage, target, startedAt, processing)
      metrics.settle(request, answer === undefined ? undefined : error, usage, cost, endedAt)
      traces.keep({ request, error, usage, nanoDollars: cost?.nanoDollars ?? null, endedAt })
      record?.({
        requestId: request.requestId,
        principal: request.principal.id,
        caller: request.principal,
        startedAt,
        operation: request.operation,
        requestedModel: request.requestedModel,
        provider: target?.provider.id,
        model: target?.model,
        target,
        stream: request.stream,
        attempts: request.attempts.length,
        calls: request.attempts,
        outcome: outcomeOf(answer, error),
        errorCode: error?.code,
        usage,
        processing,
        cost,
        finishReason: answer?.tap.finishReason(),
        duration: endedAt - request.startedAt,
        firstToken: answer?.stream === true ? timeToAnswer(request) : undefined,
        cached: answer?.cached === true,
        entry: request.entry,
        gathered: request.gathered === true,
      })
      return { usage, cost }
    },
    settleRaw({ requestId, principal, provider, recognised, startedAt }, tap, error) {
      const usage = tap?.usage()
      const processing = tap?.processing?.()
      const endedAt = performance.now()
      const begunAt = unixTime(startedAt, endedAt)
      const model = recognised?.model
      const cost =
        usage === undefined || model === undefined ? undefined : price(usage, { provider, model }, begunAt, processing)
      record?.({
        requestId,
        principal: principal.id,
        caller: principal,
        startedAt: begunAt,
        operation: 'raw',
        requestedModel: model,
        provider: provider.id,
        model,
        target: undefined,
        stream: recognised?.stream === true,
        attempts: 1,
        calls: [],
        outcome: error === undefined ? 'ok' : error.code === 'client_closed_request' ? 'aborted' : 'error',
        errorCode: error?.code,
        usage,
        processing,
        cost,
        finishReason: tap?.finishReason(),
        duration: endedAt - startedAt,
        firstToken: undefined,
        cached: false,
        entry: undefined,
        gathered: false,
      })
      return { usage, cost }
    },
  }
}

/** Unix milliseconds of a moment on the clock of `performance.now`. */
function unixTime(moment: number, now: number): number {
  return Math.round(Date.now() - (now - moment))
}

function timeToAnswer({ attempts, startedAt }: MeteredRequest): number | undefined {
  const answered = attempts.findLast(({ error, abandoned }) => error === undefined && abandoned !== true)
  return answered === undefined ? undefined : answered.endedAt - startedAt
}

function outcomeOf(answer: Answer | undefined, error: SluiceError | undefined): UsageRecord['outcome'] {
  if (error === undefined) return 'ok'
  if (error.code === 'client_closed_request') return 'aborted'
  return answer === undefined ? 'error' : 'cut'
}
