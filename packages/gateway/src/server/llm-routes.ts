import { openaiChat, SluiceError } from '@sluice/protocol'
import { type Engine, Exchange, explainRoute } from 'sluice'
import { checkOverview, restrict, usualRoute } from '../access/policy.ts'
import type { SiteEngine } from '../access/sites.ts'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { Principal } from '../pipeline/principal.ts'
import { overridesForbidden, readOverrideHeaders } from '../pipeline/overrides.ts'
import type { LimitsStatus } from '../limits/compose-limits.ts'
import type { LedgerStatus } from '../ledger/ledger-status.ts'
import type { HealthWatch } from '../health/health-watch.ts'
import type { Probes } from '../health/probes.ts'
import { writeHealth } from '../telemetry/health-report.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { prometheusType, renderPrometheus } from '../telemetry/prometheus.ts'
import { windowLength } from '../telemetry/rolling-calls.ts'
import type { TraceBook } from '../telemetry/trace-book.ts'
import type { Call } from './call.ts'
import { readBody } from './read-body.ts'
import { sendError, sendJson } from './respond.ts'
import type { Route } from './router.ts'

export interface LlmRouteParts {
  readonly authenticate: Authenticate
  readonly engine: Engine
  /** Who serves a workspace with providers of its own. */
  readonly siteEngine: SiteEngine
  readonly metrics: Metrics
  readonly cacheOutcomes?: ReadonlyMap<string, number> | undefined
  readonly traces: TraceBook
  readonly probes: Probes
  readonly watch: HealthWatch
  readonly version: string
  readonly maxBodyBytes: number
  /** Requests may say where they go. */
  readonly allowOverrides: boolean
  /** Requests that are being answered. */
  readonly open: () => number
  /** Absent where there is none. */
  readonly ledger?: (() => LedgerStatus) | undefined
  readonly limits: () => LimitsStatus
}

/** How providers and models do, why a request went where it went, and where one would go. */
export function llmRoutes(parts: LlmRouteParts): readonly Route[] {
  const { engine, metrics, traces } = parts

  function guarded(handler: (call: Call, principal: Principal) => Promise<void> | void): Route['handler'] {
    return async (call) => {
      try {
        await handler(call, await parts.authenticate(call.request))
      } catch (thrown) {
        if (!(thrown instanceof SluiceError)) throw thrown
        sendError(call, thrown, openaiChat, 0)
      }
    }
  }

  /** Of all callers together: not for the key of one among many. */
  function overview(handler: (call: Call) => Promise<void> | void): Route['handler'] {
    return guarded((call, principal) => {
      checkOverview(principal)
      return handler(call)
    })
  }

  function list(read: () => readonly unknown[]): Route['handler'] {
    return overview((call) =>
      sendJson(call, 200, { object: 'list', window_seconds: windowLength / 1000, data: read() }),
    )
  }

  function health(call: Call): void {
    const now = performance.now()
    const { providers } = engine.registry
    const summaries = metrics.providers(now)
    const report = writeHealth({
      providers,
      states: engine.states.all(),
      now,
      callsOf: (id) => summaries.find(({ provider }) => provider === id),
      probeOf: parts.probes.finding,
    })
    sendJson(call, 200, { ...report, ledger: parts.ledger?.() ?? null, limits: parts.limits() })
  }

  function prometheus(call: Call): void {
    const { user, system } = process.cpuUsage()
    const text = renderPrometheus({
      series: metrics.series(),
      cacheOutcomes: parts.cacheOutcomes,
      ledger: parts.ledger?.(),
      targets: engine.states.all(),
      open: parts.open(),
      residentMemory: process.memoryUsage.rss(),
      processorSeconds: (user + system) / 1e6,
      uptime: process.uptime(),
      version: parts.version,
      now: performance.now(),
    })
    call.response.writeHead(200, { 'content-type': prometheusType, 'x-request-id': call.id })
    call.response.end(text)
  }

  /** One's own only: a trace tells what somebody asked for. */
  function showTrace(call: Call, principal: Principal): void {
    const id = call.path.slice('/api/llm/traces/'.length)
    const trace = traces.find(id, principal.id)
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
    const find = serving.routeFinder(openaiChat)
    const route = serving.adHocRoute(exchange, peek.choosesRoute === true ? find : () => find(name), overrides)
    sendJson(call, 200, explainRoute(serving, exchange, route, name))
  }

  const now = (): number => performance.now()
  return [
    { method: 'GET', path: '/api/llm/health', handler: overview(health) },
    {
      method: 'GET',
      path: '/api/llm/events',
      handler: overview((call) => sendJson(call, 200, { object: 'list', data: parts.watch.events() })),
    },
    { method: 'GET', path: '/api/llm/metrics/providers', handler: list(() => metrics.providers(now())) },
    { method: 'GET', path: '/api/llm/metrics/models', handler: list(() => metrics.models(now())) },
    { method: 'GET', path: '/api/llm/metrics/failures', handler: list(() => metrics.failures()) },
    { method: 'GET', path: '/api/llm/traces/*', handler: guarded(showTrace) },
    { method: 'POST', path: '/api/llm/explain', handler: guarded(explain) },
    { method: 'GET', path: '/metrics', handler: overview(prometheus) },
  ]
}
