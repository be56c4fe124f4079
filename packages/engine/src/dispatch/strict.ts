import { SluiceError } from '@sluice/protocol'
import type { Exchange } from './exchange.ts'
import { neutralRequest } from './neutral-request.ts'
import type { Target } from './target.ts'

/**
 * Prepares a request, and refuses it when that brings a warning: the policy `strict`.
 * @throws SluiceError `lossy_request` naming all that would be lost.
 */
export function refuseLosses<T>(exchange: Exchange, target: Target, prepare: () => T): T {
  const { plan, provider } = target
  // What reading the request loses counts for every target that it is translated for, though it is read only once.
  if (plan.kind === 'translate') neutralRequest(exchange, plan.caller, target)
  const mark = exchange.warnings.length
  const prepared = prepare()
  const losses = exchange.warnings.slice(plan.kind === 'translate' ? 0 : mark)
  const [first] = losses
  if (first === undefined) return prepared
  // They did not come to pass, and another target may not have them.
  exchange.warnings.length = mark
  const list = losses.map(({ path, message }) => `${path}: ${message}`).join(' ')
  throw new SluiceError(
    'lossy_request',
    `${provider.name} cannot take this request as it is, and \`strict\` is on. ${list}`,
    { param: first.path },
  )
}

/** What would be lost at a target, in words; `undefined` for nothing. */
export function lossesAt(exchange: Exchange, target: Target, prepare: () => unknown): string | undefined {
  try {
    refuseLosses(exchange, target, prepare)
    return undefined
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    return error.param === undefined ? error.message : `it does not take ${error.param}`
  }
}
