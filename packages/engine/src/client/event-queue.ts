/** Above this many waiting items the source is held, below half of it let go. */
const highWater = 64

/** What holds the source of a queue back. */
export interface Valve {
  pause(): void
  resume(): void
}

/** From pushes to one reader's pulls, holding the source back when the reader is slower. */
export class EventQueue<T> {
  #items: T[] = []
  #at = 0
  #over: { readonly error?: Error } | undefined
  readonly #waiting: { resolve(result: IteratorResult<T, undefined>): void; reject(error: Error): void }[] = []
  #valve: Valve | undefined
  #held = false

  /** The source; may come after the first items. */
  connect(valve: Valve): void {
    this.#valve = valve
    if (this.#held) valve.pause()
  }

  push(item: T): void {
    if (this.#over !== undefined) return
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) return waiting.resolve({ done: false, value: item })
    this.#items.push(item)
    this.#regulate()
  }

  /** Nothing follows what is waiting, which is still read. */
  end(): void {
    this.#finish({})
  }

  /** After what is waiting, the reader is told of the error, once. */
  fail(error: Error): void {
    this.#finish({ error })
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#at < this.#items.length) {
      const value = this.#items[this.#at++] as T
      if (this.#at === this.#items.length || this.#at > highWater) {
        this.#items = this.#items.slice(this.#at)
        this.#at = 0
      }
      this.#regulate()
      return Promise.resolve({ done: false, value })
    }
    const over = this.#over
    if (over === undefined) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
    this.#over = {}
    return over.error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(over.error)
  }

  #finish(over: { readonly error?: Error }): void {
    if (this.#over !== undefined) return
    const [first, ...others] = this.#waiting.splice(0)
    this.#over = first === undefined ? over : {}
    if (over.error === undefined) first?.resolve({ done: true, value: undefined })
    else first?.reject(over.error)
    for (const { resolve } of others) resolve({ done: true, value: undefined })
  }

  #regulate(): void {
    const waiting = this.#items.length - this.#at
    if (!this.#held && waiting > highWater) {
      this.#held = true
      this.#valve?.pause()
    } else if (this.#held && waiting < highWater / 2) {
      this.#held = false
      this.#valve?.resume()
    }
  }
}
