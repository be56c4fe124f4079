import { SluiceError } from '@sluice/protocol'
import type { Abortable } from '../dispatch/abortable.ts'

export interface ConcurrencyOptions {
  /** Calls that may be under way. */
  readonly most: number
  /** Requests that may wait for a place. */
  readonly queue: number
  /** Milliseconds that one may wait. */
  readonly patience: number
}

/** Whoever wants a place: told apart by who calls. */
export interface Waiting {
  readonly principal: string
  /** To be set while it waits. */
  underWay: Abortable | undefined
}

/**
 * Places at a target, and a bounded queue for them. Callers take turns in it, so that one who sends a thousand
 * requests keeps nobody else waiting for longer than one of them takes.
 */
export class ConcurrencyLimit {
  readonly #id: string
  readonly #options: ConcurrencyOptions
  /** By caller, in the order of their turns. */
  readonly #queues = new Map<string, Waiter[]>()
  #waiting = 0
  #taken = 0

  /** @param id of the target, for messages. */
  constructor(id: string, options: ConcurrencyOptions) {
    this.#id = id
    this.#options = options
  }

  get full(): boolean {
    return this.#taken >= this.#options.most || this.#waiting > 0
  }

  get waiting(): number {
    return this.#waiting
  }

  /**
   * Takes a place, at once where there is one. It must be given back by `leave`.
   *
   * @param longest milliseconds that it may wait, where that is less than who waits may at all.
   * @throws SluiceError `upstream_overloaded` when the queue is full or the wait too long, `client_closed_request`.
   */
  enter(request: Waiting, longest: number = Infinity): Promise<void> | undefined {
    const { most, queue } = this.#options
    const patience = Math.min(this.#options.patience, longest)
    if (this.#taken < most && this.#waiting === 0) {
      this.#taken++
      return undefined
    }
    if (this.#waiting >= queue) throw this.#overloaded(`${this.#waiting} requests wait already`)
    return new Promise((resolve, reject) => {
      const give = (error: SluiceError): void => {
        this.#remove(request.principal, waiter)
        waiter.stop()
        reject(error)
      }
      const timer = setTimeout(() => give(this.#overloaded(`none became free within ${patience} ms`)), patience)
      const waiter: Waiter = {
        stop() {
          clearTimeout(timer)
          request.underWay = undefined
        },
        resolve,
      }
      request.underWay = { abort: () => give(new SluiceError('client_closed_request', 'The caller went away.')) }
      this.#waiting++
      const own = this.#queues.get(request.principal)
      if (own === undefined) this.#queues.set(request.principal, [waiter])
      else own.push(waiter)
    })
  }

  leave(): void {
    for (const [principal, own] of this.#queues) {
      const waiter = own.shift()
      // Whoever had a turn goes behind the others.
      this.#queues.delete(principal)
      if (own.length > 0) this.#queues.set(principal, own)
      if (waiter === undefined) continue
      this.#waiting--
      waiter.stop()
      // The place changes hands.
      waiter.resolve()
      return
    }
    // A call may be older than the limit.
    if (this.#taken > 0) this.#taken--
  }

  #remove(principal: string, waiter: Waiter): void {
    const own = this.#queues.get(principal)
    const index = own?.indexOf(waiter) ?? -1
    if (own === undefined || index < 0) return
    own.splice(index, 1)
    this.#waiting--
    if (own.length === 0) this.#queues.delete(principal)
  }

  #overloaded(reason: string): SluiceError {
    return new SluiceError(
      'upstream_overloaded',
      `All ${this.#options.most} places at ${this.#id} are taken; ${reason}.`,
    )
  }
}

interface Waiter {
  stop(): void
  resolve(): void
}
