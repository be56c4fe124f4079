import type { Answer } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import type { Candidate, Strategy } from '../strategies/strategy.ts'
import type { GoOn } from './continuation.ts'
import type { Call } from './hedge.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { Condition } from './route-condition.ts'
import type { ErrorActions, FallbackReason, HedgePolicy } from './route-policy.ts'

/** What a name stands for: one target, or several and a way to choose. Built once per name, looked up per request. */
export interface Route {
  /** As in config, or the model's name for a route that nobody wrote. */
  readonly name: string
  /** The only target there is, which is not chosen: nothing of the rest is looked at then. */
  readonly only: Target | undefined
  readonly candidates: readonly RouteCandidate[]
  readonly strategy: Strategy
  readonly policy: RoutePolicy
}

/** A target, or a route below this one. */
export interface RouteCandidate extends Candidate {
  readonly target: Target | undefined
  readonly route: Route | undefined
  /** Whether it is for such a request; absent, for any. */
  readonly condition: Condition | undefined
}

/** What a route does beside asking and asking again is here with the functions that do it: who has none brings none. */
export interface RoutePolicy {
  /** How often a target is asked again in vain; default that of each provider. */
  readonly maxRetries: number | undefined
  /** Milliseconds for all attempts together until an answer begins; 0 for no limit. */
  readonly timeout: number
  /** What to do about errors, by code or category, laid over the usual. */
  readonly onError: ErrorActions
  /** Routes that take over for a reason. */
  readonly fallbacks: Readonly<Partial<Record<FallbackReason, Route>>>
  readonly hedge: RouteHedge | undefined
  /** Goes on at another target when a stream of plain text breaks off. */
  readonly continuation: ((exchange: Exchange, first: Answer, goOn: GoOn) => Answer) | undefined
  /** Looks at answers before they are committed to, where there is a route to take after a bad one. */
  readonly check: ((exchange: Exchange, answer: Answer, policy: RoutePolicy) => Promise<Answer>) | undefined
}

/** A route's own, with what is left of it. */
export interface RouteHedge extends HedgePolicy {
  readonly budget: RetryBudget
  race(exchange: Exchange, first: Call, delay: number, second: () => Call | undefined): Promise<Answer>
}

/** The policy of a name that stands for one target. */
export const plainPolicy: RoutePolicy = Object.freeze({
  maxRetries: undefined,
  timeout: 0,
  onError: Object.freeze({}),
  fallbacks: Object.freeze({}),
  hedge: undefined,
  continuation: undefined,
  check: undefined,
})

/** The route of a name that stands for one target. */
export function straightTo(target: Target, name: string | undefined): Route {
  const policy = plainPolicy
  return Object.freeze({ name: name ?? target.state.id, policy, only: target, candidates: [], strategy: noStrategy })
}

const noStrategy: Strategy = {
  pick: ([first]) => first!,
}
