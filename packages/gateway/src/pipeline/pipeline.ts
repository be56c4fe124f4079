import type { IncomingHttpHeaders } from 'node:http'
import { type Dialect, type Peek, SluiceError } from '@sluice/protocol'
import { type Answer, Exchange, type Route } from 'sluice'
import { type Call, checkCaller, type Handler } from '../server/call.ts'
import { queryText } from '../server/query.ts'
import { readBody } from '../server/read-body.ts'
import { readForm } from '../server/read-form.ts'
import { sendAnswer, sendError } from '../server/respond.ts'
import type { ErrorLog } from '../telemetry/error-log.ts'
import type { ResponseTurns } from '../responses/response-turn.ts'
import { checkOperation, checkRoute, restrict, usualRoute } from '../access/policy.ts'
import type { CacheStage } from '../cache/cache-stage.ts'
import type { SiteEngine } from '../access/sites.ts'
import type { Authenticate } from './authenticate.ts'
import { createSiteServing, type ServingEngine, servingOf } from './serving.ts'
import type { Principal } from './principal.ts'
import type { Admission, Admit } from './admit.ts'
import { estimateUsage, type Relayed } from '../ledger/estimate-usage.ts'
import type { Meter, MeteredRequest } from './meter.ts'
import { overridesForbidden, readOverrideHeaders } from './overrides.ts'
import { traceHeader, wantsTrace } from '../telemetry/trace-header.ts'
import { readStrict } from './strict-header.ts'

export interface PipelineParts {
  readonly dialect: Dialect
  readonly authenticate: Authenticate
  readonly engine: ServingEngine
  /** Who serves a workspace with providers of its own; asked for those only. */
  readonly siteEngine: SiteEngine
  readonly meter: Meter
  readonly errorLog: ErrorLog
  readonly maxBodyBytes: number
  /** Requests may say where they go. */
  readonly allowOverrides: boolean
  /** Of a dialect whose answers can be gone on from: what is kept of them. */
  readonly turns?: ResponseTurns | undefined
  readonly admit: Admit
  /** Absent where every request is asked anew. */
  readonly cache?: CacheStage | undefined
}

/**
 * The way of a request, in order: authenticate by the head alone; read the body; peek at it; find the target
 * that the model's name means; take what limits and budgets allow; look for a kept answer; attempt, and repeat what may
 * be repeated; relay the answer as it comes. The meter hears of every end: success, error, and a caller who went away.
 */
export function createPipeline(parts: PipelineParts): Handler {
  const { dialect, authenticate, admit, siteEngine, meter, errorLog, maxBodyBytes, allowOverrides, turns, cache } =
    parts

  const usualServing = servingOf(parts.engine, dialect)
  const siteServing = createSiteServing(siteEngine, dialect)
  const { operation } = dialect

  function ask(engine: ServingEngine, exchange: Exchange, route: Route, principal: Principal): Promise<Answer> {
    return turns === undefined ? engine.attempt(exchange, route) : takeTurn(turns, engine, exchange, route, principal)
  }

  /** An attempt that knows what the caller said before, and of which something may be kept. */
  async function takeTurn(
    { begin }: ResponseTurns,
    engine: ServingEngine,
    exchange: Exchange,
    route: Route,
    { owner, workspace }: Principal,
  ): Promise<Answer> {
    const turn = await begin(exchange, owner, workspace?.settings === undefined ? undefined : workspace.id)
    exchange.memory = turn
    checkPresent(exchange)
    const answer = await turn.keep(await engine.attempt(exchange, route))
    checkPresent(exchange)
    return answer
  }

  return async function handle(call: Call): Promise<void> {
    let exchange: Exchange | undefined
    let settle: ((answer?: Answer, error?: SluiceError, relayed?: Relayed) => void) | undefined
    try {
      const found = authenticate(call.request)
      const principal = found instanceof Promise ? await found : found
      checkOperation(principal, operation)
      const { workspace } = principal
      const { engine, findRoute } = workspace?.settings === undefined ? usualServing : await siteServing(workspace)
      const form = dialect.form === undefined ? undefined : await readForm(call, dialect.form, maxBodyBytes)
      const body = form?.body ?? (await readBody(call, maxBodyBytes))
      checkCaller(call)
      const peek = form?.peek ?? peekAt(dialect, body, call)
      const current = (exchange = new Exchange(call.id, dialect, body, peek, call.startedAt))
      current.rest = form?.rest
      current.callerHeaders = call.request.headers
      current.principal = principal.id
      current.strict = readStrict(call.request.headers)
      current.forwardedHeaders = forwardedHeaders(call.request.headers, dialect)
      call.underWay = current
      let entry: number | undefined
      let admission: Admission | undefined
      settle = (answer, error, relayed) => {
        settle = undefined
        const unfinished = error?.code === 'client_closed_request' || (error !== undefined && answer !== undefined)
        const used = meter.settle(
          metered(call, current, principal, entry, error === undefined && answer?.whole !== undefined),
          answer,
          error,
          unfinished ? estimateUsage(current, answer, relayed) : undefined,
        )
        admission?.settle({ answer, ...used })
        if (error !== undefined) errorLog(call, error, current.attempts)
      }
      const overrides = readOverrideHeaders(call.request.headers)
      const usual = overrides === undefined && peek.choosesRoute === undefined
      if (!usual && !allowOverrides) throw overridesForbidden()
      if (!usual || wantsTrace(call)) current.decisions = []
      const name = overrides?.route ?? peek.model ?? usualRoute(principal, peek)
      if (principal.policy !== undefined) restrict(current, principal.policy, name)
      const route = usual
        ? findRoute(name)
        : engine.adHocRoute(current, findRoute, overrides && { ...overrides, route: name })
      if (current.forbids !== undefined) checkRoute(current, route)
      if (route.only === undefined) current.decisions ??= []
      const admitted = admit(principal, current, route, call)
      if (admitted !== undefined) {
        admission = admitted instanceof Promise ? await admitted : admitted
        current.gate = admission?.gate
        checkPresent(current)
      }
      const answer = await (cache === undefined || !usual || form !== undefined
        ? ask(engine, current, route, principal)
        : cache({
            call,
            exchange: current,
            route,
            principal,
            stateful: turns !== undefined,
            ask: () => ask(engine, current, route, principal),
          }))
      if (answer.stream) entry = meter.begin?.(metered(call, current, principal, undefined), answer)
      const watched = admission === undefined ? answer : admission.watch(answer)
      sendAnswer(
        call,
        dialect,
        current,
        watched,
        (error, relayed) => settle?.(answer, error, relayed),
        meter.whenWritten,
      )
    } catch (thrown) {
      const error = asSluiceError(thrown)
      if (settle !== undefined) settle(undefined, error)
      else errorLog(call, error, [])
      const { attempts } = exchange ?? { attempts: [] }
      sendError(call, error, dialect, attempts.length, exchange && traceHeader(call, exchange), attempts)
    }
  }
}

function metered(
  call: Call,
  exchange: Exchange,
  principal: Principal,
  entry: number | undefined,
  gathered = false,
): MeteredRequest {
  const { dialect, peek, attempts, decisions, startedAt } = exchange
  const { operation } = dialect
  const { model: requestedModel, stream } = peek
  return {
    requestId: call.id,
    principal,
    operation,
    requestedModel,
    stream,
    attempts,
    decisions,
    startedAt,
    entry,
    gathered,
  }
}

/** @throws SluiceError `client_closed_request` when the caller went away while nothing was under way. */
function checkPresent(exchange: Exchange): void {
  if (exchange.aborted) throw new SluiceError('client_closed_request', 'The caller went away.')
}

function peekAt(dialect: Dialect, body: Uint8Array, call: Call): Peek {
  const peek = dialect.peek(body)
  return dialect.peekPath === undefined ? peek : { ...peek, ...dialect.peekPath(call.path, queryText(call)) }
}

/** Names and values in turn of the caller's headers that belong to the wire; `undefined` when there are none. */
function forwardedHeaders(headers: IncomingHttpHeaders, dialect: Dialect): readonly string[] | undefined {
  if (dialect.forwardedHeaders === undefined) return undefined
  const forwarded: string[] = []
  for (const name of dialect.forwardedHeaders) {
    const value = headers[name]
    if (typeof value === 'string') forwarded.push(name, value)
  }
  return forwarded.length === 0 ? undefined : forwarded
}

export function asSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown
  return new SluiceError('internal_error', 'The gateway failed on this request by a defect of its own.', {
    cause: thrown,
  })
}
