import type { Exchange } from '../dispatch/exchange.ts'
import { again, type Journey, type RouteContext, timeLeft } from './route.ts'
import type { Route } from './route-plan.ts'

/** Asks the one target of a route that has no other (`straightTo`), and asks it again. */
export function alone(exchange: Exchange, route: Route, context: RouteContext): Journey {
  let failures = 0
  return {
    first: () => route.only!,
    // Without `attempt`: where there is no state to be told, there are no places to wait for.
    ask: (target, startedAt) => context.dispatch(exchange, target, timeLeft(exchange, route, startedAt)),
    after(target, error) {
      const next = exchange.aborted ? undefined : again(target, error, ++failures, route, context)
      if (next === undefined) return undefined
      const left = timeLeft(exchange, route, performance.now())
      return left !== undefined && next.delay >= left ? undefined : next
    },
    lastWord: (error) => error,
    goingOn: (answer) => answer,
  }
}
