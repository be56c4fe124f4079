import type { Engine } from '../compose.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import type { ModelRegistry } from '../models/model-registry.ts'
import type { ResolutionStep } from '../models/resolution.ts'
import { modelOf } from '../prompts/through-prompts.ts'
import type { Decision } from './decision.ts'
import type { Route } from './route-plan.ts'

/** Where a request would go, and why. */
export interface RouteExplanation {
  readonly object: 'explanation'
  /** As it was named; `null` when it was not. */
  readonly model: string | null
  /** The route of config that the name is; `null` when it is a model's. */
  readonly route: string | null
  /** The rules that were tried on a model's name, in order; the last one decided. */
  readonly resolution: readonly ResolutionStep[]
  /** What a route chose among. */
  readonly decisions: readonly Decision[]
  /** Absent when the route has nobody for it now. */
  readonly target?: {
    /** `provider/model`. */
    readonly id: string
    readonly provider: string
    /** As the provider is sent it. */
    readonly model: string
    readonly plan: 'passthrough' | 'translate' | 'estimate'
    /** What the provider is spoken to in. */
    readonly dialect: string
    /** The provider lists the model, or config names it, as far as is known. */
    readonly known: boolean
  }
}

/**
 * Makes no call, not even for lists of models.
 * @param find the route of `exchange`, by `name`.
 * @throws SluiceError as `find`.
 */
export function explainRoute(
  engine: Pick<Engine, 'pick' | 'resolver' | 'prompts' | 'catalog' | 'registry' | 'routes'>,
  exchange: Exchange,
  find: () => Route,
  name: string | undefined,
): RouteExplanation {
  return engine.catalog.unasked(() => explain(engine, exchange, find(), name))
}

function explain(
  engine: Parameters<typeof explainRoute>[0],
  exchange: Exchange,
  route: Route,
  name: string | undefined,
): RouteExplanation {
  const decisions = (exchange.decisions ??= [])
  const target = engine.pick(exchange, route)
  const isRoute = route.only === undefined || engine.routes.has(route.name)
  return {
    object: 'explanation',
    model: exchange.peek.model ?? null,
    route: isRoute ? route.name : null,
    resolution: isRoute ? [] : engine.resolver.explain(modelOf(engine.prompts, name)).steps,
    decisions,
    ...(target !== undefined && {
      target: {
        id: target.state.id,
        provider: target.provider.id,
        model: target.model,
        plan: target.plan.kind,
        dialect: target.plan.dialect.id,
        known: isListed(target, engine.registry),
      },
    }),
  }
}

function isListed({ provider, model }: Target, registry: ModelRegistry): boolean {
  return registry.snapshot().byProvider.get(provider.id)?.named.has(model.toLowerCase()) === true
}
