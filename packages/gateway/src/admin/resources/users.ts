import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'
import type { ChangesOf } from '../../access/access-store.ts'
import type { Actor } from '../../access/actor.ts'
import { createId } from '../../access/create-id.ts'
import { isFromAbove, levelsAfter, refuseFromBelow } from '../../access/key-levels.ts'
import { ranksAbove, type Role, roles } from '../../access/roles.ts'
import type { UserRow } from '../../stores/access-tables.ts'
import type { AdminParts } from '../admin-parts.ts'
import { type AdminCall, endpoint, type Endpoint } from '../endpoint.ts'
import {
  id,
  listOf,
  type Metadata,
  metadata,
  name,
  optionalTimeOf,
  pageOf,
  pageQuery,
  readPage,
  removed,
  timeOf,
} from '../shapes.ts'
import { changeBy, found, removeRecord } from './change.ts'
import { ownerOf } from './owners.ts'

interface User {
  id: string
  object: 'user'
  organisation_id: string
  name: string
  email: string | null
  role: Role
  metadata: Metadata
  blocked_at: string | null
  created_at: string
  updated_at: string
}

const role = z.enum(roles)
const email = z.string().check(z.regex(/^[^\s@]{1,64}@[^\s@]{1,190}$/, 'expected an e-mail address'))
const user: z.ZodMiniType<User> = z.object({
  id: z.string(),
  object: z.literal('user'),
  organisation_id: z.string(),
  name: z.string(),
  email: z.nullable(z.string()),
  role,
  metadata,
  blocked_at: z.nullable(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
})

export function describeUser(row: UserRow): User {
  return {
    id: row.id,
    object: 'user',
    organisation_id: row.organisation_id,
    name: row.name,
    email: row.email,
    role: row.role as Role,
    metadata: JSON.parse(row.metadata) as Metadata,
    blocked_at: optionalTimeOf(row.blocked_at),
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  }
}

/** People of an organisation. */
export const userEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/users',
    permission: 'users:read',
    summary: 'List users, the newest first.',
    query: z.strictObject({ ...pageQuery('user'), organisation_id: z.optional(id), email: z.optional(z.string()) }),
    answer: pageOf(user),
    async handle({ actor, query }, { store: { users } }) {
      const { organisation_id, email: wanted } = query
      const where = { ...(organisation_id && { organisation_id }), ...(wanted && { email: wanted }) }
      return listOf(await users.list(actor.reach, { ...readPage(query), where }), describeUser)
    },
  }),
  endpoint({
    method: 'POST',
    path: '/users',
    permission: 'users:write',
    summary: 'Make a user.',
    body: z.strictObject({
      organisation_id: z.optional(id),
      name,
      email: z.optional(z.nullable(email)),
      role: z.optional(role),
      metadata: z.optional(metadata),
    }),
    answer: user,
    status: 201,
    async handle(call, { store, now }) {
      const { body } = call
      const at = now()
      const row: UserRow = {
        id: createId('user', at),
        organisation_id: await ownerOf(call.actor, body.organisation_id, store),
        name: body.name,
        email: body.email ?? null,
        role: body.role ?? 'developer',
        metadata: JSON.stringify(body.metadata ?? {}),
        blocked_at: null,
        levels: null,
        created_at: at,
        updated_at: at,
      }
      checkRank(call.actor, row.role)
      await store.users.add(row, changeBy(call, 'users.create'))
      return describeUser(row)
    },
  }),
  endpoint({
    method: 'GET',
    path: '/users/{id}',
    permission: 'users:read',
    summary: 'Show a user.',
    answer: user,
    handle: async (call, { store: { users } }) =>
      describeUser(found(await users.find(call.id, call.actor.reach), 'user', call.id)),
  }),
  endpoint({
    method: 'PATCH',
    path: '/users/{id}',
    permission: 'users:write',
    summary: 'Change what is given of a user.',
    body: z.strictObject({
      name: z.optional(name),
      email: z.optional(z.nullable(email)),
      role: z.optional(role),
      metadata: z.optional(metadata),
    }),
    answer: user,
    handle(call, parts) {
      const { metadata: noted, ...rest } = call.body
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
      return update(call, { ...given, ...(noted && { metadata: JSON.stringify(noted) }) }, 'users.update', parts)
    },
  }),
  endpoint({
    method: 'POST',
    path: '/users/{id}/block',
    permission: 'users:write',
    summary: 'Refuse every key of a user, until they are unblocked.',
    answer: user,
    handle(call, parts) {
      const { reach } = call.actor
      const block = (before: UserRow): Partial<UserRow> | undefined =>
        // Whoever blocked them first and reaches further still holds them.
        before.blocked_at !== null && isFromAbove(before, 'blocked', reach)
          ? undefined
          : { blocked_at: parts.now(), levels: levelsAfter(before.levels, reach, { blocked: 'done' }) }
      return update(call, block, 'users.block', parts)
    },
  }),
  endpoint({
    method: 'POST',
    path: '/users/{id}/unblock',
    permission: 'users:write',
    summary: 'Take the keys of a user again, unless somebody blocked them who reaches further.',
    answer: user,
    handle(call, parts) {
      const { reach } = call.actor
      const unblock = (before: UserRow): Partial<UserRow> => {
        if (before.blocked_at !== null && isFromAbove(before, 'blocked', reach))
          refuseFromBelow('The user was blocked', 'change')
        return { blocked_at: null, levels: levelsAfter(before.levels, reach, { blocked: 'undone' }) }
      }
      return update(call, unblock, 'users.unblock', parts)
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/users/{id}',
    permission: 'users:write',
    summary: 'Remove a user who has no keys any more.',
    answer: removed,
    async handle(call, { store: { users } }) {
      const before = found(await users.find(call.id, call.actor.reach), 'user', call.id)
      checkRank(call.actor, before.role)
      return removeRecord(users, call, 'user', 'users.delete')
    },
  }),
]

/** Nobody makes or changes whom they could not be. */
function checkRank({ role: own }: Actor, ...others: readonly (string | undefined)[]): void {
  const above = others.find((other) => other !== undefined && ranksAbove(other as Role, own))
  if (above !== undefined)
    throw new SluiceError('permission_denied', `The role ${own} may not give or change the role ${above}.`)
}

async function update(
  call: AdminCall,
  changes: Partial<UserRow> | ChangesOf<UserRow>,
  action: string,
  { store: { users } }: AdminParts,
): Promise<User> {
  const allowed = (before: UserRow): Partial<UserRow> | undefined => {
    const given = typeof changes === 'function' ? changes(before) : changes
    checkRank(call.actor, before.role, given?.role)
    return given
  }
  return describeUser(found(await users.update(call.id, allowed, changeBy(call, action)), 'user', call.id))
}
