import {
  type ChatResult,
  type CodecContext,
  type Peek,
  SluiceError,
  type SpokenDialect,
  type Usage,
  type Warning,
} from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import { ofProvider } from '../dispatch/without-secrets.ts'
import { Exchange } from '../dispatch/exchange.ts'
import { gatherAnswer } from '../dispatch/gather-answer.ts'
import type { Cost } from '../money/cost-of.ts'
import type { GivenOverrides } from '../routing/route-overrides.ts'
import type { Route } from '../routing/route-plan.ts'
import { refuseOptions } from './misplaced-options.ts'

/** What the client's calls are made with: the engine here, or a gateway. */
export interface CallEngine {
  /** Where a request goes. Throws `SluiceError` for names that nothing serves. */
  findRoute(exchange: Exchange, options: CallOptions): Route
  /** The route's loop over attempts. */
  attempt(exchange: Exchange, route: Route): Promise<Answer>
  /** How an answer was come by. */
  originOf(exchange: Exchange, answer: Answer): CallOrigin
  /** Of an answer by its usage; `null` when it cannot be told. Never rejects. */
  costOf(exchange: Exchange, answer: Answer, usage: Usage): Promise<AnswerCost | null>
}

/** Known costs only. */
export type AnswerCost = Exclude<Cost, { readonly state: 'unpriced' }>

/** Who answered, and how that came about. */
export interface CallOrigin {
  /** Id of the configured provider that answered. */
  readonly provider: string
  /** Names the call in logs and traces. */
  readonly requestId: string
  /** How many calls it took, ≥ 1. */
  readonly attempts: number
  /** What of the request or the answer was lost or changed on the way. */
  readonly warnings: readonly Warning[]
  /** Nobody was asked: the answer was worked out where the engine runs. */
  readonly estimated?: true
}

/** What every answer has besides its content. */
export interface AnswerFacts extends CallOrigin {
  /** Absent when the provider told none. */
  readonly usage?: Usage
  /** `null` when there is no usage, or its price is not known. */
  readonly cost: AnswerCost | null
}

/** How a call is made, besides what it asks. A request's own `models` and `provider` are heeded as well. */
export interface CallOptions extends GivenOverrides {
  /** Gives the call up: it fails with `client_closed_request`, and the provider's connection is closed. */
  readonly signal?: AbortSignal | undefined
}

/** One operation: how it is asked, and how its answer is read. */
export interface Operation<Result> {
  readonly dialect: SpokenDialect
  /** Throws `SluiceError` `invalid_request`. */
  encode(): RequestBody | Promise<RequestBody>
  decode(answer: WholeAnswer): Result
}

export interface RequestBody {
  readonly body: Uint8Array
  /** Of a body that is no JSON. */
  readonly contentType?: string
  /** What the dialect would see in it, where the writer knows. */
  readonly peek?: Peek
}

export interface WholeAnswer {
  readonly body: Uint8Array
  readonly headers: Answer['headers']
  readonly context: CodecContext
  /** Of a chat that was read on its way; `body` is empty then. */
  readonly result: ChatResult | undefined
}

/** Makes a call and waits for its whole answer. Rejects with a `SluiceError`. */
export function makeCall<Result extends { readonly usage?: Usage }>(
  engine: CallEngine,
  operation: Operation<Result>,
  options: CallOptions = {},
): Promise<Result & AnswerFacts> {
  const { signal } = options
  const requestId = newRequestId()
  return new Promise((resolve, reject) => {
    let exchange: Exchange | undefined
    const onAbort = (): void => {
      exchange?.abort()
      reject(aborted(signal?.reason))
    }
    if (signal?.aborted === true) return onAbort()
    listen(signal, onAbort)
    const answered = async (): Promise<Result & AnswerFacts> => {
      const request = await operation.encode()
      const { contentType } = request
      if (signal?.aborted === true) throw aborted(signal.reason)
      exchange = openExchange(operation.dialect, request, requestId)
      if (contentType !== undefined) exchange.forwardedHeaders = ['content-type', contentType]
      const answer = await engine.attempt(exchange, engine.findRoute(exchange, options))
      const context = takeNotes()
      const { headers, tap } = answer
      const body = answer.whole ?? (await gatherAnswer(answer))
      let result: Result
      try {
        result = operation.decode({ body, headers, context, result: tap.reading?.result })
      } catch (error) {
        throw ofProvider(asSluiceError(error), answer.target.provider)
      }
      return withFacts(engine, result, exchange, answer, context.warnings)
    }
    answered()
      .then(resolve, (error: unknown) => reject(asSluiceError(error)))
      .finally(() => signal?.removeEventListener('abort', onAbort))
  })
}

/** @throws SluiceError `invalid_request` for what is no signal: without types anything may come. */
export function listen(signal: Partial<AbortSignal> | undefined, onAbort: () => void): void {
  if (signal === undefined || signal === null) return
  if (signal.addEventListener === undefined)
    throw new SluiceError('invalid_request', '`signal` must be an AbortSignal.', { param: 'signal' })
  signal.addEventListener('abort', onAbort)
}

export async function withFacts<Result extends { readonly usage?: Usage }>(
  engine: CallEngine,
  result: Result,
  exchange: Exchange,
  answer: Answer,
  notes: readonly Warning[],
): Promise<Result & AnswerFacts> {
  const { warnings, ...origin } = engine.originOf(exchange, answer)
  const cost = result.usage === undefined ? null : await engine.costOf(exchange, answer, result.usage)
  return { ...result, cost, ...origin, warnings: [...warnings, ...notes] }
}

/** In this process. */
export function originOf({ id, attempts, warnings }: Exchange, { target }: Answer): CallOrigin {
  return {
    provider: target.provider.id,
    requestId: id,
    attempts: attempts.length,
    warnings,
    ...(target.plan.kind === 'estimate' && { estimated: true as const }),
  }
}

export function openExchange(dialect: SpokenDialect, { body, peek }: RequestBody, requestId: string): Exchange {
  return new Exchange(requestId, dialect, body, peek ?? dialect.peek(body), performance.now())
}

export function takeNotes(): CodecContext & { readonly warnings: Warning[] } {
  const warnings: Warning[] = []
  return { warnings, warn: (warning) => void warnings.push(warning) }
}

export function newRequestId(): string {
  return `req_${crypto.randomUUID().replaceAll('-', '')}`
}

/** The caller gave up; `reason` is that of its signal. */
export function aborted(reason: unknown): SluiceError {
  return new SluiceError('client_closed_request', 'The call was given up by its caller.', { cause: reason })
}

export function asSluiceError(thrown: unknown): SluiceError {
  return thrown instanceof SluiceError
    ? thrown
    : new SluiceError('internal_error', 'A call failed by a defect in Sluice.', { cause: thrown })
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** @throws SluiceError `invalid_request` for what JSON cannot say, and for options of the call. */
export function encodeJson(request: unknown): Uint8Array {
  refuseOptions(request)
  return asJson(() => encoder.encode(JSON.stringify(request)))
}

/** @throws SluiceError `invalid_request` for what JSON cannot say, in `write`. */
export function asJson<T>(write: () => T): T {
  try {
    return write()
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause
    throw new SluiceError('invalid_request', 'The request holds a value that JSON cannot say (a cycle, a BigInt).', {
      cause,
    })
  }
}

/** @throws SluiceError `upstream_invalid_response` */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body)) as unknown
  } catch (cause) {
    throw new SluiceError('upstream_invalid_response', "The provider's answer is not valid JSON.", { cause })
  }
}
