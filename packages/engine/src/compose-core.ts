import type { Answer } from './dispatch/answer.ts'
import { dispatch, type DispatchOptions } from './dispatch/dispatch.ts'
import type { Exchange } from './dispatch/exchange.ts'
import type { Target } from './dispatch/target.ts'
import { createRetryBudget } from './routing/retry-budget.ts'
import { chooseFor, onlyTarget, route, type RouteContext } from './routing/route.ts'
import type { Route } from './routing/route-plan.ts'

/** From a route to an answer: what every engine has, and all that is in the smallest. */
export interface EngineCore {
  readonly context: RouteContext
  /** The target that the route would pick now, without a call; its choices go into `exchange.decisions`. */
  pick(exchange: Exchange, route: Route): Target | undefined
  /** The route's loop over attempts. */
  attempt(exchange: Exchange, route: Route): Promise<Answer>
}

export interface CoreParts extends Pick<DispatchOptions, 'transport' | 'fastPath' | 'strict'> {
  /** Repeats at the most, as a share of all requests. */
  readonly retryShare: number
  /** Repeats that are there at the beginning. */
  readonly retryReserve: number
  /** What stands around each attempt. Default: nothing. */
  around?(dispatch: RouteContext['dispatch']): RouteContext['dispatch']
}

export function composeCore(parts: CoreParts): EngineCore {
  const { transport, fastPath, strict, retryShare, retryReserve } = parts
  const attempt: RouteContext['dispatch'] = (exchange, target, timeout) =>
    dispatch(exchange, target, { transport, fastPath, strict, timeout })
  const context: RouteContext = {
    dispatch: parts.around?.(attempt) ?? attempt,
    random: Math.random,
    budget: createRetryBudget({ share: retryShare, reserve: retryReserve, now: () => performance.now() }),
  }
  return {
    context,
    pick: (exchange, found) => onlyTarget(exchange, found) ?? chooseFor(exchange, found),
    attempt: (exchange, found) => route(exchange, found, context),
  }
}
