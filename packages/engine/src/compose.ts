import { commonDialects, type SpokenDialect, type TranslatableDialect } from '@sluice/protocol'
import { composeCore, type EngineCore } from './compose-core.ts'
import type { Config } from './config/config.ts'
import type { Exchange } from './dispatch/exchange.ts'
import { throughGate } from './dispatch/through-gate.ts'
import { dialectsFor, moderatedBy } from './dispatch/moderator.ts'
import { planFor } from './dispatch/plan-for.ts'
import { addressOf, bodyFor, prepareBody } from './dispatch/prepare-body.ts'
import { lossesAt } from './dispatch/strict.ts'
import type { Target } from './dispatch/target.ts'
import type { Middleware } from './middleware/middleware.ts'
import { throughMiddleware } from './middleware/through-middleware.ts'
import { fetchModels } from './models/fetch-models.ts'
import { createModelCatalog, type ModelCatalog } from './models/model-catalog.ts'
import { createModelFacts, type ModelFactsSource } from './models/model-facts.ts'
import { createModelRegistry, type ModelRegistry } from './models/model-registry.ts'
import { createModelResolver, type ModelResolver } from './models/resolve-model.ts'
import { createAuthorizedTransport } from './provider-kit/authorization/authorized-transport.ts'
import { createPromptBook, type PromptBook } from './prompts/prompt-book.ts'
import { modelOf, throughPrompts } from './prompts/through-prompts.ts'
import type { Provider } from './provider-kit/provider.ts'
import { adHocRoute } from './routing/ad-hoc-route.ts'
import { amongTargets } from './routing/among-targets.ts'
import { chooseFor, onlyTarget } from './routing/choose-for.ts'
import { CircuitBreaker } from './routing/circuit-breaker.ts'
import { Degradation } from './routing/degradation.ts'
import { estimateCost } from './routing/estimate-cost.ts'
import { createRouteFinder } from './routing/find-route.ts'
import { readHeadroom } from './routing/read-headroom.ts'
import type { RouteOverrides } from './routing/route-overrides.ts'
import type { Route } from './routing/route-plan.ts'
import { createTargetStates, type TargetStates } from './routing/target-state.ts'
import type { Transport } from './transport/transport.ts'

/** What library and gateway share: from a model's name to an answer. */
export interface Engine extends Pick<EngineCore, 'attempt'> {
  readonly catalog: ModelCatalog
  readonly registry: ModelRegistry
  /** The bundled table of models and prices, which is not loaded before it is asked to. */
  readonly facts: ModelFactsSource
  readonly resolver: ModelResolver
  /** The given transport, which also signs what has to be signed: for every other call to a provider. */
  readonly transport: Transport
  /** Absent where none is configured. */
  readonly prompts: PromptBook | undefined
  /** Of config, by their names. */
  readonly routes: Config['routes']
  /** What is known of targets from their traffic. */
  readonly states: TargetStates
  /** What a name means to callers of a dialect. The finder throws `SluiceError` for names that nothing serves. */
  routeFinder(dialect: SpokenDialect): (model: string | undefined) => Route
  /** The route of a request that says itself where it shall go; `find` is the finder of its dialect. */
  adHocRoute(exchange: Exchange, find: (model: string | undefined) => Route, overrides?: RouteOverrides): Route
  /** The target that the route would pick now, without a call; its choices go into `exchange.decisions`. */
  pick(exchange: Exchange, route: Route): Target | undefined
}

/** What is put around the engine's calls. */
export interface EngineOptions {
  /** Around each attempt, the first the outermost. Default: none. */
  readonly middleware?: readonly Middleware[] | undefined
  /** What providers may be asked in, besides what the caller speaks. Default: the common ones. */
  readonly dialects?: readonly TranslatableDialect[] | undefined
}

/** The engine's composition root. `presets` are the providers that hints may name. */
export function composeEngine(
  config: Config,
  presets: readonly Provider[],
  unsigned: Transport,
  { middleware = [], dialects: given = commonDialects }: EngineOptions = {},
): Engine {
  const { providers, defaultProvider, models, strict, moderation } = config
  const { fastPath } = config.server
  const transport = createAuthorizedTransport(unsigned)
  const dialects = new Map(given.map((dialect) => [dialect.id, dialect]))
  const catalog = createModelCatalog({
    providers,
    fetchModels: (provider) => fetchModels(provider, transport),
    now: () => performance.now(),
  })
  const facts = createModelFacts()
  const registry = createModelRegistry({ providers, defaultProvider, models, catalog, facts })
  const resolver = createModelResolver({ registry, presets, selectors: config.selectors })
  const { breaker, degradation, queue, retryShare, retryReserve } = config.routing
  const states = createTargetStates({
    guard: (tell) => breaker && new CircuitBreaker(breaker, tell),
    degradation: (tell) =>
      degradation && new Degradation(degradation, (degraded) => tell(degraded ? 'degraded' : 'recovered')),
    heard: readHeadroom,
  })
  // Where there are no prompts, names of prompts are no models' either.
  const book = createPromptBook(config.prompts)
  const prompts = config.prompts.length === 0 ? undefined : book
  const body = { fastPath, strict }
  const core = composeCore({
    transport,
    prepare: (exchange, target) => prepareBody(exchange, target, body),
    address: addressOf,
    journey: amongTargets,
    retryShare,
    retryReserve,
    around(dispatch) {
      const attempted = throughMiddleware(middleware, throughGate(dispatch))
      return prompts === undefined ? attempted : throughPrompts(prompts, dialects, attempted)
    },
  })
  return {
    catalog,
    registry,
    facts,
    resolver,
    transport,
    prompts,
    routes: config.routes,
    states,
    routeFinder(dialect) {
      if (isTranslatable(dialect)) dialects.set(dialect.id, dialect)
      const reachable = dialectsFor(dialect.operation, dialects, moderation)
      const find = createRouteFinder({
        resolver,
        routes: config.routes,
        dialect,
        findPlan: (caller, provider, model) => planFor(caller, provider, model, reachable),
        states,
        strategies: config.strategies,
        context: core.context,
        queue,
        estimateCost: (target, request) => estimateCost(registry.priceOf(target.provider, target.model), request),
      })
      if (moderation !== undefined && dialect.operation === 'moderate')
        return (model) => find(moderatedBy(moderation, modelOf(book, model)))
      return (model) => find(modelOf(book, model))
    },
    adHocRoute: (exchange, find, overrides) =>
      adHocRoute(exchange, overrides, {
        find,
        priceOf: ({ provider, model }) => registry.priceOf(provider, model),
        losses: (current, target) => lossesAt(current, target, () => bodyFor(current, target, fastPath)),
      }),
    pick: (exchange, route) => onlyTarget(exchange, route) ?? chooseFor(exchange, route),
    attempt: core.attempt,
  }
}

function isTranslatable(dialect: SpokenDialect): dialect is TranslatableDialect {
  return 'request' in dialect
}
