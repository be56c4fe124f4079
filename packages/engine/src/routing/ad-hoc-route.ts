import { SluiceError } from '@sluice/protocol'
import type { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { type ModelPrice, rateFor, ratesAt } from '../money/model-price.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { estimateCost } from './estimate-cost.ts'
import { readRoutePreferences, type ProviderPreferences, type ProviderSort } from './route-preferences.ts'
import { type RouteOverrides, withLimits } from './route-overrides.ts'
import type { Condition } from './route-condition.ts'
import type { Route, RouteCandidate } from './route-plan.ts'
import { factsOf } from './route-request.ts'
import { chooseFor } from './choose-for.ts'

export interface AdHocContext {
  /** As `createRouteFinder` makes it. */
  find(name: string | undefined): Route
  priceOf(target: Target): ModelPrice | undefined
  /** What of the request the target would not take, in words; `undefined` when it takes everything. */
  losses(exchange: Exchange, target: Target): string | undefined
}

/**
 * The route of a request that says itself where it shall go: by overrides, and by `models` and `provider` of its body,
 * unless the target that its name means understands these itself. What the request will not have goes into
 * `exchange.refuses`.
 *
 * @throws SluiceError `invalid_request` for what cannot be read, and as the finder when there is nobody to ask.
 */
export function adHocRoute(exchange: Exchange, overrides: RouteOverrides | undefined, context: AdHocContext): Route {
  const name = overrides?.route ?? exchange.peek.model
  const route = exchange.peek.choosesRoute === true ? preferredRoute(exchange, name, context) : context.find(name)
  return overrides === undefined ? route : withLimits(route, overrides)
}

function preferredRoute(exchange: Exchange, name: string | undefined, context: AdHocContext): Route {
  const { models, provider } = readRoutePreferences(factsOf(exchange).params)
  const routes = routesOf(name, models, context)
  const [first] = routes
  if (first === undefined || first.only?.provider.preset.choosesRoute === true) return first ?? context.find(name)
  if (provider !== undefined) exchange.refuses = refusalBy(provider, exchange, context)
  const sort = typeof provider?.sort === 'string' ? provider.sort : provider?.sort?.by
  const sorted = (provider?.order?.length ?? 0) > 0 || (sort ?? undefined) !== undefined
  const route = sorted
    ? sortedRoute(routes, provider?.order ?? [], sort ?? undefined, context)
    : routes.length > 1
      ? listRoute(routes, context)
      : first
  const allowed = withoutRefused(route, exchange.refuses)
  const pinned = provider?.allow_fallbacks === false && routes.length === 1 && (provider.order?.length ?? 0) === 0
  const only = pinned && allowed.only === undefined ? chooseFor(exchange, allowed) : undefined
  return only === undefined ? allowed : { ...allowed, only, candidates: [] }
}

/** Of several names those that mean something here; throws for the first when none does. */
function routesOf(name: string | undefined, models: readonly string[], { find }: AdHocContext): readonly Route[] {
  const names = name === undefined && models.length > 0 ? models : [name, ...models]
  const routes: Route[] = []
  let problem: SluiceError | undefined
  for (const one of new Set(names)) {
    try {
      const route = find(one)
      // What chooses by itself is told of the others.
      if (routes.length === 0 && route.only?.provider.preset.choosesRoute === true) return [route]
      routes.push(route)
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      problem ??= error
    }
  }
  if (routes.length === 0 && problem !== undefined) throw problem
  return routes
}

const inOrder: Strategy = { pick: ([first]) => first! }

/** The first that is available. */
function listRoute(routes: readonly Route[], context: AdHocContext): Route {
  const candidates = routes.map((route): RouteCandidate =>
    route.only === undefined ? below(route) : candidateFor(route.only, context),
  )
  return { name: nameOf(routes), only: undefined, candidates, strategy: inOrder, policy: routes[0]!.policy }
}

function below(route: Route): RouteCandidate {
  const [first] = route.candidates
  return {
    name: route.name,
    weight: 1,
    priority: 0,
    target: undefined,
    route,
    // Nobody looks at it where the order counts.
    load: first!.load,
    condition: undefined,
    estimatedCost: () => undefined,
  }
}

function candidateFor(target: Target, { priceOf }: AdHocContext): RouteCandidate {
  return {
    name: target.state.id,
    weight: 1,
    priority: 0,
    target,
    route: undefined,
    load: target.state,
    condition: undefined,
    estimatedCost: (request) => estimateCost(priceOf(target), request),
  }
}

/** All targets there are: first by the model's place in the list, then by the provider's, then by what is sorted by. */
function sortedRoute(
  routes: readonly Route[],
  order: readonly string[],
  sort: ProviderSort | undefined,
  context: AdHocContext,
): Route {
  const places = new Map<object, number>()
  routes.forEach((route, index) => {
    for (const candidate of leavesOf(route, context)) {
      const wanted = order.findIndex((name) => isNamed(candidate.target!, name))
      places.set(candidate, index * (order.length + 1) + (wanted < 0 ? order.length : wanted))
    }
  })
  const candidates = ([...places.keys()] as RouteCandidate[]).toSorted((a, b) => places.get(a)! - places.get(b)!)
  const score = sort === undefined ? undefined : scores[sort]
  const strategy: Strategy = {
    pick(open, request) {
      let best = open[0]!
      if (score === undefined) return best
      const place = places.get(best)
      for (const candidate of open) {
        if (places.get(candidate) === place && score(candidate, request) < score(best, request)) best = candidate
      }
      return best
    },
    ...(score !== undefined && { score }),
  }
  return { name: nameOf(routes), only: undefined, candidates, strategy, policy: routes[0]!.policy }
}

/** The lower the better; what is not known of traffic is tried. */
const scores: Readonly<Record<ProviderSort, NonNullable<Strategy['score']>>> = {
  price: (candidate, request) => candidate.estimatedCost(request) ?? Infinity,
  throughput: ({ load }) => -(load.throughput ?? Infinity),
  latency: ({ load }) => load.firstByte ?? 0,
}

function leavesOf(route: Route, context: AdHocContext, above: readonly Condition[] = []): readonly RouteCandidate[] {
  const { only, candidates } = route
  if (only !== undefined && candidates.length === 0) return [candidateFor(only, context)]
  return candidates.flatMap((candidate) => {
    const conditions = candidate.condition === undefined ? above : [...above, candidate.condition]
    if (candidate.route !== undefined) return leavesOf(candidate.route, context, conditions)
    return [above.length === 0 ? candidate : { ...candidate, condition: allOf(conditions) }]
  })
}

function allOf(conditions: readonly Condition[]): Condition {
  return {
    text: conditions.map(({ text }) => text).join(' && '),
    holds: (request) => conditions.every((condition) => condition.holds(request)),
  }
}

/** Says why the request will not have a target; worked out once for each. */
function refusalBy(
  provider: ProviderPreferences,
  exchange: Exchange,
  context: AdHocContext,
): (target: Target) => string | undefined {
  const { only, ignore, order, allow_fallbacks: fallbacks, require_parameters: requires, max_price: most } = provider
  const known = new Map<Target, string | undefined>()
  const refuse = (target: Target): string | undefined => {
    const named = (names: readonly string[]): boolean => names.some((name) => isNamed(target, name))
    if (only && !named(only)) return 'not in provider.only'
    if (ignore && named(ignore)) return 'in provider.ignore'
    if (fallbacks === false && order && order.length > 0 && !named(order)) return 'not in provider.order'
    const price = most && priceAbove(target, most, context)
    if (price) return price
    const loss = requires === true ? context.losses(exchange, target) : undefined
    return loss === undefined ? undefined : `provider.require_parameters: ${loss}`
  }
  return (target) => {
    if (!known.has(target)) known.set(target, refuse(target))
    return known.get(target)
  }
}

function priceAbove(
  target: Target,
  most: NonNullable<ProviderPreferences['max_price']>,
  { priceOf }: AdHocContext,
): string | undefined {
  // What runs here costs nothing.
  if (target.provider.preset.local) return undefined
  const price = priceOf(target)
  const { input, output } = price === undefined ? {} : ratesAt(price, Date.now())
  for (const [member, rate] of [['prompt', input] as const, ['completion', output] as const]) {
    const limit = most[member] ?? undefined
    if (limit === undefined) continue
    if (rate === undefined) return `provider.max_price: its ${member} price is not known`
    // From pico-dollars a token to dollars a million.
    if (rateFor(rate, 0) / 1e6 > Number(limit)) return `above provider.max_price.${member}`
  }
  return undefined
}

/** Providers are called by id, name or type, however they are spelled: `Google AI Studio`, `google-ai-studio`. */
function isNamed({ provider }: Target, name: string): boolean {
  const wanted = plain(name)
  return [provider.id, provider.name, provider.preset.id, provider.preset.name].some((one) => plain(one) === wanted)
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z\d]/g, '')
}

/** @throws SluiceError when the only target there is will not do. */
function withoutRefused(route: Route, refuses: Exchange['refuses']): Route {
  if (refuses === undefined) return route
  const reason = route.only && refuses(route.only)
  if (reason !== undefined) {
    throw new SluiceError(
      'model_not_found',
      `"${route.name}" has one target only, which the request refuses: ${reason}.`,
      {
        param: 'provider',
      },
    )
  }
  const fallbacks = Object.entries(route.policy.fallbacks).filter(
    ([, { only }]) => !only || refuses(only) === undefined,
  )
  return { ...route, policy: { ...route.policy, fallbacks: Object.fromEntries(fallbacks) } }
}

function nameOf(routes: readonly Route[]): string {
  return routes.map(({ name }) => name).join(', ')
}
