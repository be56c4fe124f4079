import { SluiceError } from '@sluice/protocol'

/** What a middleware threw, as an attempt fails with it. */
export function middlewareFailure(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown
  return new SluiceError('middleware_failed', 'A middleware of this installation failed.', { cause: thrown })
}

export function callerGone(): SluiceError {
  return new SluiceError('client_closed_request', 'The caller went away.')
}
