/** Time and chance for a simulation: minutes pass in seconds, and the same seed gives the same minutes. */
export interface VirtualClock {
  /** Milliseconds. */
  now(): number
  /** In [0, 1). */
  random(): number
  after(milliseconds: number, callback: () => void): number
  /** Lets time pass until nothing is left to happen. */
  run(): Promise<void>
}

/** Runs a simulation in which `performance.now`, timers and `Math.random` are those of a virtual clock. */
export async function withVirtualClock<T>(seed: number, simulate: (clock: VirtualClock) => Promise<T>): Promise<T> {
  const { setTimeout, clearTimeout } = globalThis
  const { random } = Math
  const timers = new TimerQueue()
  const clock: VirtualClock = {
    now: () => timers.now,
    random: seeded(seed),
    after: (milliseconds, callback) => timers.add(milliseconds, callback),
    async run() {
      while (timers.next()) await settled()
    },
  }
  Object.defineProperty(performance, 'now', { configurable: true, value: clock.now })
  Math.random = clock.random
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, milliseconds = 0): number => clock.after(milliseconds, callback),
    clearTimeout: (timer: number | undefined): void => timers.cancel(timer),
  })
  try {
    return await simulate(clock)
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout })
    Math.random = random
    // Its own is that of the prototype.
    Reflect.deleteProperty(performance, 'now')
  }
}

/** Everything that follows at the same instant has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

interface Timer {
  readonly at: number
  readonly id: number
  readonly callback: () => void
}

/** A binary heap. */
class TimerQueue {
  now = 1_000
  readonly #heap: Timer[] = []
  readonly #cancelled = new Set<number>()
  #count = 0

  add(milliseconds: number, callback: () => void): number {
    const id = ++this.#count
    const heap = this.#heap
    let at = heap.push({ at: this.now + Math.max(0, milliseconds), id, callback }) - 1
    while (at > 0 && isBefore(heap[at]!, heap[(at - 1) >> 1]!)) at = this.#swap(at, (at - 1) >> 1)
    return id
  }

  cancel(id: number | undefined): void {
    if (id !== undefined) this.#cancelled.add(id)
  }

  /** @returns false when there is nothing left. */
  next(): boolean {
    const heap = this.#heap
    const [timer] = heap
    if (timer === undefined) return false
    const last = heap.pop()!
    if (heap.length > 0) {
      heap[0] = last
      for (let at = 0; ;) {
        const left = 2 * at + 1
        const right = left + 1
        const least = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left
        if (least >= heap.length || !isBefore(heap[least]!, heap[at]!)) break
        at = this.#swap(at, least)
      }
    }
    if (this.#cancelled.delete(timer.id)) return true
    this.now = timer.at
    timer.callback()
    return true
  }

  #swap(at: number, other: number): number {
    const heap = this.#heap
    ;[heap[at], heap[other]] = [heap[other]!, heap[at]!]
    return other
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.id < other.id)
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
