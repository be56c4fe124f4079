import { SluiceError } from './sluice-error.ts'

/** Of a provider's answer that is kept in memory until it is whole, in bytes: more is refused. */
export const answerLimit: number = 64 * 1024 * 1024

/** Not to be asked for again: there is as much to read the next time. */
export function answerTooLong(limit: number = answerLimit): SluiceError {
  const message = `The provider's answer is longer than ${limit} bytes.`
  return new SluiceError('upstream_invalid_response', message, { retryable: false })
}
