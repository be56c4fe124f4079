import type { SluiceError } from '@sluice/protocol'
import type { Logger } from 'pino'
import type { Attempt } from 'sluice'
import { reportedProvider } from '../access/site-provider.ts'
import type { Call } from '../server/call.ts'

export type ErrorLog = (call: Call, error: SluiceError, attempts: readonly Attempt[]) => void

/**
 * One line for each request that failed. Its level tells whose fault it was: the caller's `info` (`debug` when it only
 * went away), the provider's
 * `warn`, our own `error`. Neither bodies nor headers are logged.
 */
export function createErrorLog(logger: Logger): ErrorLog {
  return (call, error, attempts) => {
    const last = attempts.at(-1)
    const fields = {
      requestId: call.id,
      path: call.path,
      code: error.code,
      status: error.status,
      provider: last && reportedProvider(last.target.provider),
      model: last?.target.model,
      attempts: attempts.length,
      upstream: error.upstream,
    }
    if (error.code === 'internal_error') logger.error({ ...fields, err: error.cause ?? error }, error.message)
    else if (error.code === 'client_closed_request') logger.debug(fields, error.message)
    else if (error.status >= 500) logger.warn(fields, error.message)
    else logger.info(fields, error.message)
  }
}
