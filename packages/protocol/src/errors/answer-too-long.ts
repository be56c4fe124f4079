import { SluiceError } from './sluice-error.ts'

/** Of a provider's answer that is kept in memory until it is whole, in bytes: more is refused. */
export const answerLimit: number = 64 * 1024 * 1024

export function answerTooLong(limit: number = answerLimit): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider's answer is longer than ${limit} bytes.`)
}
