import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'
import type { ChangesOf } from '../../access/access-store.ts'
import type { Actor } from '../../access/actor.ts'
import { createId } from '../../access/create-id.ts'
import { createKeyText, hashKey, keyPrefix } from '../../access/key-text.ts'
import { isFromAbove, levelsAfter, refuseFromBelow } from '../../access/key-levels.ts'
import { ranksAbove, type Role } from '../../access/roles.ts'
import type { KeyRow } from '../../stores/access-tables.ts'
import type { AdminParts } from '../admin-parts.ts'
import { type AdminCall, endpoint, type Endpoint } from '../endpoint.ts'
import { id, listOf, pageOf, pageQuery, readPage, removed, timeOf } from '../shapes.ts'
import { changeBy, found, removeRecord } from './change.ts'
import { checkSharedLimits } from './check-shared-limits.ts'
import { describeKey, type Key, keyChanges, keyColumns, type KeySettings, keyShape, newKey } from './key-shape.ts'
import { limitLevels } from './key-limit-levels.ts'
import { keyOwnersOf } from './owners.ts'

/** Seconds that a key is still taken after its rotation, where nobody says otherwise: a day. */
const usualOverlap = 86_400

/** Virtual keys: what callers of the gateway send. */
export const keyEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/keys',
    permission: 'keys:read',
    summary: 'List keys, the newest first.',
    query: z.strictObject({
      ...pageQuery('key'),
      organisation_id: z.optional(id),
      workspace_id: z.optional(id),
      user_id: z.optional(id),
      name: z.optional(z.string()),
    }),
    answer: pageOf(keyShape),
    async handle({ actor, query }, { store: { keys } }) {
      const { after, limit, ...wanted } = query
      const where = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
      return listOf(await keys.list(actor.reach, { ...readPage({ after, limit }), where }), (row) => describeKey(row))
    },
  }),
  endpoint({
    method: 'POST',
    path: '/keys',
    permission: 'keys:write',
    summary: 'Make a key. Its text is in this answer, and never again.',
    body: newKey,
    answer: keyShape,
    status: 201,
    async handle(call, parts) {
      const { store, pepper, now } = parts
      const { organisation_id, workspace_id, user_id, ...given } = call.body
      const named = {
        ...(organisation_id !== undefined && { organisation_id }),
        ...(workspace_id !== undefined && { workspace_id }),
        ...(user_id !== undefined && { user_id }),
      }
      checkRank(call.actor, given.role)
      checkEnd(given, now())
      const owners = await keyOwnersOf(call.actor, named, store)
      await checkSites(call.actor, given.sites, store)
      checkUser(given.role, owners.user_id)
      const text = createKeyText()
      const at = now()
      const row: KeyRow = {
        ...emptyKey,
        ...keyColumns(given),
        ...owners,
        ...inherited(call.actor, given),
        ...limitLevels(emptyKey, given, call.actor.reach),
        id: createId('key', at),
        name: given.name,
        prefix: keyPrefix(text),
        hash: hashKey(text.reveal(), pepper),
        created_at: at,
        updated_at: at,
      }
      await checkSharedLimits(call.actor, row, parts)
      await store.keys.add(row, changeBy(call, 'keys.create'))
      return describeKey(row, text.reveal())
    },
  }),
  endpoint({
    method: 'GET',
    path: '/keys/{id}',
    permission: 'keys:read',
    summary: 'Show a key, without its text.',
    answer: keyShape,
    handle: async (call, parts) => describeKey(await find(call, parts)),
  }),
  endpoint({
    method: 'PATCH',
    path: '/keys/{id}',
    permission: 'keys:write',
    summary: 'Change what is given of a key; null takes a limit away.',
    body: keyChanges,
    answer: keyShape,
    async handle(call, parts) {
      checkLimitChanges(call.actor, call.body)
      checkEnd(call.body, parts.now())
      await checkSites(call.actor, call.body.sites, parts.store)
      const { actor, body } = call
      const changes = { ...keyColumns(body), ...inheritedOf(actor, body) }
      const change = (before: KeyRow): Partial<KeyRow> => ({ ...changes, ...limitLevels(before, body, actor.reach) })
      return describeKey(await update(call, change, 'keys.update', parts))
    },
  }),
  endpoint({
    method: 'POST',
    path: '/keys/{id}/rotate',
    permission: 'keys:write',
    summary: 'Give a key a new text. The one before is taken for a while yet, so that nobody is cut off.',
    body: z.strictObject({
      /** Seconds. */
      overlap: z.optional(z.number().check(z.minimum(0), z.maximum(30 * 86_400))),
    }),
    answer: keyShape,
    async handle(call, parts) {
      const { pepper, now } = parts
      const { hash } = await find(call, parts)
      const text = createKeyText()
      const { overlap = usualOverlap } = call.body
      const changes: Partial<KeyRow> = {
        hash: hashKey(text.reveal(), pepper),
        prefix: keyPrefix(text),
        previous_hash: overlap === 0 ? null : hash,
        previous_expires_at: overlap === 0 ? null : Math.round(now() + overlap * 1000),
        rotated_at: now(),
      }
      return describeKey(await update(call, changes, 'keys.rotate', parts), text.reveal())
    },
  }),
  endpoint({
    method: 'POST',
    path: '/keys/{id}/block',
    permission: 'keys:block',
    summary: 'Refuse a key, until it is unblocked.',
    answer: keyShape,
    async handle(call, parts) {
      const { reach } = call.actor
      const block = (before: KeyRow): Partial<KeyRow> | undefined =>
        // Whoever blocked it first and reaches further still holds it.
        before.blocked_at !== null && isFromAbove(before, 'blocked', reach)
          ? undefined
          : { blocked_at: parts.now(), levels: levelsAfter(before.levels, reach, { blocked: 'done' }) }
      return describeKey(await update(call, block, 'keys.block', parts))
    },
  }),
  endpoint({
    method: 'POST',
    path: '/keys/{id}/unblock',
    permission: 'keys:block',
    summary: 'Take a key again, unless it was blocked by somebody who reaches further.',
    answer: keyShape,
    async handle(call, parts) {
      const { reach } = call.actor
      const unblock = (before: KeyRow): Partial<KeyRow> => {
        if (before.blocked_at !== null && isFromAbove(before, 'blocked', reach))
          refuseFromBelow('The key was blocked', 'change')
        return { blocked_at: null, levels: levelsAfter(before.levels, reach, { blocked: 'undone' }) }
      }
      return describeKey(await update(call, unblock, 'keys.unblock', parts))
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/keys/{id}',
    permission: 'keys:write',
    summary: 'Remove a key for good.',
    answer: removed,
    async handle(call, parts) {
      checkRank(call.actor, (await find(call, parts)).role)
      return removeRecord(parts.store.keys, call, 'key', 'keys.delete')
    },
  }),
]

async function find({ id: keyId, actor }: AdminCall, { store: { keys } }: AdminParts): Promise<KeyRow> {
  return found(await keys.find(keyId, actor.reach), 'key', keyId)
}

/** Changes one from what it is at that moment. */
async function update(
  call: AdminCall,
  changes: Partial<KeyRow> | ChangesOf<KeyRow>,
  action: string,
  { store }: AdminParts,
): Promise<KeyRow> {
  const allowed = (before: KeyRow): Partial<KeyRow> | undefined => {
    checkRank(call.actor, before.role)
    const given = typeof changes === 'function' ? changes(before) : changes
    checkRank(call.actor, given?.role)
    checkUser(given?.role, before.user_id)
    return given
  }
  return found(await store.keys.update(call.id, allowed, changeBy(call, action)), 'key', call.id)
}

const emptyKey = {
  previous_hash: null,
  previous_expires_at: null,
  role: null,
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
}

/** Nobody gives a role above their own, nor takes over a key that has one: whoever rotates it has it. */
export function checkRank({ role }: Actor, ...others: readonly (string | null | undefined)[]): void {
  const above = others.find((other) => typeof other === 'string' && ranksAbove(other as Role, role))
  if (typeof above === 'string')
    throw new SluiceError('permission_denied', `The role ${role} may not make or change keys of the role ${above}.`)
}

function checkLimitChanges({ role }: Actor, { limits, budget }: KeySettings): void {
  if (role === 'developer' && (limits !== undefined || budget !== undefined))
    throw new SluiceError('permission_denied', 'The role developer may not change limits and budgets of keys.')
}

function checkEnd({ expires_at: end }: KeySettings, now: number): void {
  if (typeof end === 'string' && Date.parse(end) <= now)
    throw new SluiceError('invalid_request', '`expires_at` is over already. Give a later time, or block the key.', {
      param: 'expires_at',
    })
}

/** Nobody lets a key act for a site that they do not reach themselves. */
async function checkSites(
  { reach }: Actor,
  sites: readonly string[] | null | undefined,
  { workspaces }: AdminParts['store'],
): Promise<void> {
  for (const site of sites ?? []) {
    const workspace = await workspaces.find(site, reach)
    found(workspace?.kind === 'site' ? workspace : undefined, 'site', site)
  }
}

/** A developer manages their own keys: whose those are must be known. */
function checkUser(role: string | null | undefined, userId: string | null): void {
  if (role === 'developer' && userId === null)
    throw new SluiceError('invalid_request', 'A key with the role developer belongs to a user: give `user_id`.', {
      param: 'user_id',
    })
}

/** What a developer may not do, their keys may not either, and what counts their requests counts those of their keys. */
function limitsOf({ role, principal }: Actor, { tags = [] }: KeySettings): KeySettings {
  if (role !== 'developer' || principal === undefined) return {}
  const { policy, expiresAt, tags: own = [] } = principal
  return {
    tags: [...own, ...tags],
    ...(policy?.models && { models: [...policy.models] }),
    ...(policy?.providers && { providers: [...policy.providers] }),
    ...(policy?.operations && { operations: [...policy.operations] }),
    ...(policy?.addresses && { addresses: [...policy.addresses] }),
    // Without a list, where the key belongs decides, and theirs belong there too.
    sites: policy?.sites === undefined ? null : [...policy.sites],
    ...(expiresAt !== undefined && { expires_at: timeOf(expiresAt) }),
  }
}

function inherited(actor: Actor, given: KeySettings): Partial<KeyRow> {
  return keyColumns(limitsOf(actor, given))
}

/** Of what is to be changed. */
function inheritedOf(actor: Actor, changes: KeySettings): Partial<KeyRow> {
  const limits = Object.entries(limitsOf(actor, changes)).filter(
    ([member]) => changes[member as keyof Key & keyof KeySettings] !== undefined,
  )
  return keyColumns(Object.fromEntries(limits))
}
