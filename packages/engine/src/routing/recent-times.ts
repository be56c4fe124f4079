/** Times that are kept. */
const kept = 128
/** Fewer say nothing of a tail. */
const fewest = 20
/** New times after which the patience is worked out anew. */
const freshness = 16
/** Times as long as half of them took: less is usual, more is a tail. */
const usual = 2
const tail = 3

/** The last times of something, for how long it is worth waiting for. Bounded; worked out only when asked for. */
export class RecentTimes {
  readonly #times = new Float64Array(kept)
  #count = 0
  #countedAt = -freshness
  #patience = 0

  add(milliseconds: number): void {
    this.#times[this.#count % kept] = milliseconds
    this.#count++
  }

  /**
   * What 95 of 100 took, but no less than twice and no more than three times what half of them took. Where all take about
   * as long, the slowest of them are not late; where one in twenty hangs, that would else be the measure itself.
   * `undefined` while too few are known.
   */
  get patience(): number | undefined {
    if (this.#count < fewest) return undefined
    if (this.#count - this.#countedAt >= freshness) {
      const known = this.#times.slice(0, Math.min(this.#count, kept)).toSorted()
      const median = known[known.length >> 1]!
      const most = known[Math.floor(known.length * 0.95)]!
      this.#patience = Math.min(Math.max(most, median * usual), median * tail)
      this.#countedAt = this.#count
    }
    return this.#patience
  }
}
