import type { ErrorCode, SluiceError } from '@sluice/protocol'

const baseDelay = 500
const longestDelay = 8_000
/** A provider that asks for more is not waited for: the caller is told instead. */
const longestRetryAfter = 60_000

const notRepeated: ReadonlySet<ErrorCode> = new Set(['upstream_timeout', 'shutting_down', 'limit_exceeded'])

/**
 * How long to wait before asking the same target again, in milliseconds; `undefined` when it must not be asked.
 *
 * Exponential backoff from 0.5 s to 8 s with full jitter, or what the provider asks for. A call that timed out
 * after it was sent is not repeated: the provider may still be at work on it, and bill it. Nor is one that ended
 * because we are shutting down, nor one that a limit of ours refused: its caller is told at once.
 *
 * @param failures how many attempts at this target have failed, ≥ 1.
 * @param random in [0, 1).
 */
export function retryDelay(error: SluiceError, failures: number, random: number): number | undefined {
  if (!error.retryable || notRepeated.has(error.code)) return undefined
  if (error.retryAfterMs !== undefined) return error.retryAfterMs <= longestRetryAfter ? error.retryAfterMs : undefined
  return random * Math.min(longestDelay, baseDelay * 2 ** (failures - 1))
}
