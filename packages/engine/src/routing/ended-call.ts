import type { SluiceError } from '@sluice/protocol'

/** How one call to a target ended. */
export interface EndedCall {
  /** `neutral` says nothing of the target: the caller went away, or had asked for something impossible. */
  readonly outcome: 'ok' | 'failed' | 'neutral'
  readonly error: SluiceError | undefined
  /** Milliseconds to the first meaningful byte; `undefined` when there was none. */
  readonly firstByte: number | undefined
  /** Milliseconds from there to the end of a stream; 0 for whole answers. */
  readonly streamed: number
  /** Of the answer. */
  readonly bytes: number
  /** On the clock of `performance.now`; as its target was told when it began. */
  readonly startedAt: number
  /** On the same clock. */
  readonly now: number
}
