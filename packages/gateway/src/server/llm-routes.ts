import { openaiChat, SluiceError } from '@sluice/protocol'
import { type Engine, Exchange, explainRoute } from 'sluice'
import { checkOverview, restrict, usualRoute } from '../access/policy.ts'
import type { SiteEngine } from '../access/sites.ts'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { Principal } from '../pipeline/principal.ts'
import { overridesForbidden, readOverrideHeaders } from '../pipeline/overrides.ts'
import { writeHealth } from '../telemetry/health-report.ts'
import { summariseModels, summariseProviders } from '../telemetry/metrics.ts'
import type { Overview } from '../telemetry/overview.ts'
import { prometheusType, renderPrometheus } from '../telemetry/prometheus.ts'
import { windowLength } from '../telemetry/rolling-calls.ts'
import type { Call } from './call.ts'
import { callersOnly } from './callers-only.ts'
import { readBody } from './read-body.ts'
import { sendJson } from './respond.ts'
import type { Route } from './router.ts'

export interface LlmRouteParts {
  readonly authenticate: Authenticate
  readonly engine: Engine
  /** Who serves a workspace with providers of its own. */
  readonly siteEngine: SiteEngine
  readonly overview: Overview
  readonly version: string
  readonly maxBodyBytes: number
  /** Requests may say where they go. */
  readonly allowOverrides: boolean
}

/** How providers and models do, why a request went where it went, and where one would go. */
export function llmRoutes(parts: LlmRouteParts): readonly Route[] {
  const { engine, overview } = parts

  const guarded = (handler: (call: Call, principal: Principal) => Promise<void> | void): Route['handler'] =>
    callersOnly(parts.authenticate, handler)

  /** Of all callers together: not for the key of one among many. */
  function overseen(handler: (call: Call) => Promise<void> | void): Route['handler'] {
    return guarded((call, principal) => {
      checkOverview(principal)
      return handler(call)
    })
  }

  function list(read: () => Promise<readonly unknown[]>): Route['handler'] {
    return overseen(async (call) => {
      sendJson(call, 200, { object: 'list', window_seconds: windowLength / 1000, data: await read() })
    })
  }

  async function health(call: Call): Promise<void> {
    const [calls, state] = await Promise.all([overview.calls(), overview.state()])
    const { targets, probes, ledger = null, limits } = state
    const summaries = summariseProviders(calls)
    const report = writeHealth({
      providers: engine.registry.providers,
      states: [],
      targets,
      now: performance.now(),
      callsOf: (id) => summaries.find(({ provider }) => provider === id),
      probeOf: (id) => probes.get(id),
    })
    sendJson(call, 200, { ...report, ledger, limits })
  }

  async function prometheus(call: Call): Promise<void> {
    const [state, totals] = await Promise.all([overview.state(), overview.totals()])
    const text = renderPrometheus({ state, totals, version: parts.version })
    call.response.writeHead(200, { 'content-type': prometheusType, 'x-request-id': call.id })
    call.response.end(text)
  }

  /** One's own only: a trace tells what somebody asked for. */
  async function showTrace(call: Call, principal: Principal): Promise<void> {
    const id = call.path.slice('/api/llm/traces/'.length)
    const trace = await overview.trace({ requestId: id, principal: principal.id })
    if (trace === undefined) {
      throw new SluiceError(
        'path_not_found',
        `No request "${id.slice(0, 128).replaceAll(/[^\x21-\x7e]/g, '?')}" of yours is among the last ones. Its id is in x-request-id of the answer.`,
      )
    }
    sendJson(call, 200, trace)
  }

  /** Where a request would go, without sending it. */
  async function explain(call: Call, principal: Principal): Promise<void> {
    const body = await readBody(call, parts.maxBodyBytes)
    const peek = openaiChat.peek(body)
    const exchange = new Exchange(call.id, openaiChat, body, peek, call.startedAt)
    exchange.callerHeaders = call.request.headers
    exchange.principal = principal.id
    const overrides = readOverrideHeaders(call.request.headers)
    if ((overrides !== undefined || peek.choosesRoute === true) && !parts.allowOverrides) throw overridesForbidden()
    const name = overrides?.route ?? peek.model ?? usualRoute(principal, peek)
    if (principal.policy !== undefined) restrict(exchange, principal.policy, name)
    const { workspace } = principal
    const serving = workspace?.settings === undefined ? engine : await parts.siteEngine(workspace)
    const findRoute = () => {
      const find = serving.routeFinder(openaiChat)
      return serving.adHocRoute(exchange, peek.choosesRoute === true ? find : () => find(name), overrides)
    }
    sendJson(call, 200, explainRoute(serving, exchange, findRoute, name))
  }

  return [
    { method: 'GET', path: '/api/llm/health', handler: overseen(health) },
    {
      method: 'GET',
      path: '/api/llm/events',
      handler: overseen(async (call) => sendJson(call, 200, { object: 'list', data: await overview.events() })),
    },
    {
      method: 'GET',
      path: '/api/llm/metrics/providers',
      handler: list(async () => summariseProviders(await overview.calls())),
    },
    {
      method: 'GET',
      path: '/api/llm/metrics/models',
      handler: list(async () => summariseModels(await overview.calls())),
    },
    { method: 'GET', path: '/api/llm/metrics/failures', handler: list(async () => overview.failures()) },
    { method: 'GET', path: '/api/llm/traces/*', handler: guarded(showTrace) },
    { method: 'POST', path: '/api/llm/explain', handler: guarded(explain) },
    { method: 'GET', path: '/metrics', handler: overseen(prometheus) },
  ]
}
