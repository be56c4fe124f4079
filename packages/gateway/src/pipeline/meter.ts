import type { FinishReason, Operation, SluiceError, Usage } from '@sluice/protocol'
import {
  type Answer,
  type Attempt,
  type ConfiguredProvider,
  type Cost,
  costOf,
  type Decision,
  type ModelPrice,
  type Target,
} from 'sluice'
import type { Metrics } from '../telemetry/metrics.ts'
import type { TraceBook } from '../telemetry/trace-book.ts'
import type { Principal } from './principal.ts'

/** What one request used and how it ended; one for each request that was let in, however it ended. */
export interface UsageRecord {
  readonly requestId: string
  readonly principal: string
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
  /** Absent when the provider told none. */
  readonly usage: Usage | undefined
  /** Absent when there is no usage to be priced. */
  readonly cost: Cost | undefined
  readonly finishReason: FinishReason | undefined
  /** Milliseconds from the request's head to the answer's end. */
  readonly duration: number
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
}

/** A call by `/proxy/…`. */
export interface MeteredRawRequest {
  readonly requestId: string
  readonly principal: Principal
  readonly provider: string
  readonly startedAt: number
}

/** Hears of every request's end, once. */
export interface Meter {
  settleRaw(request: MeteredRawRequest, usage: Usage | undefined, error: SluiceError | undefined): void
  settle(request: MeteredRequest, answer: Answer | undefined, error: SluiceError | undefined): void
}

export interface MeterOptions {
  /** Hears each record; called before the answer's last byte goes out. */
  readonly record: ((record: UsageRecord) => void) | undefined
  readonly priceOf: (provider: ConfiguredProvider, model: string) => ModelPrice | undefined
  /** Called once, when there is usage for the first time: prices take a moment, and memory, to be read. */
  readonly loadPrices: () => void
  readonly metrics: Pick<Metrics, 'settle'>
  readonly traces: Pick<TraceBook, 'keep'>
}

export function createMeter({ record, priceOf, loadPrices, metrics, traces }: MeterOptions): Meter {
  let pricesAsked = false

  function price(usage: Usage, { provider, model }: Target, startedAt: number): Cost {
    if (!pricesAsked) {
      pricesAsked = true
      loadPrices()
    }
    const when = Date.now() - (performance.now() - startedAt)
    return costOf(usage, priceOf(provider, model), { when })
  }

  return {
    settle(request, answer, error) {
      const usage = answer?.tap.usage()
      const target = answer?.target ?? request.attempts.at(-1)?.target
      const cost = target === undefined || usage === undefined ? undefined : price(usage, target, request.startedAt)
      const endedAt = performance.now()
      metrics.settle(request, answer === undefined ? undefined : error, usage, cost, endedAt)
      traces.keep({ request, error, usage, nanoDollars: cost?.nanoDollars ?? null, endedAt })
      record?.({
        requestId: request.requestId,
        principal: request.principal.id,
        operation: request.operation,
        requestedModel: request.requestedModel,
        provider: target?.provider.id,
        model: target?.model,
        stream: request.stream,
        attempts: request.attempts.length,
        outcome: outcomeOf(answer, error),
        errorCode: error?.code,
        usage,
        cost,
        finishReason: answer?.tap.finishReason(),
        duration: endedAt - request.startedAt,
      })
    },
    settleRaw({ requestId, principal, provider, startedAt }, usage, error) {
      record?.({
        requestId,
        principal: principal.id,
        operation: 'raw',
        requestedModel: undefined,
        provider,
        model: undefined,
        stream: false,
        attempts: 1,
        outcome: error === undefined ? 'ok' : error.code === 'client_closed_request' ? 'aborted' : 'error',
        errorCode: error?.code,
        usage,
        cost: undefined,
        finishReason: undefined,
        duration: performance.now() - startedAt,
      })
    },
  }
}

function outcomeOf(answer: Answer | undefined, error: SluiceError | undefined): UsageRecord['outcome'] {
  if (error === undefined) return 'ok'
  if (error.code === 'client_closed_request') return 'aborted'
  return answer === undefined ? 'error' : 'cut'
}
