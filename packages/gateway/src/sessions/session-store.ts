import type { Transaction } from 'kysely'
import { writeAudit } from '../access/write-audit.ts'
import type { UserRow } from '../stores/access-tables.ts'
import type { Database } from '../stores/database.ts'
import type { Page } from '../stores/page.ts'
import type { SessionRow, UserIdentityRow } from '../stores/session-tables.ts'
import type { Tables } from '../stores/tables.ts'

/** Who is signed in; each beginning and end with its entry in the audit log, or neither. */
export interface SessionStore {
  /**
   * Ends those of the same person at the identity provider that reach elsewhere: of what it says, the last counts.
   *
   * @returns whether it was added: an attempt at the identity provider is good for one, and a user who was blocked
   * meanwhile for none.
   */
  add(row: SessionRow, note: SignInNote): Promise<boolean>
  /** By the hash of its cookie, as long as it was not ended; and whose it is. */
  find(hash: string): Promise<FoundSession | undefined>
  get(id: string): Promise<SessionRow | undefined>
  /** Newest first: those of an owner that go on. */
  list(owner: string, idleSince: number, page: SessionsPage): Promise<Page<SessionRow>>
  /** That somebody used it just now. */
  touch(id: string): Promise<void>
  /** @returns whether there was one of that owner which went on. */
  end(id: string, owner: string, note: SignInNote): Promise<boolean>
  /** Ends all of somebody of an identity provider, as whichever user. */
  endAll(identity: Identity, by: SignInOrigin): Promise<void>
  /** What nobody came of. */
  refuse(note: SignInNote): Promise<void>
}

export interface FoundSession {
  readonly session: SessionRow
  /** Absent where it is of a key. */
  readonly user: Pick<UserRow, 'id' | 'organisation_id' | 'role' | 'blocked_at'> | undefined
}

export interface SessionsPage {
  /** The id that the page before ended with. */
  readonly after: string | undefined
  readonly limit: number
}

/** Somebody whom an identity provider knows; a user in each organisation that it had them in. */
type Identity = Pick<UserIdentityRow, 'issuer' | 'subject'>

/** The request that a sign-in comes by. */
export interface SignInOrigin {
  readonly requestId: string | undefined
  readonly address: string | undefined
}

/** What the audit log tells of signing in and out. */
export interface SignInNote extends SignInOrigin {
  readonly action: 'sessions.sign-in' | 'sessions.sign-out' | 'sessions.revoke' | 'sessions.refuse'
  readonly actor: string
  readonly organisation?: string | undefined
  /** The session's id, or what was tried. */
  readonly resource: string
  /** Without secrets. */
  readonly value: Readonly<Record<string, unknown>>
}

/** @param now milliseconds since 1970. */
export function createSessionStore(database: Database, now: () => number): SessionStore {
  const note = (to: Database | Transaction<Tables>, entry: SignInNote, ends: boolean): Promise<void> => {
    const { actor, organisation, action, resource, requestId, address } = entry
    const value = JSON.stringify(entry.value)
    return writeAudit(
      to,
      {
        actor,
        organisation_id: organisation ?? null,
        workspace_id: null,
        action,
        resource,
        old_value: ends ? value : null,
        new_value: ends ? null : value,
        request_id: requestId ?? null,
        address: address ?? null,
      },
      now(),
    )
  }

  /** Ends what the provider takes back by what it says now. @param reach of those that go on. */
  async function endOf(
    { issuer, subject }: Identity,
    reach: string | null | undefined,
    { requestId, address }: SignInOrigin,
    transaction: Transaction<Tables>,
  ): Promise<void> {
    const users = transaction
      .selectFrom('user_identities')
      .select('user_id')
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
    let query = transaction
      .updateTable('sessions')
      .set({ ended_at: now() })
      .where('user_id', 'in', users)
      .where('ended_at', 'is', null)
    if (reach !== undefined) query = query.where('organisation_id', 'is distinct from', reach)
    for (const { id, owner, organisation_id: organisation, method } of await query.returningAll().execute())
      await note(
        transaction,
        {
          action: 'sessions.revoke',
          actor: 'identity-provider',
          organisation: organisation ?? undefined,
          resource: id,
          value: { method, owner },
          requestId,
          address,
        },
        true,
      )
  }

  return {
    add: (row, entry) =>
      database.transaction().execute(async (transaction) => {
        const { user_id: user, organisation_id: reach } = row
        if (user !== null && !(await isAdmitted(user, transaction))) return false
        await transaction.deleteFrom('sessions').where('expires_at', '<=', now()).execute()
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('sessions')
          .values(row)
          .onConflict((conflict) => conflict.column('attempt').doNothing())
          .executeTakeFirstOrThrow()
        if (Number(numInsertedOrUpdatedRows) === 0) return false
        await note(transaction, entry, false)
        if (user === null) return true
        const identities = transaction
          .selectFrom('user_identities')
          .select(['issuer', 'subject'])
          .where('user_id', '=', user)
        for (const identity of await identities.execute()) await endOf(identity, reach, entry, transaction)
        return true
      }),
    async find(hash) {
      const session = await database
        .selectFrom('sessions')
        .selectAll()
        .where('hash', '=', hash)
        .where('ended_at', 'is', null)
        .executeTakeFirst()
      if (session === undefined || session.user_id === null) return session && { session, user: undefined }
      const user = await database
        .selectFrom('users')
        .select(['id', 'organisation_id', 'role', 'blocked_at'])
        .where('id', '=', session.user_id)
        .executeTakeFirst()
      return user && { session, user }
    },
    get: (id) => database.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst(),
    async list(owner, idleSince, { after, limit }) {
      let query = database
        .selectFrom('sessions')
        .selectAll()
        .where('owner', '=', owner)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', now())
        .where('seen_at', '>', idleSince)
      if (after !== undefined) query = query.where('id', '<', after)
      const rows = await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      return { rows: rows.slice(0, limit), more: rows.length > limit }
    },
    async touch(id) {
      await database.updateTable('sessions').set({ seen_at: now() }).where('id', '=', id).execute()
    },
    end: (id, owner, entry) =>
      database.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('sessions')
          .set({ ended_at: now() })
          .where('id', '=', id)
          .where('owner', '=', owner)
          .where('ended_at', 'is', null)
          .executeTakeFirst()
        if (Number(numUpdatedRows) === 0) return false
        await note(transaction, entry, true)
        return true
      }),
    endAll: (identity, by) =>
      database.transaction().execute((transaction) => endOf(identity, undefined, by, transaction)),
    async refuse(entry) {
      await note(database, entry, false)
    },
  }
}

/** One at a time, and beside no change of users: of two with different reaches neither would see the other. */
async function isAdmitted(user: string, transaction: Transaction<Tables>): Promise<boolean> {
  await transaction
    .updateTable('access_state')
    .set(({ ref }) => ({ version: ref('version') }))
    .execute()
  const row = await transaction.selectFrom('users').select('blocked_at').where('id', '=', user).executeTakeFirst()
  return row?.blocked_at === null
}
