import type { ErrorCode } from '../errors/codes.ts'

/** What the contract of chat dialects is run on: recordings, by name. */
export interface ChatFixtures {
  /** Request bodies that the dialect must write back as they were. */
  readonly requests: Readonly<Record<string, unknown>>
  /** Answers that the dialect must write back as they were. */
  readonly results: Readonly<Record<string, unknown>>
  /** The bytes of whole streams; one with the name of a result says the same as that result. */
  readonly streams: Readonly<Record<string, Uint8Array>>
  /** The bytes of streams that failed. */
  readonly failures: Readonly<Record<string, FailedStream>>
  /** Error answers. */
  readonly errors: Readonly<Record<string, FailedAnswer>>
  /** Between a stream's bytes and the JSON of its events. Default: a line each, on the way back as server-sent events. */
  readonly framing?: { read(bytes: Uint8Array): readonly unknown[]; write(events: readonly unknown[]): Uint8Array }
}

export interface FailedStream {
  readonly bytes: Uint8Array
  readonly code: ErrorCode
}

export interface FailedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  readonly code: ErrorCode
  readonly retryable?: boolean
  readonly retryAfterMs?: number
  readonly param?: string
  /** A part of the message that the caller is to see. */
  readonly message?: string
}
