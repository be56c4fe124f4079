import { SluiceError } from '@sluice/protocol'
import type { Change, Records } from '../../access/access-store.ts'
import type { AdminCall } from '../endpoint.ts'
import type { Metadata } from '../shapes.ts'

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

/** What was given of the two that most have, as columns. */
export function namedColumns({
  name,
  metadata,
}: {
  readonly name?: string | undefined
  readonly metadata?: Metadata | undefined
}): { readonly name?: string; readonly metadata?: string } {
  return { ...(name !== undefined && { name }), ...(metadata !== undefined && { metadata: JSON.stringify(metadata) }) }
}

/** Removes the one of the path. @throws SluiceError `resource_not_found`, and `conflict` when others refer to it. */
export async function removeRecord(
  records: Pick<Records<never>, 'remove'>,
  call: AdminCall,
  kind: string,
  action: string,
): Promise<object> {
  const there = await records.remove(call.id, changeBy(call, action))
  found(there || undefined, kind, call.id)
  return { id: call.id, deleted: true }
}
