import { SluiceError } from '@sluice/protocol'
import type { Change } from '../../access/access-store.ts'
import type { AdminCall } from '../endpoint.ts'

/** How the audit log tells of what a call does. */
export function changeBy({ actor, requestId, address }: AdminCall, action: string): Change {
  return { actor, action, requestId, address }
}

/** @throws SluiceError `resource_not_found`, the same for what is not there and for what is another's */
export function found<Row>(row: Row | undefined, kind: string, id: string): Row {
  if (row !== undefined) return row
  throw new SluiceError(
    'resource_not_found',
    `There is no ${kind} "${id.slice(0, 64).replaceAll(/[^\x21-\x7e]/g, '?')}" that you may see.`,
  )
}
