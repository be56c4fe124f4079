import { SluiceError } from '@sluice/protocol'
import type { Actor } from '../../access/actor.ts'

/** For what tells of all that a gateway does. @throws SluiceError `permission_denied` */
export function checkWholeGateway({ reach }: Actor): void {
  if (Object.keys(reach).length > 0)
    throw new SluiceError(
      'permission_denied',
      'This tells of all callers together: it takes a key that belongs to no organisation.',
    )
}
