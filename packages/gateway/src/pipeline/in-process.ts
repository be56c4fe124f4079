import { type Dialect, SluiceError } from '@sluice/protocol'
import { type Answer, Exchange, gatherAnswer, type Route } from 'sluice'
import { checkOperation, restrict, usualRoute } from '../access/policy.ts'
import type { Admission, Admit } from './admit.ts'
import type { SiteEngine } from '../access/sites.ts'
import type { Principal } from './principal.ts'
import { createSiteServing, type ServingEngine, servingOf } from './serving.ts'
import type { Meter } from './meter.ts'
import { asSluiceError } from './pipeline.ts'

/** A request that comes from within: of a batch. */
export interface InProcessRequest {
  /** Names it in answers and records. */
  readonly id: string
  readonly principal: Principal
  readonly body: Uint8Array
  /** Gives it up. */
  readonly signal: AbortSignal
  /** Waits so many milliseconds when a limit has no room for it; absent, it fails then. */
  readonly rest?: (milliseconds: number) => Promise<void>
}

/** What a caller over HTTP would have been answered. */
export interface InProcessAnswer {
  readonly status: number
  /** JSON, of the dialect. */
  readonly body: Uint8Array
  /** Present when the request failed. */
  readonly error: SluiceError | undefined
}

/** Never rejects: failures are answers, also that of a request that was given up (`client_closed_request`). */
export type InProcess = (request: InProcessRequest) => Promise<InProcessAnswer>

export interface InProcessParts {
  readonly dialect: Dialect
  readonly engine: ServingEngine
  /** Who serves a workspace with providers of its own; asked for those only. */
  readonly siteEngine: SiteEngine
  readonly admit: Admit
  readonly meter: Meter
  /** Who a caller of earlier is by now. Rejects with a `SluiceError` for one who may not call any more. */
  readonly renew: (principal: Principal) => Promise<Principal>
}

/** The pipeline without HTTP around it: the same routes, attempts and records; whole answers only. */
export function createInProcess({
  dialect,
  engine: usual,
  siteEngine,
  admit,
  meter,
  renew,
}: InProcessParts): InProcess {
  const usualServing = servingOf(usual, dialect)
  const siteServing = createSiteServing(siteEngine, dialect)
  const { operation } = dialect

  return async function run(request: InProcessRequest): Promise<InProcessAnswer> {
    const { id, principal: asked, body, signal } = request
    let principal = asked
    const startedAt = performance.now()
    let exchange: Exchange | undefined
    let answer: Answer | undefined
    let admission: Admission | undefined
    const abort = (): void => exchange?.abort()
    const settle = (error: SluiceError | undefined): void => {
      if (exchange === undefined) return
      const { attempts, decisions, peek } = exchange
      const used = meter.settle(
        {
          requestId: id,
          principal,
          operation,
          requestedModel: peek.model,
          stream: false,
          attempts,
          decisions,
          startedAt,
        },
        answer,
        error,
      )
      admission?.settle({ answer, ...used })
    }
    try {
      principal = await renew(asked)
      checkOperation(principal, operation)
      const { workspace } = principal
      const { engine, findRoute } = workspace?.settings === undefined ? usualServing : await siteServing(workspace)
      const peek = dialect.peek(body)
      if (peek.stream) {
        throw new SluiceError('invalid_request', 'A request of a batch is not streamed. Leave `stream` out.', {
          param: 'stream',
        })
      }
      exchange = new Exchange(id, dialect, body, peek, startedAt)
      exchange.principal = principal.id
      signal.addEventListener('abort', abort)
      if (signal.aborted) abort()
      checkGoing(exchange)
      const name = peek.model ?? usualRoute(principal, peek)
      if (principal.policy !== undefined) restrict(exchange, principal.policy, name)
      const route = findRoute(name)
      if (route.only === undefined) exchange.decisions = []
      admission = await letIn(admit, principal, exchange, route, request.rest)
      exchange.gate = admission?.gate
      checkGoing(exchange)
      answer = await engine.attempt(exchange, route)
      const whole = await gather(answer, exchange)
      settle(undefined)
      return { status: 200, body: whole, error: undefined }
    } catch (thrown) {
      const error = asSluiceError(thrown)
      settle(error)
      return { status: error.status, body: Buffer.from(JSON.stringify(dialect.error.encode(error, id))), error }
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}

async function letIn(
  admit: Admit,
  principal: Principal,
  exchange: Exchange,
  route: Route,
  rest: InProcessRequest['rest'],
): Promise<Admission | undefined> {
  for (;;) {
    try {
      return await admit(principal, exchange, route)
    } catch (error) {
      const wait = error instanceof SluiceError && error.code === 'limit_exceeded' ? error.retryAfterMs : undefined
      if (wait === undefined || rest === undefined) throw error
      await rest(wait)
      checkGoing(exchange)
    }
  }
}

function checkGoing(exchange: Exchange): void {
  if (exchange.aborted) throw new SluiceError('client_closed_request', 'The request was given up.')
}

function gather(answer: Answer, exchange: Exchange): Promise<Uint8Array> {
  checkGoing(exchange)
  if (answer.whole !== undefined) return Promise.resolve(answer.whole)
  return new Promise((resolve, reject) => {
    exchange.underWay = {
      abort() {
        answer.cancel()
        reject(new SluiceError('client_closed_request', 'The request was given up.'))
      },
    }
    gatherAnswer(answer).then(resolve, reject)
  })
}
