import type { ErrorCategory, ErrorCode } from '@sluice/protocol'

/** `retry` the same target, go to the `next`, or `fail`: tell the caller. */
export type ErrorAction = 'retry' | 'next' | 'fail'

export type FallbackReason = 'context-window' | 'content-policy' | 'empty-answer' | 'invalid-output'

export interface HedgePolicy {
  /** Milliseconds after which a second target is asked too; `undefined`: the 95th percentile of what is known. */
  readonly delay: number | undefined
  /** Most hedged calls, as a share of all. */
  readonly maxExtra: number
}

/** By error code or category; a code counts more. */
export type ErrorActions = Readonly<Partial<Record<ErrorCode | ErrorCategory, ErrorAction>>>
