import type { Usage } from '@sluice/protocol'
import type { Answer, AttemptGate, Cost, Exchange, Route } from 'sluice'
import type { Principal } from './principal.ts'

/**
 * Whether limits and budgets have room for a request. Throws or rejects with a `SluiceError` when they have not;
 * `undefined` where none applies.
 *
 * @param head gets the headers that tell how the caller stands, before a refusal too.
 */
export type Admit = (
  principal: Principal,
  exchange: Exchange,
  route: Route,
  head?: AnswerHeaders,
) => Admission | undefined | Promise<Admission | undefined>

/** Names and values in turn. */
export interface AnswerHeaders {
  headers: string[] | undefined
}

/** A request that was let in, and what was taken for it. */
export interface Admission {
  /** Of each attempt; to be the exchange's. Absent where attempts need not be looked at. */
  readonly gate: AttemptGate | undefined
  /** A stream that may come to more than was reserved for it, watched: to be relayed in its place. */
  watch(answer: Answer): Answer
  /** To be called at the request's end: success, error and abort alike. Idempotent. */
  settle(used: Used): void
}

/** What a request used. */
export interface Used {
  readonly answer: Answer | undefined
  readonly usage: Usage | undefined
  readonly cost: Cost | undefined
}
