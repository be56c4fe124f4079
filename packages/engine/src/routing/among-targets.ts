import { SluiceError } from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { chooseFor, forbiddenBy, onlyTarget } from './choose-for.ts'
import { restOf } from './choose.ts'
import { actionFor, fallbackFor } from './error-policy.ts'
import type { Call } from './hedge.ts'
import type { RetryBudget } from './retry-budget.ts'
import { again, attempt, type Journey, type Next, rest, type RouteContext, timeLeft } from './route.ts'
import { lastWord } from './route-failed-error.ts'
import type { Route } from './route-plan.ts'

/** Chooses among a route's targets, and takes the routes that are there for failures, as its policy says. */
export function amongTargets(exchange: Exchange, route: Route, context: RouteContext): Journey {
  return new ManyTargets(exchange, route, context)
}

class ManyTargets implements Journey {
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
    const first = attempt(this.#exchange, target, timeLeft(this.#exchange, this.#route, startedAt), this.#context)
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
    const other = this.#spare(new Set(this.#tried).add(target))
    if (other === undefined || other.state.limit?.full === true || !budget.withdraw()) return undefined
    const startedAt = performance.now()
    const before = this.#exchange.underWay
    // A failure before the call is one like any other.
    const answer = new Promise<Answer>((resolve) => {
      resolve(attempt(this.#exchange, other, timeLeft(this.#exchange, this.#route, startedAt), this.#context))
    })
    const { underWay } = this.#exchange
    return { target: other, startedAt, answer, abortable: underWay === before ? undefined : underWay }
  }

  /** The answer, which goes on elsewhere when its stream breaks off, where the route wants that. */
  goingOn(answer: Answer): Answer {
    const { continuation } = this.#route.policy
    if (continuation === undefined || !answer.stream) return answer
    return continuation(this.#exchange, answer, (failed, request) => {
      const target = this.#spare((this.#tried ??= new Set()).add(failed))
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
    const left = timeLeft(this.#exchange, this.#route, performance.now())
    return left !== undefined && next.delay >= left ? undefined : next
  }

  lastWord(error: SluiceError): SluiceError {
    return lastWord(this.#exchange.attempts, error)
  }

  #choose(): Target | undefined {
    return chooseFor(this.#exchange, this.#route, this.#tried)
  }

  /** Another than those that were tried. A strategy that fails has none: nobody waits who could be told of it. */
  #spare(tried: ReadonlySet<Target>): Target | undefined {
    if (this.#route.only !== undefined) return undefined
    try {
      return chooseFor(this.#exchange, this.#route, tried)
    } catch {
      return undefined
    }
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
    return again(target, error, this.#failures, this.#route, this.#context)
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
