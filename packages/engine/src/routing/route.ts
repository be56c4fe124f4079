import { SluiceError } from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import type { RetryBudget } from './retry-budget.ts'
import { retryDelay } from './retry-policy.ts'
import type { Route } from './route-plan.ts'

/** What the loop over attempts needs of its surroundings. */
export interface RouteContext {
  /** Makes one attempt at one target; `timeout` in milliseconds cuts its own short. */
  dispatch(exchange: Exchange, target: Target, timeout?: number): Promise<Answer>
  /** In [0, 1). */
  random(): number
  readonly budget: RetryBudget
  /** Sets out on a route: among its targets (`amongTargets`), or with the one that it has (`alone`). */
  journey(exchange: Exchange, route: Route, context: RouteContext): Journey
}

/** Where a request has been, and where it may still go. */
export interface Journey {
  /** Throws `SluiceError` where there is nobody for the request. */
  first(): Target
  ask(target: Target, startedAt: number): Promise<Answer>
  /** `undefined` when the caller is to be told. */
  after(target: Target, error: SluiceError): Next | undefined
  /** What the caller is told. */
  lastWord(error: SluiceError): SluiceError
  /** The answer as the caller is to have it. */
  goingOn(answer: Answer): Answer
}

/** What is to be done next, and when: milliseconds from now. */
export interface Next {
  readonly target: Target
  readonly delay: number
}

/**
 * The one place where attempts are repeated: picks a target and asks it; after a failure asks it again, picks another,
 * or takes the route that is there for such a failure, until an answer may be committed to. Before that a failure is
 * invisible to the caller; after it nothing is repeated.
 *
 * @throws SluiceError of the last attempt. `exchange.attempts` has them all.
 */
export async function route(exchange: Exchange, plan: Route, context: RouteContext): Promise<Answer> {
  context.budget.deposit()
  const journey = context.journey(exchange, plan, context)
  for (let target = journey.first(); ;) {
    const startedAt = performance.now()
    try {
      const answer = await journey.ask(target, startedAt)
      if (answer.target === target) exchange.attempts.push({ target, startedAt, endedAt: performance.now() })
      return journey.goingOn(answer)
    } catch (thrown) {
      const error = asSluiceError(thrown)
      exchange.attempts.push({ target, startedAt, endedAt: performance.now(), error })
      const next = journey.after(target, error)
      if (next === undefined) throw journey.lastWord(error)
      if (next.delay > 0) await pause(exchange, next.delay)
      if (exchange.aborted) throw callerGone()
      target = next.target
    }
  }
}

/** Waits for a place first, where there are only so many, and no longer than `timeout`; at once where one is free. */
export function attempt(
  exchange: Exchange,
  target: Target,
  timeout: number | undefined,
  context: RouteContext,
): Promise<Answer> {
  const { limit } = target.state
  if (limit === undefined) return context.dispatch(exchange, target, timeout)
  const askedAt = performance.now()
  const place = limit.enter(exchange, timeout)
  const begin = (): Promise<Answer> => {
    try {
      if (exchange.aborted) throw callerGone()
      const left = timeout && Math.max(1, Math.ceil(askedAt + timeout - performance.now()))
      return context.dispatch(exchange, target, left)
    } catch (error) {
      // What failed before the call began has no end that would give the place back.
      limit.leave()
      throw error
    }
  }
  return place === undefined ? begin() : place.then(begin)
}

/** The same target once more, where that may help. @param failures of it, in a row. */
export function again(
  target: Target,
  error: SluiceError,
  failures: number,
  { policy }: Route,
  { random, budget }: RouteContext,
): Next | undefined {
  if (failures > (policy.maxRetries ?? target.maxRetries)) return undefined
  const delay = retryDelay(error, failures, random())
  return delay === undefined || !budget.withdraw() ? undefined : { target, delay }
}

/** Whole milliseconds that are left of a route's time; `undefined` for no limit. */
export function timeLeft({ startedAt }: Exchange, { policy }: Route, now: number): number | undefined {
  return policy.timeout > 0 ? Math.max(1, Math.ceil(startedAt + policy.timeout - now)) : undefined
}

/** Milliseconds; a provider that asks for more is asked again after so much. */
const longestRest = 10 * 60_000

/** A target that says when it wants to be called again is left alone until then. */
export function rest({ state }: Target, { code, retryAfterMs }: SluiceError): void {
  if (retryAfterMs === undefined || (code !== 'rate_limit_exceeded' && code !== 'upstream_overloaded')) return
  state.restUntil = Math.max(state.restUntil, performance.now() + Math.min(retryAfterMs, longestRest))
}

function callerGone(): SluiceError {
  return new SluiceError('client_closed_request', 'The caller went away.')
}

function asSluiceError(thrown: unknown): SluiceError {
  return thrown instanceof SluiceError
    ? thrown
    : new SluiceError('internal_error', 'An attempt failed by a defect in Sluice.', { cause: thrown })
}

/** @throws SluiceError `client_closed_request` when the caller goes away meanwhile. */
function pause(exchange: Exchange, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      exchange.underWay = undefined
      resolve()
    }, milliseconds)
    exchange.underWay = {
      abort() {
        clearTimeout(timer)
        reject(callerGone())
      },
    }
  })
}
