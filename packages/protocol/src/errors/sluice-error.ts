import { type ErrorCategory, type ErrorCode, errorCodes } from './codes.ts'

/** What the provider itself said, kept for callers that branch on it and for the trace. */
export interface UpstreamErrorDetail {
  readonly provider?: string
  readonly status?: number
  readonly type?: string
  readonly code?: string
  readonly requestId?: string
}

/** What is known of an error besides its code and message. */
export interface SluiceErrorOptions {
  /** The request's field that is wrong: `messages[0].role`. */
  readonly param?: string | undefined
  /** Overrides the table's status, where the provider's own is more exact. */
  readonly status?: number | undefined
  /** Overrides the table's word, where the provider said so. */
  readonly retryable?: boolean | undefined
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  readonly upstream?: UpstreamErrorDetail | undefined
  readonly cause?: unknown
}

/**
 * The one error type. It travels through every stage and is rendered once, at the edge, in the caller's
 * dialect. Its message is meant for the caller: it holds no secret and no internals.
 */
export class SluiceError extends Error {
  override readonly name: string = 'SluiceError'
  readonly code: ErrorCode
  readonly param: string | undefined
  readonly status: number
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly upstream: UpstreamErrorDetail | undefined

  constructor(code: ErrorCode, message: string, options: SluiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    const row = errorCodes[code]
    this.code = code
    this.param = options.param
    this.status = options.status ?? row.status
    this.retryable = options.retryable ?? row.retryable
    this.retryAfterMs = options.retryAfterMs
    this.upstream = options.upstream
  }

  get category(): ErrorCategory {
    return errorCodes[this.code].category
  }
}
