import type { Peek, SluiceError } from '@sluice/protocol'
import type { Target } from './target.ts'

/** What became of one call to a provider. */
export interface Attempt {
  readonly target: Target
  /** Milliseconds on the clock of `performance.now`. */
  readonly startedAt: number
  /** When the answer could be committed to, or the attempt had failed. */
  readonly endedAt: number
  /** Absent for the attempt whose answer was relayed. */
  readonly error?: SluiceError
}

/** Something under way that can be given up. */
export interface Abortable {
  abort(): void
}

/** Everything known about one request as it flows. */
export class Exchange implements Abortable {
  readonly id: string
  readonly body: Uint8Array
  readonly peek: Peek
  /** Milliseconds on the clock of `performance.now`. */
  readonly startedAt: number
  readonly attempts: Attempt[] = []
  /** What to give up when the caller goes away now. An object and no closure: those outlived their requests. */
  underWay: Abortable | undefined
  #aborted = false

  constructor(id: string, body: Uint8Array, peek: Peek, startedAt: number) {
    this.id = id
    this.body = body
    this.peek = peek
    this.startedAt = startedAt
  }

  /** The caller went away. */
  get aborted(): boolean {
    return this.#aborted
  }

  /** Gives up whatever is under way for this request. Idempotent. */
  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    this.underWay?.abort()
  }
}
