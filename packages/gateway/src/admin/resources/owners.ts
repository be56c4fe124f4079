import { SluiceError } from '@sluice/protocol'
import type { AccessStore } from '../../access/access-store.ts'
import type { Actor } from '../../access/actor.ts'
import { found } from './change.ts'

/** The organisation that something new belongs to: the one that is named, else the actor's own. */
export async function ownerOf(actor: Actor, named: string | undefined, store: AccessStore): Promise<string> {
  const { reach } = actor
  if (reach.workspace !== undefined)
    throw new SluiceError('permission_denied', 'A key that belongs to a workspace reaches no further than that.')
  const id = named ?? reach.organisation
  if (id === undefined)
    throw new SluiceError('invalid_request', 'Say which organisation it belongs to: `organisation_id`.', {
      param: 'organisation_id',
    })
  return found(await store.organisations.find(id, reach), 'organisation', id).id
}

export interface KeyOwners {
  readonly organisation_id: string | null
  readonly workspace_id: string | null
  readonly user_id: string | null
}

/** Whom a key belongs to: as named, within the actor's reach, and all of one organisation. */
export async function keyOwnersOf(
  { reach }: Actor,
  named: Partial<KeyOwners>,
  { organisations, workspaces, users }: AccessStore,
): Promise<KeyOwners> {
  const workspaceId = named.workspace_id ?? reach.workspace
  const userId = named.user_id ?? reach.user
  const workspace = workspaceId && found(await workspaces.find(workspaceId, reach), 'workspace', workspaceId)
  const user =
    userId &&
    found(userId === reach.user ? await users.find(userId, {}) : await users.find(userId, reach), 'user', userId)
  const owners = [workspace, user].flatMap((owner) => (owner ? [owner.organisation_id] : []))
  const organisationId = named.organisation_id ?? reach.organisation ?? owners[0]
  if (organisationId !== undefined)
    found(await organisations.find(organisationId, reach), 'organisation', organisationId)
  if (owners.some((owner) => owner !== organisationId))
    throw new SluiceError('invalid_request', 'Organisation, workspace and user of a key must belong together.', {
      param: 'organisation_id',
    })
  return { organisation_id: organisationId ?? null, workspace_id: workspaceId ?? null, user_id: userId ?? null }
}
