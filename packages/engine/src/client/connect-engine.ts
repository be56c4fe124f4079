import { type SpokenDialect, openaiChat, type SluiceError } from '@sluice/protocol'
import type { Engine } from '../compose.ts'
import { costOf } from '../money/cost-of.ts'
import { checkHealth } from '../provider-kit/check-health.ts'
import { describeProvider } from '../provider-kit/describe-provider.ts'
import { explainRoute } from '../routing/explain-route.ts'
import { readOverrides } from '../routing/route-overrides.ts'
import type { Route } from '../routing/route-plan.ts'
import { toAvailableModel } from './available-model.ts'
import { type CallEngine, encodeJson, newRequestId, openExchange, originOf } from './call-engine.ts'
import type { Connection } from './connection.ts'
import { reportHealth } from './health-report.ts'
import { listPrompts } from './prompts.ts'
import { providerNotFound } from './provider-not-found.ts'

/** The engine in this process as a client has it. */
export function connectEngine(engine: Engine, close: () => Promise<void>): Connection {
  const { catalog, registry } = engine
  const calls = callsOf(engine)
  return {
    calls,
    close,
    prompts: listPrompts(engine.prompts),
    async listModels() {
      await catalog.refreshAll()
      return registry.snapshot().models.map(toAvailableModel)
    },
    async providers() {
      await catalog.refreshAll()
      const { byProvider } = registry.snapshot()
      return Promise.all(
        registry.providers.map(async (provider) => ({
          ...describeProvider(provider),
          isDefault: provider === registry.defaultProvider,
          models: byProvider.get(provider.id)?.models.length ?? 0,
          health: await checkHealth(provider, engine.transport),
        })),
      )
    },
    async health() {
      return reportHealth({
        providers: registry.providers,
        states: engine.states.all(),
        now: performance.now(),
      })
    },
    async explain(request) {
      const exchange = openExchange(openaiChat, { body: encodeJson(request) }, newRequestId())
      const { model } = exchange.peek
      return explainRoute(engine, exchange, () => calls.findRoute(exchange, {}), model)
    },
    async requireProvider(name) {
      if (registry.addresses.find(name) === undefined) throw notConfigured(engine, name)
    },
    async checkHealth(id) {
      const provider = id === undefined ? registry.defaultProvider : registry.addresses.find(id)
      if (provider === undefined) throw notConfigured(engine, id)
      return checkHealth(provider, engine.transport)
    },
  }
}

function notConfigured({ registry, resolver }: Engine, name: string | undefined): SluiceError {
  const { providers } = registry
  const none = providers.length === 0 ? resolver.explain(undefined).error : undefined
  return (
    none ??
    providerNotFound(
      name,
      providers.map(({ id }) => id),
    )
  )
}

function callsOf(engine: Engine): CallEngine {
  const finders = new Map<SpokenDialect, (model: string | undefined) => Route>()
  let prices: Promise<unknown> | undefined
  // Without the table what config says still counts.
  const loadPrices = (): Promise<unknown> => (prices ??= engine.facts.load().catch(() => undefined))
  return {
    findRoute(exchange, options) {
      const { dialect, peek } = exchange
      let find = finders.get(dialect)
      if (find === undefined) finders.set(dialect, (find = engine.routeFinder(dialect)))
      const { route, timeout, retries } = options
      const said = route !== undefined || timeout !== undefined || retries !== undefined
      if (!said && peek.choosesRoute === undefined) return find(peek.model)
      return engine.adHocRoute(exchange, find, said ? readOverrides(options) : undefined)
    },
    attempt(exchange, route) {
      const answer = engine.attempt(exchange, route)
      // The table of prices is read while the first request is on its way.
      void loadPrices()
      return answer
    },
    originOf,
    async costOf({ startedAt }, { target }, usage) {
      await loadPrices()
      const when = Date.now() - (performance.now() - startedAt)
      const cost = costOf(usage, engine.registry.priceOf(target.provider, target.model), { when })
      return cost.state === 'unpriced' ? null : cost
    },
  }
}
