import type { Target } from '../dispatch/target.ts'
import type { Decision } from './decision.ts'
import type { Route, RouteCandidate } from './route-plan.ts'
import type { RouteRequest } from './route-request.ts'
import { unavailability } from './target-state.ts'

export interface ChoiceContext {
  readonly request: RouteRequest
  /** Targets that have failed for this request. */
  readonly tried: ReadonlySet<Target> | undefined
  /** Why the request will not have a target; absent where it says nothing. */
  readonly refuses?: ((target: Target) => string | undefined) | undefined
  /** On the clock of `performance.now`. */
  readonly now: number
  /** Hears of each choice; absent where nobody wants to know. */
  readonly decided: ((decision: Decision) => void) | undefined
}

/**
 * Picks a target: by the route's strategy among the candidates that were not tried, whose conditions hold and which
 * may be called now. Where none may be called now, but one is only believed to be broken, that one is asked rather
 * than nobody. `undefined` when there is none at all.
 */
export function choose(route: Route, context: ChoiceContext): Target | undefined {
  return pick(route, context, false) ?? pick(route, context, true)
}

function pick(route: Route, context: ChoiceContext, desperate: boolean): Target | undefined {
  const { candidates } = route
  const open: RouteCandidate[] = []
  for (const candidate of candidates) if (obstacle(candidate, context, desperate) === undefined) open.push(candidate)
  const [first] = open
  if (first === undefined) return undefined
  const picked = open.length === 1 ? first : (route.strategy.pick(open, context.request) as RouteCandidate)
  context.decided?.(describe(route, picked, open, context, desperate))
  return picked.target ?? (picked.route && pick(picked.route, context, desperate))
}

/** Why a candidate is out of the question. */
function obstacle(candidate: RouteCandidate, context: ChoiceContext, desperate: boolean): string | undefined {
  const { target, route, condition } = candidate
  if (condition !== undefined && !condition.holds(context.request)) return `not when ${condition.text}`
  if (target !== undefined) {
    if (context.tried?.has(target)) return 'was tried'
    const refusal = context.refuses?.(target)
    if (refusal !== undefined) return refusal
    // What a target itself asked for is heeded in any case.
    if (desperate ? context.now < target.state.restUntil : !target.state.available(context.now))
      return unavailability(target.state, context.now) ?? 'may not be called now'
    return undefined
  }
  const below = route?.candidates ?? []
  return below.some((one) => obstacle(one, context, desperate) === undefined) ? undefined : 'nothing below it is left'
}

function describe(
  route: Route,
  picked: RouteCandidate,
  open: readonly RouteCandidate[],
  context: ChoiceContext,
  desperate: boolean,
): Decision {
  const { strategy, name, candidates } = route
  return {
    route: name,
    candidates: candidates.map((candidate) => {
      const reason = obstacle(candidate, context, desperate)
      if (reason !== undefined) return { name: candidate.name, outcome: 'filtered', reason }
      const score = open.length > 1 ? strategy.score?.(candidate, context.request) : undefined
      return {
        name: candidate.name,
        outcome: candidate === picked ? 'picked' : 'passed',
        ...(score !== undefined && { score }),
      }
    }),
  }
}

/** Milliseconds until the first of a route's targets may be called again, where all of them asked for rest. */
export function restOf(route: Route, now: number): number | undefined {
  let soonest: number | undefined
  for (const { target, route: below } of route.candidates) {
    const rest = target === undefined ? below && restOf(below, now) : target.state.restUntil - now
    if (rest === undefined || rest <= 0) return undefined
    soonest = soonest === undefined ? rest : Math.min(soonest, rest)
  }
  return soonest
}
