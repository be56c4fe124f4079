import { SluiceError, type Warning } from '@sluice/protocol'
import type { Exchange } from './exchange.ts'
import { neutralRequest } from './neutral-request.ts'
import type { Target } from './target.ts'

/**
 * Prepares a request, and refuses it when that brings a warning: the policy `strict`.
 * @throws SluiceError `lossy_request` naming what would be lost.
 */
export function refuseLosses<T>(exchange: Exchange, target: Target, prepare: () => T): T {
  const { plan, provider } = target
  const { warnings } = exchange
  // What reading the request loses counts for every target that it is translated for, though it is read only once.
  if (plan.kind === 'translate') neutralRequest(exchange, plan.caller, target)
  // For others it does not, nor may it hide what they lose: only so much is kept.
  const others = plan.kind === 'translate' ? [] : warnings.splice(0)
  const mark = warnings.length
  let losses: readonly Warning[]
  try {
    const prepared = prepare()
    losses = [...warnings]
    if (losses.length === 0) return prepared
  } finally {
    // They did not come to pass, and another target may not have them.
    warnings.length = mark
    warnings.unshift(...others)
  }
  const list = losses.map(({ path, message }) => `${path}: ${message}`).join(' ')
  throw new SluiceError(
    'lossy_request',
    `${provider.name} cannot take this request as it is, and \`strict\` is on. ${list}`,
    { param: losses[0]!.path },
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
