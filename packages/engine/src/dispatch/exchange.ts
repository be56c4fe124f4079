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

/** Everything known about one request as it flows. */
export class Exchange {
  readonly id: string
  readonly body: Uint8Array
  readonly peek: Peek
  /** Milliseconds on the clock of `performance.now`. */
  readonly startedAt: number
  readonly attempts: Attempt[] = []
  #aborted = false
  #cancel: (() => void) | undefined

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

  /** Cancels whatever is under way for this request. */
  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#cancel?.()
  }

  /** What `abort` has to do from now on. */
  onAbort(cancel: (() => void) | undefined): void {
    this.#cancel = cancel
  }
}
