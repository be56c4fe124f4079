/**
 * Keeps repeated calls to a share of the live traffic, so that retries cannot multiply an outage. Each request puts a
 * part of a call in; each repeated call takes a whole one out.
 *
 * After "Retry budgets" in Google's SRE book, chapter 22, and Finagle's `RetryBudget`.
 */
export interface RetryBudget {
  /** A request came in. */
  deposit(): void
  /** @returns whether one more call may be made; it counts as made then. */
  withdraw(): boolean
}

export interface RetryBudgetOptions {
  /** Repeated calls for each request, on average: 0.2. */
  readonly share: number
  /** Calls that may always be repeated within about a minute, however little traffic there is. */
  readonly reserve: number
  now(): number
}

/** What was not used is not saved up for longer than so many requests. */
const mostSaved = 500

export function createRetryBudget({ share, reserve, now }: RetryBudgetOptions): RetryBudget {
  const most = Math.max(reserve, mostSaved * share)
  const perMillisecond = reserve / 60_000
  let balance = reserve
  let updatedAt = now()
  function refill(): void {
    const at = now()
    // Time gives the reserve back, and never more than it.
    if (balance < reserve) balance = Math.min(reserve, balance + (at - updatedAt) * perMillisecond)
    updatedAt = at
  }
  return {
    deposit() {
      if (balance < most) balance = Math.min(most, balance + share)
    },
    withdraw() {
      refill()
      if (balance < 1) return false
      balance--
      return true
    },
  }
}
