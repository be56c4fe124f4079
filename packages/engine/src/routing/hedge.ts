import { SluiceError } from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import type { Abortable } from '../dispatch/abortable.ts'
import type { Attempt, Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'

/** A call that was made. */
export interface Call {
  readonly target: Target
  /** On the clock of `performance.now`. */
  readonly startedAt: number
  readonly answer: Promise<Answer>
  /** What gives it up, where it is under way still. */
  readonly abortable: Abortable | undefined
}

/**
 * Waits for a call, and after `delay` milliseconds for a second one beside it. The first answer counts, and the other
 * call is given up; a failure counts only when nothing else is under way. Everything but the first call's own end, which
 * the caller writes down, goes into `exchange.attempts`.
 *
 * @param second makes the second call; `undefined` when there shall be none.
 */
export function hedge(exchange: Exchange, first: Call, delay: number, second: () => Call | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const race = new Race(exchange, first, resolve, reject)
    race.waitFor(delay, second)
  })
}

class Race {
  readonly #exchange: Exchange
  readonly #first: Call
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: unknown) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #second: Call | undefined
  /** How those ended that failed. */
  readonly #failures = new Map<Call, Attempt>()
  #over = false

  constructor(exchange: Exchange, first: Call, resolve: (answer: Answer) => void, reject: (error: unknown) => void) {
    this.#exchange = exchange
    this.#first = first
    this.#resolve = resolve
    this.#reject = reject
    this.#watch(first)
  }

  waitFor(delay: number, makeSecond: () => Call | undefined): void {
    this.#timer = setTimeout(() => {
      const second = (this.#second = makeSecond())
      if (second === undefined) return
      this.#exchange.underWay = {
        abort: () => {
          this.#first.abortable?.abort()
          second.abortable?.abort()
        },
      }
      this.#watch(second)
    }, delay)
  }

  #watch(call: Call): void {
    call.answer.then(
      (answer) => this.#won(call, answer),
      (thrown: unknown) => this.#lost(call, thrown),
    )
  }

  #won(call: Call, answer: Answer): void {
    if (this.#over) return
    this.#finish()
    const other = call === this.#first ? this.#second : this.#first
    const { attempts } = this.#exchange
    const endedAt = performance.now()
    if (other !== undefined) {
      const failed = this.#failures.get(other)
      const { target, startedAt } = other
      if (failed === undefined) other.abortable?.abort()
      // It would have taken longer still; without it, its target would look faster than it is.
      if (failed === undefined && other === this.#first) target.state.recent?.add(endedAt - startedAt)
      attempts.push(failed ?? { target, startedAt, endedAt, abandoned: true })
      this.#exchange.underWay = call.abortable
    }
    if (call !== this.#first) attempts.push({ target: call.target, startedAt: call.startedAt, endedAt })
    this.#resolve(answer)
  }

  #lost(call: Call, thrown: unknown): void {
    if (this.#over) return
    const { target, startedAt } = call
    const error =
      thrown instanceof SluiceError
        ? thrown
        : new SluiceError('internal_error', 'An attempt failed.', { cause: thrown })
    this.#failures.set(call, { target, startedAt, endedAt: performance.now(), error })
    const second = this.#second
    if (second !== undefined && this.#failures.size < 2) return
    this.#finish()
    const beside = second && this.#failures.get(second)
    if (beside !== undefined) this.#exchange.attempts.push(beside)
    this.#reject(this.#failures.get(this.#first)?.error ?? error)
  }

  #finish(): void {
    this.#over = true
    clearTimeout(this.#timer)
  }
}
