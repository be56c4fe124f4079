import { describe, expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { openDatabase } from '../stores/database.ts'
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
    actions(): Promise<unknown[]>
  }> {
    const database = await openDatabase(await place())
    onTestFinished(() => database.destroy())
    const clock = { now: 1_000 }
    return {
      store: createSessionStore(database, () => clock.now),
      clock,
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
}
