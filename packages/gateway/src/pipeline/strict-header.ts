import type { IncomingHttpHeaders } from 'node:http'
import { SluiceError } from '@sluice/protocol'

/**
 * Whether this request is to be refused when something of it would be lost: what `x-sluice-strict` says goes before
 * config's `strict`. `undefined` where it says nothing.
 * @throws SluiceError `invalid_request` for anything but `true` and `false`.
 */
export function readStrict(headers: IncomingHttpHeaders): boolean | undefined {
  const said = headers['x-sluice-strict']
  if (said === undefined) return undefined
  if (said === 'true') return true
  if (said === 'false') return false
  throw new SluiceError('invalid_request', 'The header `x-sluice-strict` must be `true` or `false`.')
}
