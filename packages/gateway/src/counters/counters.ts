/** So many of something in any stretch of time. */
export interface WindowLimit {
  readonly kind: 'window'
  /** Names what is counted: the same for all that count it together. */
  readonly key: string
  readonly most: number
  /** Milliseconds. */
  readonly period: number
}

/** So many of something at once. */
export interface PlacesLimit {
  readonly kind: 'places'
  readonly key: string
  readonly most: number
}

/** So much money, until an end. */
export interface SpendLimit {
  readonly kind: 'spend'
  /** Of one period: the next one has another. */
  readonly key: string
  /** Nano-dollars; `Infinity` where it is only counted. */
  readonly most: number
  /** Unix milliseconds; `Infinity` for no end. */
  readonly endsAt: number
}

export type Limit = WindowLimit | PlacesLimit | SpendLimit

/** What was taken, until it is settled. */
export interface Reservation {
  readonly limits: readonly Limit[]
  /** One for each limit. Those of money grow when it is extended. */
  readonly amounts: number[]
  /** When it was taken, on the counters' clock. */
  readonly at: number
  /** Names it among those of all processes. */
  readonly id: string
}

export interface Decision {
  /** Absent when nothing was taken. */
  readonly reservation: Reservation | undefined
  /** Index of the limit that has no room; -1 where all have. */
  readonly refusedBy: number
  /** Milliseconds until there may be room; `Infinity`: never, for so much. Where it is not known, 0. */
  readonly retryAfter: number
  /** For each limit what is left, ≥ 0. */
  readonly remaining: readonly number[]
  /** For each limit the milliseconds until all of it is there again; 0 for places. */
  readonly reset: readonly number[]
  /** Indexes of spends that nobody here knows: nothing was taken. They are to be told by `seed`, and all taken again. */
  readonly unknown: readonly number[]
}

/** For each limit of a reservation what is spent by now, in nano-dollars; 0 for those that are not of money. */
export type Settlement = readonly number[]

/**
 * Counts what is limited. Everything that one request takes is taken in one step, or nothing of it: those who ask at the
 * same moment never get more than there is. What is taken is given back by `settle`, once; if its process dies, places and
 * money are free again after a while.
 *
 * In one process the answers are there at once, without a promise.
 */
export interface Counters {
  /** @param amounts one for each limit: 1 for places. Of a window an amount of 0 asks only whether there is any room. */
  take(limits: readonly Limit[], amounts: readonly number[]): Decision | Promise<Decision>
  /** Puts what was really used in place of what was taken; for places nothing is ever used. */
  settle(reservation: Reservation, used: readonly number[]): Settlement | Promise<Settlement>
  /** Takes more money for a reservation, of all its spends or none. @param amounts as for `take`; others than of money: 0. */
  extend(reservation: Reservation, amounts: readonly number[]): boolean | Promise<boolean>
  /** Tells what was spent before anybody counted here. Whoever tells it first is believed. */
  seed(limit: SpendLimit, spent: number): void | Promise<void>
  /** How much is spent of each, and held by open reservations; `undefined` for those that nobody here knows. */
  look(
    limits: readonly SpendLimit[],
  ): readonly (SpendState | undefined)[] | Promise<readonly (SpendState | undefined)[]>
  close(): Promise<void>
}

/** Nano-dollars. */
export interface SpendState {
  readonly spent: number
  readonly held: number
}

export const nothingUnknown: readonly number[] = Object.freeze([])
