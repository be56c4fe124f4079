import { type ErrorCode, SluiceError } from '@sluice/protocol'
import type { Attempt } from '../dispatch/exchange.ts'

/** One call that came to nothing. */
export interface FailedAttempt {
  /** Id of the configured provider. */
  readonly provider: string
  /** As the provider names it. */
  readonly model: string
  readonly code: ErrorCode
  /** What the provider answered with; `undefined` when there was no answer. */
  readonly status: number | undefined
  readonly message: string
  /** All of it, with what the provider said in `upstream`. */
  readonly cause: SluiceError
}

/**
 * Several calls were made, and none was answered. It has the code and status of the last, and in `attempts` what became
 * of each, in their order.
 */
export class RouteFailedError extends SluiceError {
  override readonly name = 'RouteFailedError'
  /** At least two. */
  readonly attempts: readonly FailedAttempt[]

  constructor(failed: readonly FailedAttempt[], last: SluiceError, message: string = last.message) {
    const { code, param, status, retryable, retryAfterMs, upstream } = last
    super(code, message, {
      param,
      status,
      retryable,
      retryAfterMs,
      upstream,
      cause: new AggregateError(
        failed.map(({ cause }) => cause),
        'Every attempt failed.',
      ),
    })
    this.attempts = failed
  }
}

/** What the caller is told after these attempts: of each, where there were several. */
export function lastWord(attempts: readonly Attempt[], last: SluiceError): SluiceError {
  // A gateway's own attempts say more than ours at it.
  if (attempts.length < 2 || last instanceof RouteFailedError) return last
  const failed = attempts.flatMap((attempt) => failedAttempt(attempt) ?? [])
  const names = [...new Set(attempts.map(({ target }) => target.state.id))]
  if (names.length === 1) return new RouteFailedError(failed, last)
  const message = `None of ${names.length} targets answered (${names.join(', ')}). The last: ${last.message}`
  return new RouteFailedError(failed, last, message)
}

function failedAttempt({ target, error }: Attempt): FailedAttempt | undefined {
  if (error === undefined) return undefined
  const { code, message, upstream } = error
  return {
    provider: target.provider.id,
    model: target.model,
    code,
    status: upstream?.status,
    message,
    cause: error,
  }
}
