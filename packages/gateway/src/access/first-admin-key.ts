import { SluiceError } from '@sluice/protocol'
import type { Secret } from 'sluice'
import { localActor } from './actor.ts'
import { createKeyText, hashKey, keyPrefix } from './key-text.ts'
import type { OpenAccess } from './managed-keys.ts'

/** The same in every installation: of several processes that start together one makes it. */
const id = 'key_first'

/** Where nothing was ever managed: a key that may do everything, to be shown once. `undefined` otherwise. */
export async function makeFirstAdminKey({ store, pepper }: OpenAccess, now: number): Promise<Secret | undefined> {
  if ((await store.version()) > 0) return undefined
  const key = createKeyText()
  try {
    await store.keys.add(
      {
        id,
        organisation_id: null,
        workspace_id: null,
        user_id: null,
        name: 'First admin key',
        prefix: keyPrefix(key),
        hash: hashKey(key.reveal(), pepper),
        previous_hash: null,
        previous_expires_at: null,
        role: 'owner',
        models: null,
        providers: null,
        operations: null,
        addresses: null,
        sites: null,
        default_route: null,
        limits: null,
        budget: null,
        tags: '[]',
        metadata: '{}',
        expires_at: null,
        blocked_at: null,
        levels: null,
        rotated_at: null,
        created_at: now,
        updated_at: now,
      },
      { actor: localActor, action: 'keys.create' },
    )
    return key
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'conflict') return undefined
    throw error
  }
}
