import { SluiceError } from '@sluice/protocol'
import { sql } from 'kysely'
import type { AccessStore, Change } from '../access/access-store.ts'
import type { Actor } from '../access/actor.ts'
import { createId } from '../access/create-id.ts'
import type { UserRow } from '../stores/access-tables.ts'
import type { Database } from '../stores/database.ts'
import type { Person } from './person.ts'

export interface SignInUserParts {
  readonly store: AccessStore
  readonly database: Database
  readonly issuer: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Of those who reach the whole gateway. */
const gatewayOrganisation = 'org_gateway'
/** As the audit log names who makes and changes users by what they say of them. */
const providerActor: Actor = Object.freeze({ id: 'identity-provider', role: 'owner', reach: Object.freeze({}) })

/**
 * The user that somebody of the identity provider is here, as the provider has them now; made where there is none. One
 * that was made before with the same e-mail address, and was never signed in to, becomes theirs.
 *
 * @throws SluiceError `sign_in_refused`
 */
export async function userFor(
  person: Person,
  by: Omit<Change, 'actor' | 'action'>,
  parts: SignInUserParts,
): Promise<UserRow> {
  const { store, database, issuer, now } = parts
  const { subject } = person
  const organisation = await organisationFor(person, by, parts)

  const known = (): Promise<{ readonly user_id: string } | undefined> =>
    database
      .selectFrom('user_identities')
      .select('user_id')
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .where('organisation_id', '=', organisation)
      .executeTakeFirst()

  /** Who was made for this address, and belongs to none of the provider's identities yet. */
  async function waiting(): Promise<UserRow | undefined> {
    if (person.email === undefined) return undefined
    return database
      .selectFrom('users')
      .leftJoin('user_identities', (join) =>
        join.onRef('user_identities.user_id', '=', 'users.id').on('user_identities.issuer', '=', issuer),
      )
      .selectAll('users')
      .where('users.organisation_id', '=', organisation)
      .where(sql<string>`lower(users.email)`, '=', person.email)
      .where('user_identities.user_id', 'is', null)
      .executeTakeFirst()
  }

  async function make(): Promise<UserRow> {
    const at = now()
    const row: UserRow = {
      id: createId('user', at),
      organisation_id: organisation,
      name: person.name,
      email: person.email ?? null,
      role: person.role,
      metadata: '{}',
      blocked_at: null,
      levels: null,
      created_at: at,
      updated_at: at,
    }
    await store.users.add(row, { ...by, actor: providerActor, action: 'users.create' })
    return row
  }

  /** @returns whether it is theirs: of those who come at once, with one identity or for one user, one is first. */
  async function bind(userId: string): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await database
      .insertInto('user_identities')
      .values({ issuer, subject, organisation_id: organisation, user_id: userId, created_at: now() })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    return Number(numInsertedOrUpdatedRows) > 0
  }

  async function update(user: UserRow): Promise<UserRow> {
    if (user.blocked_at !== null)
      throw new SluiceError('sign_in_refused', 'You are blocked. Ask whoever manages the users of this gateway.')
    const { name, role, email = user.email } = person
    if (user.name === name && user.role === role && user.email === email) return user
    const changes = { name, role, email }
    return (await store.users.update(user.id, changes, { ...by, actor: providerActor, action: 'users.update' })) ?? user
  }

  /** @returns `undefined` where somebody else came between: what they did is there when this is tried again. */
  async function attempt(): Promise<UserRow | undefined> {
    const identity = await known()
    if (identity !== undefined) {
      const user = await store.users.find(identity.user_id, {})
      return user && update(user)
    }
    const there = await waiting()
    const user = there ?? (await make())
    if (await bind(user.id)) return update(user)
    const first = await known()
    // Of two that were made for one identity, one was for nothing.
    if (there === undefined && first !== undefined && first.user_id !== user.id)
      await store.users.remove(user.id, { ...by, actor: providerActor, action: 'users.delete' })
    return undefined
  }

  for (let tries = 0; tries < 5; tries++) {
    try {
      const user = await attempt()
      if (user !== undefined) return user
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === 'conflict')) throw error
    }
  }
  throw new SluiceError(
    'sign_in_refused',
    'Your e-mail address belongs to another user here. Ask whoever manages the users of this gateway to take it from them.',
  )
}

async function organisationFor(
  { organisation }: Person,
  by: Omit<Change, 'actor' | 'action'>,
  { store: { organisations }, now }: SignInUserParts,
): Promise<string> {
  const id = organisation ?? gatewayOrganisation
  if ((await organisations.find(id, {})) !== undefined) return id
  if (organisation !== undefined)
    throw new SluiceError(
      'sign_in_refused',
      'Your role here is of an organisation that there is not. The operator must correct server.oidc.',
    )
  const at = now()
  const row = { id, name: 'This gateway', metadata: '{}', created_at: at, updated_at: at }
  await organisations
    .add(row, { ...by, actor: providerActor, action: 'organisations.create' })
    .catch((error: unknown) => {
      if (!(error instanceof SluiceError && error.code === 'conflict')) throw error
    })
  return id
}
