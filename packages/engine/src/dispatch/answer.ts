import type { SluiceError, Tap } from '@sluice/protocol'
import type { UpstreamHeaders } from '../transport/transport.ts'
import type { Target } from './target.ts'

/** A provider's good answer that may be committed to: its first meaningful bytes are here. */
export interface Answer {
  readonly target: Target
  readonly headers: UpstreamHeaders
  /** Whether it is an event stream. */
  readonly stream: boolean
  readonly tap: Tap
  /** Nothing was used for it: it was given before, or is somebody else's too. */
  readonly cached?: boolean
  /** All of the body, when it is here already; then `relay` need not be called. */
  readonly whole: Uint8Array | undefined
  /** Starts the flow into `sink`; to be called once. */
  relay(sink: AnswerSink): void
  /** Holds the provider back, for a slow reader. */
  pause(): void
  resume(): void
  /** Gives up; the sink hears nothing more. */
  cancel(): void
}

/** Hears the body: any number of `write`, then `end` or `fail`. */
export interface AnswerSink {
  write(bytes: Uint8Array): void
  /** The answer is whole. */
  end(): void
  /** The answer broke off: what was written before is not all. */
  fail(error: SluiceError): void
}
