import { SluiceError } from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { choose, restOf } from './choose.ts'
import { actionFor, fallbackFor } from './error-policy.ts'
import type { Call } from './hedge.ts'
import type { RetryBudget } from './retry-budget.ts'
import { retryDelay } from './retry-policy.ts'
import { RouteFailedError } from './route-failed-error.ts'
import type { Route } from './route-plan.ts'

/** What the loop over attempts needs of its surroundings. */
export interface RouteContext {
  /** Makes one attempt at one target; `timeout` in milliseconds cuts its own short. */
  dispatch(exchange: Exchange, target: Target, timeout?: number): Promise<Answer>
  /** In [0, 1). */
  random(): number
  readonly budget: RetryBudget
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
  const journey = new Journey(exchange, plan, context)
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

/** The target that a route picks for a request now; its choices go into `exchange.decisions`, where that is a list. */
export function chooseFor(exchange: Exchange, plan: Route, tried?: ReadonlySet<Target>): Target | undefined {
  const { decisions, facts: request, refuses, forbids } = exchange
  return choose(plan, {
    request,
    tried,
    refuses: forbids === undefined ? refuses : (target) => forbids(target)?.message ?? refuses?.(target),
    now: performance.now(),
    decided: decisions && ((decision) => decisions.push(decision)),
  })
}

/** The one target of a route, where that is all there is and the caller may use it. */
export function onlyTarget({ forbids }: Exchange, { only }: Route): Target | undefined {
  return only !== undefined && forbids?.(only) === undefined ? only : undefined
}

/** What forbids a caller all that a route leads to; `undefined` where something is left. */
export function forbiddenBy({ forbids }: Exchange, { only, candidates }: Route): SluiceError | undefined {
  if (forbids === undefined) return undefined
  if (only !== undefined) return forbids(only)
  let reason: SluiceError | undefined
  for (const target of leavesOf(candidates)) {
    const found = forbids(target)
    if (found === undefined) return undefined
    reason ??= found
  }
  return reason
}

function leavesOf(candidates: Route['candidates']): readonly Target[] {
  return candidates.flatMap(({ target, route: below }) =>
    target !== undefined ? [target] : below?.only !== undefined ? [below.only] : leavesOf(below?.candidates ?? []),
  )
}

/** Waits for a place first, where there are only so many; at once where one is free. */
function attempt(
  exchange: Exchange,
  target: Target,
  timeout: number | undefined,
  context: RouteContext,
): Promise<Answer> {
  const { limit } = target.state
  if (limit === undefined) return context.dispatch(exchange, target, timeout)
  const place = limit.enter(exchange)
  const begin = (): Promise<Answer> => {
    try {
      if (exchange.aborted) throw callerGone()
      return context.dispatch(exchange, target, timeout)
    } catch (error) {
      // What failed before the call began has no end that would give the place back.
      limit.leave()
      throw error
    }
  }
  return place === undefined ? begin() : place.then(begin)
}

/** What is to be done next, and when: milliseconds from now. */
interface Next {
  readonly target: Target
  readonly delay: number
}

/** Where a request has been, and where it may still go. */
class Journey {
  readonly #exchange: Exchange
  readonly #context: RouteContext
  /** The route that is being gone: the first one, or that of a typed fallback. */
  #route: Route
  /** Those that failed, so that they are not picked again while there are others. */
  #tried: Set<Target> | undefined
  /** Of the present target, in a row. */
  #failures = 0

  constructor(exchange: Exchange, route: Route, context: RouteContext) {
    this.#exchange = exchange
    this.#route = route
    this.#context = context
  }

  first(): Target {
    const target = onlyTarget(this.#exchange, this.#route) ?? this.#choose()
    if (target !== undefined) return target
    throw this.#nobody()
  }

  /** Milliseconds that are left of the route's time; `undefined` for no limit. */
  timeLeft(now: number): number | undefined {
    const { timeout } = this.#route.policy
    return timeout > 0 ? Math.max(1, this.#exchange.startedAt + timeout - now) : undefined
  }

  /** Asks a target, and after a while another one too where the route wants that. The first answer counts. */
  ask(target: Target, startedAt: number): Promise<Answer> {
    const { policy } = this.#route
    const answer = this.#race(target, startedAt)
    const { check } = policy
    return check === undefined ? answer : answer.then((good) => check(this.#exchange, good, policy))
  }

  #race(target: Target, startedAt: number): Promise<Answer> {
    // Who has to wait for a place is not raced: there is no call yet.
    const waits = target.state.limit?.full === true
    const first = attempt(this.#exchange, target, this.timeLeft(startedAt), this.#context)
    const { hedge: policy } = this.#route.policy
    if (policy === undefined || waits || this.#exchange.rest !== undefined) return first
    policy.budget.deposit()
    const delay = policy.delay ?? target.state.recent?.patience
    if (delay === undefined) return first
    const call = { target, startedAt, answer: first, abortable: this.#exchange.underWay }
    return policy.race(this.#exchange, call, delay, () => this.#second(target, policy.budget))
  }

  /** A call beside the one that is under way at `target`. */
  #second(target: Target, budget: RetryBudget): Call | undefined {
    const failed = this.#tried
    this.#tried = new Set(failed).add(target)
    const other = this.#route.only === undefined ? this.#choose() : undefined
    this.#tried = failed
    if (other === undefined || other.state.limit?.full === true || !budget.withdraw()) return undefined
    const startedAt = performance.now()
    const before = this.#exchange.underWay
    // A failure before the call is one like any other.
    const answer = new Promise<Answer>((resolve) => {
      resolve(attempt(this.#exchange, other, this.timeLeft(startedAt), this.#context))
    })
    const { underWay } = this.#exchange
    return { target: other, startedAt, answer, abortable: underWay === before ? undefined : underWay }
  }

  /** The answer, which goes on elsewhere when its stream breaks off, where the route wants that. */
  goingOn(answer: Answer): Answer {
    const { continuation } = this.#route.policy
    if (continuation === undefined || !answer.stream) return answer
    return continuation(this.#exchange, answer, (failed, request) => {
      ;(this.#tried ??= new Set()).add(failed)
      const target = this.#route.only === undefined ? this.#choose() : undefined
      if (target === undefined) return undefined
      const startedAt = performance.now()
      // A failure before the call is one like any other.
      const call = new Promise<Answer>((resolve) => resolve(attempt(request, target, undefined, this.#context)))
      return { target, startedAt, answer: call }
    })
  }

  /** `undefined` when the caller is to be told. */
  after(target: Target, error: SluiceError): Next | undefined {
    this.#failures++
    rest(target, error)
    const { aborted, rest: body } = this.#exchange
    if (aborted || body?.taken === true) return undefined
    const next = this.#otherRoute(error) ?? this.#onward(target, error)
    if (next === undefined) return undefined
    const left = this.timeLeft(performance.now())
    return left !== undefined && next.delay >= left ? undefined : next
  }

  /** What the caller is told: of all attempts, where there were several targets. */
  lastWord(error: SluiceError): SluiceError {
    const { attempts } = this.#exchange
    if (attempts.every(({ target }) => target === attempts[0]?.target)) return error
    return new RouteFailedError(attempts, error)
  }

  #choose(): Target | undefined {
    return chooseFor(this.#exchange, this.#route, this.#tried)
  }

  /** The route for this kind of failure. */
  #otherRoute(error: SluiceError): Next | undefined {
    const fallback = fallbackFor(error, this.#route.policy)
    if (fallback === undefined) return undefined
    this.#route = fallback
    const target = onlyTarget(this.#exchange, fallback) ?? this.#choose()
    if (target === undefined) return undefined
    this.#failures = 0
    return { target, delay: 0 }
  }

  /** Whichever is the first choice, the other one is there when it is no longer possible. */
  #onward(target: Target, error: SluiceError): Next | undefined {
    switch (actionFor(error, this.#route.policy)) {
      case 'next':
        return this.#otherTarget(target) ?? this.#again(target, error)
      case 'retry':
        return this.#again(target, error) ?? this.#otherTarget(target)
      case 'fail':
        return undefined
    }
  }

  #otherTarget(target: Target): Next | undefined {
    if (this.#route.only !== undefined) return undefined
    ;(this.#tried ??= new Set()).add(target)
    const other = this.#choose()
    if (other === undefined) return undefined
    this.#failures = 0
    return { target: other, delay: 0 }
  }

  #again(target: Target, error: SluiceError): Next | undefined {
    const { policy } = this.#route
    if (this.#failures > (policy.maxRetries ?? target.maxRetries)) return undefined
    const delay = retryDelay(error, this.#failures, this.#context.random())
    return delay === undefined || !this.#context.budget.withdraw() ? undefined : { target, delay }
  }

  #nobody(): SluiceError {
    const { name } = this.#route
    const reason = forbiddenBy(this.#exchange, this.#route)
    if (reason !== undefined) return reason
    const wait = restOf(this.#route, performance.now())
    if (wait !== undefined) {
      return new SluiceError(
        'rate_limit_exceeded',
        `Every target of the route "${name}" asked to be left alone for a while.`,
        {
          retryAfterMs: wait,
        },
      )
    }
    return new SluiceError('model_not_found', `No target of the route "${name}" is for such a request.`, {
      param: 'model',
    })
  }
}

/** Milliseconds; a provider that asks for more is asked again after so much. */
const longestRest = 10 * 60_000

/** A target that says when it wants to be called again is left alone until then. */
function rest({ state }: Target, { code, retryAfterMs }: SluiceError): void {
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
