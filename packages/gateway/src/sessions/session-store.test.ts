import { describe, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { createId } from '../access/create-id.ts'
import { type Database, openDatabase } from '../stores/database.ts'
import type { SessionRow } from '../stores/session-tables.ts'
import { createSessionStore, type SessionStore, type SignInNote } from './session-store.ts'

const note: SignInNote = {
  action: 'sessions.sign-in',
  actor: 'key_1',
  resource: 'ses_1',
  value: {},
  requestId: undefined,
  address: undefined,
}

const session = (id: string, more: Partial<SessionRow> = {}): SessionRow => ({
  id,
  hash: `hash of ${id}`,
  owner: 'key_1',
  user_id: null,
  key_hash: 'hash of a key',
  organisation_id: null,
  method: 'key',
  attempt: null,
  address: null,
  user_agent: null,
  created_at: 1_000,
  seen_at: 1_000,
  expires_at: 9_000,
  ended_at: null,
  ...more,
})

describe('on SQLite', () => {
  describeSessionStore(async () => ':memory:')
})
describeOnPostgres('on PostgreSQL', () => {
  describeSessionStore(async () => (await postgresForTests()).url)
})

function describeSessionStore(place: () => Promise<string>): void {
  async function open(): Promise<{
    readonly store: SessionStore
    readonly clock: { now: number }
    readonly database: Database
    actions(): Promise<unknown[]>
  }> {
    const database = await openDatabase(await place())
    onTestFinished(() => database.destroy())
    const clock = { now: 1_000 }
    return {
      store: createSessionStore(database, () => clock.now),
      clock,
      database,
      actions: async () =>
        (await database.selectFrom('audit_log').select('action').orderBy('action').execute()).map(
          ({ action }) => action,
        ),
    }
  }

  test('an attempt at a provider is good for one session, also when it has ended', async () => {
    const { store, actions } = await open()
    const first = session('ses_1', { attempt: 'one' })
    const second = session('ses_2', { attempt: 'one' })
    expect((await Promise.all([store.add(first, note), store.add(second, note)])).toSorted()).toEqual([false, true])
    const [there] = (await store.list('key_1', 0, { after: undefined, limit: 10 })).rows
    expect(await store.end(there!.id, 'key_1', { ...note, action: 'sessions.sign-out' })).toBe(true)
    expect(await store.add(session('ses_3', { attempt: 'one' }), note)).toBe(false)
    // Of those by key there are as many as there are.
    expect(await store.add(session('ses_4'), note)).toBe(true)
    expect(await store.add(session('ses_5'), note)).toBe(true)
    expect((await actions()).filter((action) => action === 'sessions.sign-in')).toHaveLength(3)
  })

  test('is found by its hash until it is ended, by its owner alone and once', async () => {
    const { store, actions } = await open()
    await store.add(session('ses_1'), note)
    expect(await store.find('hash of ses_1')).toEqual({ session: session('ses_1'), user: undefined })
    expect(await store.find('hash of ses_2')).toBeUndefined()
    const end = { ...note, action: 'sessions.revoke' } as const
    expect(await store.end('ses_1', 'key_2', end)).toBe(false)
    expect(await Promise.all([store.end('ses_1', 'key_1', end), store.end('ses_1', 'key_1', end)])).toContain(false)
    expect(await store.find('hash of ses_1')).toBeUndefined()
    expect(await actions()).toEqual(['sessions.revoke', 'sessions.sign-in'])
  })

  test('lists page by page those that go on', async () => {
    const { store, clock } = await open()
    for (const id of ['ses_1', 'ses_2', 'ses_3', 'ses_4']) await store.add(session(id), note)
    await store.add(session('ses_5', { owner: 'key_2' }), note)
    await store.end('ses_2', 'key_1', note)
    clock.now = 5_000
    for (const id of ['ses_1', 'ses_3']) await store.touch(id)
    const ids = async (idleSince: number, after?: string): Promise<unknown> => {
      const { rows, more } = await store.list('key_1', idleSince, { after, limit: 2 })
      return [rows.map(({ id }) => id), more]
    }
    expect(await ids(0)).toEqual([['ses_4', 'ses_3'], true])
    expect(await ids(0, 'ses_3')).toEqual([['ses_1'], false])
    expect(await ids(1_000)).toEqual([['ses_3', 'ses_1'], false])
    clock.now = 9_000
    expect(await ids(0)).toEqual([[], false])
    // What is over for good is forgotten when the next one comes.
    await store.add(session('ses_6', { expires_at: 20_000 }), note)
    expect(await store.get('ses_1')).toBeUndefined()
  })

  test('an entry of the audit log has one time, by which it is found', async () => {
    const { database, clock } = await open()
    // No two looks at this clock tell the same.
    const store = createSessionStore(database, () => clock.now++)
    await store.add(session('ses_1'), note)
    await store.refuse(note)
    const entries = await database.selectFrom('audit_log').select(['id', 'created_at']).execute()
    expect(entries).toHaveLength(2)
    for (const { id, created_at: at } of entries) expect(id.slice(0, 16)).toBe(createId('aud', at).slice(0, 16))
  })

  /** Ann of the provider is a user in each of two organisations, and Eve in one of them. */
  async function openWithPeople(): Promise<Awaited<ReturnType<typeof open>>> {
    const opened = await open()
    const { database } = opened
    const times = { created_at: 1_000, updated_at: 1_000 }
    for (const id of ['org_1', 'org_2'])
      await database
        .insertInto('organisations')
        .values({ id, name: id, metadata: '{}', ...times })
        .execute()
    for (const [id, subject, organisation] of people) {
      const row = { id, organisation_id: organisation, name: id, email: null, role: 'admin', metadata: '{}', ...times }
      await database
        .insertInto('users')
        .values({ ...row, blocked_at: null })
        .execute()
      await database
        .insertInto('user_identities')
        .values({ issuer, subject, organisation_id: organisation, user_id: id, created_at: 1_000 })
        .execute()
    }
    return opened
  }
  const issuer = 'https://id.example.com'
  const people = [
    ['ann_1', 'ann', 'org_1'],
    ['ann_2', 'ann', 'org_2'],
    ['eve_1', 'eve', 'org_1'],
  ] as const
  const sessionOf = (id: string, user: string, organisation: string | null): SessionRow =>
    session(id, { owner: user, user_id: user, key_hash: null, organisation_id: organisation, method: 'oidc' })

  async function going(store: SessionStore, ids: readonly string[]): Promise<readonly string[]> {
    const found = await Promise.all(ids.map(async (id) => (await store.find(`hash of ${id}`))?.session.id))
    return found.filter((id) => id !== undefined)
  }

  test('somebody of an identity provider has sessions of one reach', async () => {
    const { store } = await openWithPeople()
    const add = (id: string, user: string, organisation: string | null) =>
      store.add(sessionOf(id, user, organisation), { ...note, resource: id })
    await add('ses_1', 'ann_1', null)
    await add('ses_2', 'ann_1', null)
    await add('ses_3', 'eve_1', null)
    await store.add(session('ses_4'), note)
    const all = ['ses_1', 'ses_2', 'ses_3', 'ses_4', 'ses_5', 'ses_6', 'ses_7']
    expect(await going(store, all)).toEqual(['ses_1', 'ses_2', 'ses_3', 'ses_4'])
    // As the same user, who reached the whole gateway before.
    await add('ses_5', 'ann_1', 'org_1')
    expect(await going(store, all)).toEqual(['ses_3', 'ses_4', 'ses_5'])
    await add('ses_6', 'ann_2', 'org_2')
    expect(await going(store, all)).toEqual(['ses_3', 'ses_4', 'ses_6'])
    await add('ses_7', 'ann_1', null)
    expect(await going(store, all)).toEqual(['ses_3', 'ses_4', 'ses_7'])
  })

  test('who is blocked while they sign in has no session, which unblocking would bring back', async () => {
    const { store, database, actions } = await openWithPeople()
    const blocked = (at: number | null) =>
      database.updateTable('users').set({ blocked_at: at }).where('id', '=', 'ann_1').execute()
    await blocked(1_000)
    expect(await store.add(sessionOf('ses_1', 'ann_1', 'org_1'), note)).toBe(false)
    await blocked(null)
    expect(await store.find('hash of ses_1')).toBeUndefined()
    expect(await actions()).toEqual([])
  })

  test('of those who come at once with different reaches one stays', async () => {
    const { store } = await openWithPeople()
    const ids = (round: number) => Array.from({ length: 8 }, (_, index) => `ses_${round}_${index}`)
    // So that as many connections as come at once are open.
    await going(store, ids(0))
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        ids(round).map((id, index) =>
          store.add(index % 2 === 0 ? sessionOf(id, 'ann_1', 'org_1') : sessionOf(id, 'ann_2', 'org_2'), note),
        ),
      )
      const rows = await Promise.all((await going(store, ids(round))).map((id) => store.get(id)))
      expect(new Set(rows.map((row) => row?.organisation_id)).size).toBe(1)
    }
  })

  test('whom the identity provider lets in nowhere has no sessions, and each end is written down', async () => {
    const { store, database } = await openWithPeople()
    await store.add(sessionOf('ses_1', 'ann_1', 'org_1'), note)
    await store.add(sessionOf('ses_2', 'eve_1', 'org_1'), note)
    const origin = { requestId: 'req_1', address: '203.0.113.7' }
    await store.endAll({ issuer: 'https://other.example.com', subject: 'ann' }, origin)
    await store.endAll({ issuer, subject: 'nobody' }, origin)
    expect(await going(store, ['ses_1', 'ses_2'])).toEqual(['ses_1', 'ses_2'])
    for (const _ of [1, 2]) await store.endAll({ issuer, subject: 'ann' }, origin)
    expect(await going(store, ['ses_1', 'ses_2'])).toEqual(['ses_2'])
    const ends = database.selectFrom('audit_log').selectAll().where('action', '=', 'sessions.revoke')
    expect(await ends.execute()).toMatchObject([
      {
        actor: 'identity-provider',
        organisation_id: 'org_1',
        resource: 'ses_1',
        old_value: JSON.stringify({ method: 'oidc', owner: 'ann_1' }),
        new_value: null,
        request_id: 'req_1',
        address: '203.0.113.7',
      },
    ])
  })
}
