/** Times that are kept. */
const kept = 128
/** Fewer say nothing of a tail. */
const fewest = 20
/** New times after which the percentile is worked out anew. */
const freshness = 16

/** The last times of something, for its 95th percentile. Bounded; worked out only when asked for. */
export class RecentTimes {
  readonly #times = new Float64Array(kept)
  #count = 0
  #countedAt = -freshness
  #percentile = 0

  add(milliseconds: number): void {
    this.#times[this.#count % kept] = milliseconds
    this.#count++
  }

  /** `undefined` while too few are known. */
  get percentile95(): number | undefined {
    if (this.#count < fewest) return undefined
    if (this.#count - this.#countedAt >= freshness) {
      const known = this.#times.slice(0, Math.min(this.#count, kept)).toSorted()
      this.#percentile = known[Math.floor(known.length * 0.95)]!
      this.#countedAt = this.#count
    }
    return this.#percentile
  }
}
