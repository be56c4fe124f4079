import { SluiceError } from '@sluice/protocol'
import type { Exchange } from '../dispatch/exchange.ts'
import { again, attempt, type Journey, rest, type RouteContext, timeLeft } from './route.ts'
import type { Route } from './route-plan.ts'

/** Asks the one target that there is, and asks it again. */
export function alone(exchange: Exchange, route: Route, context: RouteContext): Journey {
  let failures = 0
  return {
    first() {
      if (route.only !== undefined) return route.only
      throw new SluiceError('internal_error', 'A route of several targets was asked for one.')
    },
    ask: (target, startedAt) => attempt(exchange, target, timeLeft(exchange, route, startedAt), context),
    after(target, error) {
      rest(target, error)
      const next = exchange.aborted ? undefined : again(target, error, ++failures, route, context)
      if (next === undefined) return undefined
      const left = timeLeft(exchange, route, performance.now())
      return left !== undefined && next.delay >= left ? undefined : next
    },
    lastWord: (error) => error,
    goingOn: (answer) => answer,
  }
}
