import type { Route, Target } from 'sluice'

/** Every target that a route may end at, those of its fallbacks too. Worked out once for each route. */
export function createRouteTargets(): (route: Route) => readonly Target[] {
  const known = new WeakMap<Route, readonly Target[]>()
  return (route) => {
    let targets = known.get(route)
    if (targets === undefined) known.set(route, (targets = [...collect(route, new Set(), new Set())]))
    return targets
  }
}

function collect(route: Route, targets: Set<Target>, seen: Set<Route>): Set<Target> {
  if (seen.has(route)) return targets
  seen.add(route)
  if (route.only !== undefined) targets.add(route.only)
  for (const { target, route: below } of route.candidates) {
    if (target !== undefined) targets.add(target)
    if (below !== undefined) collect(below, targets, seen)
  }
  for (const fallback of Object.values(route.policy.fallbacks)) collect(fallback, targets, seen)
  return targets
}
