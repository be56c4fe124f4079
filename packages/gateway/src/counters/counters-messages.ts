import type { Decision, Limit, Settlement, SpendLimit, SpendState } from './counters.ts'

/**
 * What a worker asks of the process that counts for all; what it took is called by the number of that question. Nobody waits
 * for an answer to the number 0.
 */
export type CountersQuestion =
  | readonly [kind: 'take', number: number, limits: readonly Limit[], amounts: readonly number[]]
  | readonly [kind: 'settle', number: number, taken: number, used: readonly number[]]
  | readonly [kind: 'extend', number: number, taken: number, amounts: readonly number[]]
  | readonly [kind: 'look', number: number, limits: readonly SpendLimit[]]
  | readonly [kind: 'seed', number: number, limit: SpendLimit, spent: number]

/** By the question's number. */
export type CountersAnswer = readonly [
  number: number,
  answer: TakeAnswer | Settlement | readonly (SpendState | undefined)[] | boolean | undefined,
]

/** Whoever asks knows the rest of its reservation. */
export interface TakeAnswer extends Omit<Decision, 'reservation'> {
  /** When it was taken; absent when nothing was. */
  readonly at: number | undefined
}
