import { SluiceError } from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { retryDelay } from './retry-policy.ts'

export interface RouteContext {
  /** Makes one attempt at one target. */
  dispatch(exchange: Exchange, target: Target): Promise<Answer>
  /** In [0, 1). */
  random(): number
}

/**
 * The one place where attempts are repeated: asks the target, and asks again after failures that may pass, until
 * an answer may be committed to. Before that a failure is invisible to the caller; after it nothing is repeated.
 *
 * @throws SluiceError of the last attempt. `exchange.attempts` has them all.
 */
export async function route(exchange: Exchange, target: Target, context: RouteContext): Promise<Answer> {
  for (let failures = 0; ;) {
    const startedAt = performance.now()
    try {
      const answer = await context.dispatch(exchange, target)
      exchange.attempts.push({ target, startedAt, endedAt: performance.now() })
      return answer
    } catch (thrown) {
      const error = asSluiceError(thrown)
      failures++
      exchange.attempts.push({ target, startedAt, endedAt: performance.now(), error })
      const delay =
        failures <= target.maxRetries && !exchange.aborted && exchange.rest?.taken !== true
          ? retryDelay(error, failures, context.random())
          : undefined
      if (delay === undefined) throw error
      await pause(exchange, delay)
    }
  }
}

function asSluiceError(thrown: unknown): SluiceError {
  return thrown instanceof SluiceError
    ? thrown
    : new SluiceError('internal_error', 'An attempt failed by a defect in Sluice.', { cause: thrown })
}

/** @throws SluiceError `client_closed_request` when the caller goes away meanwhile. */
function pause(exchange: Exchange, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      exchange.underWay = undefined
      resolve()
    }, milliseconds)
    exchange.underWay = {
      abort() {
        clearTimeout(timer)
        reject(new SluiceError('client_closed_request', 'The caller went away.'))
      },
    }
  })
}
