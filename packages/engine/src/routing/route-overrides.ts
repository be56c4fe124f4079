import { SluiceError } from '@sluice/protocol'
import type { Route } from './route-plan.ts'

/** What one request wants otherwise than config says. */
export interface RouteOverrides {
  /** The name of a route or model that it goes to, whatever its body says. */
  readonly route: string | undefined
  /** Milliseconds until an answer begins, all attempts together. */
  readonly timeout: number | undefined
  readonly retries: number | undefined
}

/** As a caller gives them; `timeout` in seconds. */
export interface GivenOverrides {
  /** The name of a route or model that the request goes to, whatever its body says. */
  readonly route?: string | undefined
  /** Seconds until an answer begins, all attempts together; at most 3600. */
  readonly timeout?: number | undefined
  /** How often a target is asked again in vain, 0 to 10. */
  readonly retries?: number | undefined
}

/** The headers in which a caller of the gateway says the same. */
export const overrideHeaders: Readonly<Record<keyof GivenOverrides, string>> = {
  route: 'x-sluice-route',
  timeout: 'x-sluice-timeout',
  retries: 'x-sluice-retries',
}

const longestName = 256
const longestTimeout = 3_600
const mostRetries = 10

/**
 * @param names what the caller calls them, where it is not by their own names.
 * @throws SluiceError `invalid_request` naming what is wrong.
 */
export function readOverrides(given: GivenOverrides, names?: typeof overrideHeaders): RouteOverrides {
  const { route, timeout, retries } = given
  const wrong = (name: keyof GivenOverrides, expected: string): SluiceError => {
    const param = names?.[name] ?? name
    return new SluiceError('invalid_request', `\`${param}\` must be ${expected}.`, { param })
  }
  // Without types anything may come.
  if (route !== undefined && (typeof route !== 'string' || route === '' || route.length > longestName)) {
    throw wrong('route', `the name of a route or model, of at most ${longestName} characters`)
  }
  if (timeout !== undefined && !(timeout > 0 && timeout <= longestTimeout)) {
    throw wrong('timeout', `a number of seconds above 0 and up to ${longestTimeout}`)
  }
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries <= mostRetries)) {
    throw wrong('retries', `a whole number from 0 to ${mostRetries}`)
  }
  return { route, timeout: timeout === undefined ? undefined : timeout * 1000, retries }
}

/** The same route, and those that take over from it, with a request's own limits. */
export function withLimits(route: Route, { timeout, retries }: RouteOverrides): Route {
  if (timeout === undefined && retries === undefined) return route
  const limited = (one: Route): Route => {
    const own = withOwnLimits(one, { timeout, retries })
    const fallbacks = Object.entries(own.policy.fallbacks).map(([reason, other]) => [reason, limited(other)])
    return { ...own, policy: { ...own.policy, fallbacks: Object.fromEntries(fallbacks) } }
  }
  return limited(route)
}

/** As `withLimits`, of a route from which no others take over. */
export function withOwnLimits(route: Route, { timeout, retries }: Omit<RouteOverrides, 'route'>): Route {
  const { policy } = route
  return {
    ...route,
    policy: { ...policy, timeout: timeout ?? policy.timeout, maxRetries: retries ?? policy.maxRetries },
  }
}
