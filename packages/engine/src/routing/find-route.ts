import { type SpokenDialect, SluiceError } from '@sluice/protocol'
import type { RouteConfig, RouteTargetConfig } from '../config/config.ts'
import { findTargets } from '../dispatch/find-target.ts'
import type { FindPlan } from '../dispatch/plan.ts'
import type { Target } from '../dispatch/target.ts'
import type { ModelResolver } from '../models/resolve-model.ts'
import { roundRobin } from '../strategies/round-robin.ts'
import type { CandidateLoad, StrategyContext, StrategyKind } from '../strategies/strategy.ts'
import { checkAnswer, checksAnswers } from './check-answer.ts'
import { ConcurrencyLimit, type ConcurrencyOptions } from './concurrency-limit.ts'
import { continueElsewhere } from './continuation.ts'
import { hedge as race } from './hedge.ts'
import { RecentTimes } from './recent-times.ts'
import { createRetryBudget } from './retry-budget.ts'
import type { RouteRequest } from './route-request.ts'
import { plainPolicy, type Route, type RouteCandidate, type RoutePolicy, straightTo } from './route-plan.ts'
import type { TargetStates } from './target-state.ts'

export interface RouteFinderOptions {
  readonly resolver: ModelResolver
  /** Config's routes, by name. */
  readonly routes: ReadonlyMap<string, RouteConfig>
  /** What callers speak. */
  readonly dialect: SpokenDialect
  readonly findPlan: FindPlan
  readonly states: TargetStates
  readonly strategies: ReadonlyMap<string, StrategyKind>
  readonly context: Pick<StrategyContext, 'random'>
  /** How many requests may wait for a place at a target, and how long. */
  readonly queue: Omit<ConcurrencyOptions, 'most'>
  /** Pico-dollars that a request to a target would cost; `undefined` when not known. */
  estimateCost(target: Target, request: RouteRequest): number | undefined
}

/** Names kept, so that callers who make names up cannot fill the memory. */
const mostNames = 1_000

/**
 * What a name means to callers of one dialect, ready to be gone: a route of config, else the model's one target.
 * Worked out once per name, for as long as the models are the same.
 *
 * The function throws as `ModelResolver.resolve`, or `unsupported_operation` when nothing there reaches the dialect.
 */
export function createRouteFinder(options: RouteFinderOptions): (model: string | undefined) => Route {
  const { resolver } = options
  const found = new Map<string | undefined, Route>()
  let revision = resolver.revision()

  return (model) => {
    const current = resolver.revision()
    if (current !== revision || found.size >= mostNames) {
      revision = current
      found.clear()
    }
    let route = found.get(model)
    if (route === undefined) found.set(model, (route = findRoute(model, options)))
    return route
  }
}

function findRoute(name: string | undefined, options: RouteFinderOptions): Route {
  const config = name === undefined ? undefined : options.routes.get(name)
  return config === undefined ? routeTo(targetsOf(name, options), name, options) : buildRoute(config, options)
}

function targetsOf(
  name: string | undefined,
  { resolver, dialect, findPlan, states }: RouteFinderOptions,
): readonly [Target, ...Target[]] {
  return findTargets(resolver, dialect, findPlan, states, name)
}

/** The route of a name that stands for one model: straight to it, or by turns where its provider has several keys. */
function routeTo(
  targets: readonly [Target, ...Target[]],
  name: string | undefined,
  options: RouteFinderOptions,
): Route {
  const [first] = targets
  if (targets.length === 1) return straightTo(first, name)
  const candidates = targets.map((target): RouteCandidate => ({
    name: target.state.id,
    weight: 1,
    priority: 0,
    target,
    route: undefined,
    load: target.state,
    condition: undefined,
    estimatedCost: (request) => options.estimateCost(target, request),
  }))
  return Object.freeze({
    name: name ?? first.state.id,
    policy: plainPolicy,
    only: undefined,
    candidates,
    strategy: roundRobin.create(candidates, contextOf(options), {}),
  })
}

/** @throws SluiceError of the first target, when none of them can be reached by this dialect. */
function buildRoute(config: RouteConfig, options: RouteFinderOptions): Route {
  const candidates: RouteCandidate[] = []
  let problem: SluiceError | undefined
  for (const target of config.targets) {
    try {
      candidates.push(candidateOf(target, options))
    } catch (error) {
      // What cannot do this operation is left out, as long as others can.
      if (!(error instanceof SluiceError)) throw error
      problem ??= error
    }
  }
  if (candidates.length === 0) {
    throw problem ?? new SluiceError('invalid_config', `The route "${config.name}" has no targets.`)
  }
  const kind = options.strategies.get(config.strategy)
  if (kind === undefined) throw new SluiceError('invalid_config', `There is no strategy "${config.strategy}".`)
  const policy = policyOf(config, options)
  // The tail is learned only where it is needed.
  if (config.hedge !== undefined) learnTimes(candidates)
  const [first] = candidates
  // Where nothing is to be chosen, nothing is spent on choosing.
  const direct = candidates.length === 1 && first?.condition === undefined && first?.target !== undefined
  return {
    name: config.name,
    only: direct ? first.target : undefined,
    candidates,
    strategy: kind.create(candidates, contextOf(options), config.strategyOptions),
    policy,
  }
}

function leastCost(candidates: readonly RouteCandidate[], request: RouteRequest): number | undefined {
  const costs = candidates.map((candidate) => candidate.estimatedCost(request)).filter((cost) => cost !== undefined)
  return costs.length === 0 ? undefined : Math.min(...costs)
}

function learnTimes(candidates: readonly RouteCandidate[]): void {
  for (const { target, route } of candidates) {
    if (target !== undefined) target.state.recent ??= new RecentTimes()
    else learnTimes(route?.candidates ?? [])
  }
}

function contextOf({ context, strategies }: RouteFinderOptions): StrategyContext {
  return { random: () => context.random(), kind: (name) => strategies.get(name) }
}

function candidateOf(config: RouteTargetConfig, options: RouteFinderOptions): RouteCandidate {
  const { model, weight, priority, when, maxConcurrent } = config
  const below = options.routes.get(model)
  const targets = below === undefined ? targetsOf(model, options) : undefined
  if (targets !== undefined && maxConcurrent !== undefined)
    for (const { state } of targets)
      state.limit ??= new ConcurrencyLimit(state.id, { most: maxConcurrent, ...options.queue })
  const [first] = targets ?? []
  const route = below ? buildRoute(below, options) : targets && routeTo(targets, model, options)
  // A model at one key needs no route of its own.
  const target = route?.only !== undefined && below === undefined ? route.only : undefined
  return {
    name: first?.state.id ?? model,
    weight,
    priority,
    target,
    route: target === undefined ? route : undefined,
    load: target?.state ?? new CombinedLoad(route?.candidates ?? []),
    condition: when,
    estimatedCost: (request) =>
      first === undefined ? leastCost(route?.candidates ?? [], request) : options.estimateCost(first, request),
  }
}

function policyOf(config: RouteConfig, options: RouteFinderOptions): RoutePolicy {
  const entries = Object.entries(config.fallbacks).map(([reason, names]) => {
    const [only] = names
    if (only !== undefined && names.length === 1) return [reason, findRoute(only, options)]
    const targets = names.map((model): RouteTargetConfig => ({
      model,
      weight: 1,
      priority: 0,
      when: undefined,
      maxConcurrent: undefined,
    }))
    const name = `${config.name}, ${reason}`
    return [reason, buildRoute({ ...config, name, targets, fallbacks: {}, strategy: 'first-available' }, options)]
  })
  const fallbacks: RoutePolicy['fallbacks'] = Object.fromEntries(entries)
  const { maxRetries, timeout, onError } = config
  const hedge = config.hedge && {
    ...config.hedge,
    budget: createRetryBudget({ share: config.hedge.maxExtra, reserve: 0, now: () => 0 }),
    race,
  }
  const continuation = config.continuation ? continueElsewhere : undefined
  return {
    maxRetries,
    timeout,
    onError,
    hedge,
    continuation,
    fallbacks,
    check: checksAnswers(fallbacks) ? checkAnswer : undefined,
  }
}

/** Of a route: the calls of all below it, and the best of what else they have. */
class CombinedLoad implements CandidateLoad {
  readonly #candidates: readonly RouteCandidate[]

  constructor(candidates: readonly RouteCandidate[]) {
    this.#candidates = candidates
  }

  get active(): number {
    return this.#candidates.reduce((sum, { load }) => sum + load.active, 0)
  }

  get firstByte(): number | undefined {
    return this.#best(({ firstByte }) => firstByte, Math.min)
  }

  get throughput(): number | undefined {
    return this.#best(({ throughput }) => throughput, Math.max)
  }

  get headroom(): number | undefined {
    return this.#best(({ headroom }) => headroom, Math.max)
  }

  #best(
    read: (load: CandidateLoad) => number | undefined,
    better: (a: number, b: number) => number,
  ): number | undefined {
    let best: number | undefined
    for (const { load } of this.#candidates) {
      const value = read(load)
      if (value !== undefined) best = best === undefined ? value : better(best, value)
    }
    return best
  }
}
