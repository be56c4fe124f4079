/** Parts of a window that are forgotten one by one. */
const partsOfWindow = 60
// The part that has begun, and those before it that may still hold something of the window.
const places = partsOfWindow + 1

function partLength(period: number): number {
  return Math.ceil(period / partsOfWindow)
}

/**
 * What happened within the last `period`, give or take a sixtieth of it: never less, so that no stretch of that length
 * ever has more than the limit. A ring of parts, and their sum.
 */
export class SlidingWindow {
  readonly #length: number
  readonly #parts = new Float64Array(places)
  #sum = 0
  /** The last part that something was added to, and the first that may still count. */
  #head = 0
  #tail = 0

  constructor(period: number) {
    this.#length = partLength(period)
  }

  /** @param now if it is earlier than the time before, nothing is forgotten; if by more than `period`, everything is. */
  sum(now: number): number {
    const first = Math.floor(now / this.#length) - partsOfWindow
    if (first > this.#tail) this.#forget(first)
    else if (this.#head - partsOfWindow > first + partsOfWindow) this.#begin(first)
    return this.#sum
  }

  #begin(first: number): void {
    this.#parts.fill(0)
    this.#sum = 0
    this.#head = this.#tail = first
  }

  #forget(first: number): void {
    const end = Math.min(first, this.#head + 1)
    for (let part = Math.max(this.#tail, this.#head - partsOfWindow); part < end; part++) {
      const place = part % places
      this.#sum -= this.#parts[place]!
      this.#parts[place] = 0
    }
    this.#tail = first
  }

  add(amount: number, now: number): void {
    this.sum(now)
    const part = Math.max(Math.floor(now / this.#length), this.#head)
    this.#head = part
    this.#parts[part % places]! += amount
    this.#sum += amount
  }

  /** Corrects what was added at `then`. What that part no longer counts is no longer corrected downwards. */
  correct(difference: number, then: number, now: number): void {
    const sum = this.sum(now)
    const part = Math.floor(then / this.#length)
    if (part < this.#tail || part > this.#head) {
      if (difference > 0) this.add(difference, now)
      return
    }
    this.#parts[part % places]! += difference
    this.#sum = sum + difference
  }

  /** Milliseconds until `amount` of it is forgotten. */
  untilFree(amount: number, now: number): number {
    let free = 0
    for (let part = Math.max(this.#tail, this.#head - partsOfWindow); part <= this.#head; part++) {
      free += this.#parts[part % places]!
      if (free >= amount) return Math.max(0, (part + places) * this.#length - now)
    }
    return 0
  }

  /** Milliseconds until nothing counts any more. */
  untilEmpty(now: number): number {
    return this.#sum === 0 ? 0 : Math.max(0, (this.#head + places) * this.#length - now)
  }
}
