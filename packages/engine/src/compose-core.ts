import type { Answer } from './dispatch/answer.ts'
import { dispatch, type DispatchOptions } from './dispatch/dispatch.ts'
import type { Exchange } from './dispatch/exchange.ts'
import { createRetryBudget } from './routing/retry-budget.ts'
import { route, type RouteContext } from './routing/route.ts'
import type { Route } from './routing/route-plan.ts'

/** From a route to an answer: what every engine has, and all that is in the smallest. */
export interface EngineCore {
  readonly context: RouteContext
  /** The route's loop over attempts. */
  attempt(exchange: Exchange, route: Route): Promise<Answer>
}

export interface CoreParts
  extends Pick<DispatchOptions, 'transport' | 'prepare' | 'address'>, Pick<RouteContext, 'journey'> {
  /** Repeats at the most, as a share of all requests. */
  readonly retryShare: number
  /** Repeats that are there at the beginning. */
  readonly retryReserve: number
  /** What stands around each attempt. Default: nothing. */
  around?(dispatch: RouteContext['dispatch']): RouteContext['dispatch']
}

export function composeCore(parts: CoreParts): EngineCore {
  const { transport, prepare, address, journey, retryShare, retryReserve } = parts
  const attempt: RouteContext['dispatch'] = (exchange, target, timeout) =>
    dispatch(exchange, target, { transport, prepare, address, timeout })
  const context: RouteContext = {
    dispatch: parts.around?.(attempt) ?? attempt,
    random: Math.random,
    budget: createRetryBudget({ share: retryShare, reserve: retryReserve, now: () => performance.now() }),
    journey,
  }
  return { context, attempt: (exchange, found) => route(exchange, found, context) }
}
