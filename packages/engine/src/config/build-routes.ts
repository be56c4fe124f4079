import type { BreakerOptions } from '../routing/circuit-breaker.ts'
import type { DegradationOptions } from '../routing/degradation.ts'
import type { Condition, ReadCondition } from '../routing/route-condition.ts'
import type { FallbackReason, HedgePolicy } from '../routing/route-policy.ts'
import type { Candidate, StrategyKind, StrategyOptions } from '../strategies/strategy.ts'
import type { ConfigPath } from './config-problem.ts'
import type { RouteConfig, RouteTargetConfig, RoutingConfig } from './config.ts'
import type {
  BreakerSettings,
  DegradationSettings,
  RouteFallbackSettings,
  RouteSettings,
  RoutingSettings,
} from './route-schema.ts'

/** A strategy that a config names, or why it cannot be had. */
export type FoundStrategy = StrategyKind | { readonly problem: string }

/** What is wrong with a route, and where. */
export type ReportRoute = (path: ConfigPath, message: string) => void

export function buildRouting(settings: RoutingSettings | null | undefined): RoutingConfig {
  const {
    retry_share: retryShare = 0.2,
    retry_reserve: retryReserve = 20,
    breaker,
    degradation,
    queue,
  } = settings ?? {}
  return Object.freeze({
    retryShare,
    retryReserve,
    breaker: breaker?.enabled === false ? undefined : breakerOf(breaker ?? {}),
    degradation: degradation?.enabled === false ? undefined : degradationOf(degradation ?? {}),
    queue: Object.freeze({ queue: queue?.size ?? 100, patience: (queue?.timeout ?? 10) * 1000 }),
  })
}

function breakerOf(settings: BreakerSettings): BreakerOptions {
  return Object.freeze({
    window: (settings.window ?? 30) * 1000,
    minimumCalls: settings.minimum_calls ?? 10,
    failureRate: settings.failure_rate ?? 0.5,
    consecutiveFailures: settings.consecutive_failures ?? 5,
    slowCall: (settings.slow_call ?? 0) * 1000,
    slowRate: settings.slow_rate ?? 0.5,
    openFor: (settings.open_for ?? 5) * 1000,
    longestOpen: (settings.longest_open ?? 60) * 1000,
  })
}

function degradationOf(settings: DegradationSettings): DegradationOptions {
  return Object.freeze({
    factor: settings.factor ?? 2,
    recovery: settings.recovery ?? 1.3,
    samples: settings.samples ?? 5,
    minimumCalls: settings.minimum_calls ?? 20,
    memory: (settings.memory ?? 3600) * 1000,
  })
}

/**
 * @param strategies those that there are, by name.
 * @param condition reads those of targets.
 */
export function buildRoutes(
  settings: Readonly<Record<string, RouteSettings>> | null | undefined,
  strategies: ReadonlyMap<string, FoundStrategy>,
  condition: ReadCondition | undefined,
  report: ReportRoute,
): ReadonlyMap<string, RouteConfig> {
  const routes = new Map<string, RouteConfig>()
  for (const [name, route] of Object.entries(settings ?? {})) {
    const { name: strategy, ...strategyOptions } =
      typeof route.strategy === 'object' ? route.strategy : { name: route.strategy ?? 'first-available' }
    const problem = strategyProblem(strategy, strategyOptions, route.targets, strategies)
    if (problem !== undefined) report(['routes', name, 'strategy'], problem)
    routes.set(
      name,
      Object.freeze({
        name,
        strategy,
        strategyOptions,
        targets: route.targets.map((target, index) =>
          targetOf(target, condition, (reason) => report(['routes', name, 'targets', index, 'when'], reason)),
        ),
        maxRetries: route.retries,
        timeout: (route.timeout ?? 0) * 1000,
        onError: route.on_error ?? {},
        fallbacks: fallbacksOf(route.fallbacks),
        hedge: hedgeOf(route.hedge),
        continuation: route.continuation ?? false,
      }),
    )
  }
  for (const [name, { targets }] of routes) {
    targets.forEach(({ model, maxConcurrent }, index) => {
      if (maxConcurrent === undefined || !routes.has(model)) return
      report(['routes', name, 'targets', index, 'max_concurrent'], `${model} is a route: say it at the targets there`)
    })
    const circle = findCircle(name, routes, [])
    if (circle !== undefined) report(['routes', name, 'targets'], `leads back to itself: ${circle.join(' → ')}`)
  }
  return routes
}

/** The same routes with their conditions as `read` reads them. */
export function withConditions(
  routes: ReadonlyMap<string, RouteConfig>,
  read: ReadCondition,
  report: ReportRoute,
): ReadonlyMap<string, RouteConfig> {
  const withTargets = (route: RouteConfig): RouteConfig => ({
    ...route,
    targets: route.targets.map((target, index) => {
      const path = ['routes', route.name, 'targets', index, 'when']
      const when = target.when && readCondition(target.when.text, read, (reason) => report(path, reason))
      return Object.freeze({ ...target, when })
    }),
  })
  return new Map([...routes].map(([name, route]) => [name, Object.freeze(withTargets(route))]))
}

type TargetSettings = RouteSettings['targets'][number]

function targetOf(
  target: TargetSettings,
  read: ReadCondition | undefined,
  report: (reason: string) => void,
): RouteTargetConfig {
  const { model, weight = 1, priority = 0, when: text, max_concurrent: maxConcurrent } = entryOf(target)
  const when = text === undefined ? undefined : readCondition(text, read, report)
  return Object.freeze({ model, weight, priority, when, maxConcurrent })
}

function entryOf(target: TargetSettings): Exclude<TargetSettings, string> {
  return typeof target === 'string' ? { model: target } : target
}

/** Makes the strategy once, for what it says of its options. */
function strategyProblem(
  name: string,
  options: StrategyOptions,
  targets: readonly TargetSettings[],
  strategies: ReadonlyMap<string, FoundStrategy>,
): string | undefined {
  const found = strategies.get(name)
  if (found === undefined) return `there is no strategy ${name}; there are ${[...strategies.keys()].join(', ')}`
  if ('problem' in found) return found.problem
  const candidates = targets.map(entryOf).map(({ model, weight = 1, priority = 0 }): Candidate => {
    const load = { active: 0, firstByte: undefined, throughput: undefined, headroom: undefined }
    return { name: model, weight, priority, load, estimatedCost: () => undefined }
  })
  const kind = (other: string): StrategyKind | undefined => {
    const there = strategies.get(other)
    return there === undefined || 'problem' in there ? undefined : there
  }
  try {
    found.create(candidates, { random: () => 0, kind }, options)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function readCondition(
  text: string,
  read: ReadCondition | undefined,
  report: (reason: string) => void,
): Condition | undefined {
  try {
    if (read !== undefined) return read(text)
    report('conditions are read by `loadConditions`: give what it resolves to as `condition`')
  } catch (error) {
    report(error instanceof Error ? error.message : String(error))
  }
  return undefined
}

function fallbacksOf(settings: RouteFallbackSettings | undefined): RouteConfig['fallbacks'] {
  const reasons: readonly (readonly [keyof RouteFallbackSettings, FallbackReason])[] = [
    ['context_window', 'context-window'],
    ['content_policy', 'content-policy'],
    ['empty_answer', 'empty-answer'],
    ['invalid_output', 'invalid-output'],
  ]
  return Object.fromEntries(
    reasons.flatMap(([key, reason]) => {
      const names = settings?.[key]
      return names === undefined ? [] : [[reason, typeof names === 'string' ? [names] : names]]
    }),
  )
}

function hedgeOf(settings: RouteSettings['hedge']): HedgePolicy | undefined {
  if (settings === undefined || settings === false) return undefined
  const { delay, max_extra: maxExtra = 0.05 } = settings === true ? {} : settings
  return { delay, maxExtra }
}

/** The way from a route back to itself, through targets and fallbacks. */
function findCircle(
  name: string,
  routes: ReadonlyMap<string, RouteConfig>,
  way: readonly string[],
): readonly string[] | undefined {
  if (way[0] === name) return [...way, name]
  const route = routes.get(name)
  // One that is on the way already, but is not where it began, is reported for itself.
  if (route === undefined || way.includes(name)) return undefined
  for (const next of [...route.targets.map(({ model }) => model), ...Object.values(route.fallbacks).flat()]) {
    const circle = findCircle(next, routes, [...way, name])
    if (circle !== undefined) return circle
  }
  return undefined
}
