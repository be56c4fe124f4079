import { type ErrorCode, SluiceError } from '@sluice/protocol'
import { expect, test } from 'vitest'
import { retryDelay } from './retry-policy.ts'

const failed = (code: ErrorCode, retryAfterMs?: number): SluiceError => new SluiceError(code, '', { retryAfterMs })

test('waits twice as long after each failure, up to eight seconds, by chance', () => {
  const delays = [1, 2, 3, 4, 5, 6, 20].map((failures) => retryDelay(failed('upstream_error'), failures, 0.5))
  expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000])
  expect(retryDelay(failed('upstream_error'), 1, 0)).toBe(0)
})

test('waits as long as the provider asks for, up to a minute', () => {
  const delays = [0, 60_000, 60_001].map((wait) => retryDelay(failed('rate_limit_exceeded', wait), 1, 0.5))
  expect(delays).toEqual([0, 60_000, undefined])
})

test.each<ErrorCode>(['invalid_request', 'upstream_timeout', 'shutting_down', 'limit_exceeded'])(
  'does not ask again after %s',
  (code) => {
    expect(retryDelay(failed(code), 1, 0.5)).toBeUndefined()
  },
)
