import { describe, expect, test } from 'vitest'
import type { KeyRow, OrganisationRow, RuleRow, UserRow, WorkspaceRow } from '../../stores/access-tables.ts'
import type { AccessStore, AuditPage, Change } from '../access-store.ts'
import { localActor, type Reach } from '../actor.ts'

const organisation = (id: string): OrganisationRow => ({
  id,
  name: `Name of ${id}`,
  metadata: '{}',
  created_at: 1_700_000_000_000,
  updated_at: 1_700_000_000_000,
})

const workspace = (id: string, organisationId: string): WorkspaceRow => ({
  ...organisation(id),
  organisation_id: organisationId,
  kind: 'team',
})

const user = (id: string, organisationId: string, email: string | null = null): UserRow => ({
  ...organisation(id),
  organisation_id: organisationId,
  email,
  role: 'developer',
  blocked_at: null,
  levels: null,
})

const key = (id: string, more: Partial<KeyRow> = {}): KeyRow => ({
  id,
  organisation_id: null,
  workspace_id: null,
  user_id: null,
  name: id,
  prefix: 'sk-sl-AbCd…',
  hash: `hash of ${id}`,
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
  created_at: 1_700_000_000_000,
  updated_at: 1_700_000_000_000,
  ...more,
})

const by = (action: string, reach: Reach = {}): Change => ({
  actor: { ...localActor, reach },
  action,
  requestId: 'req_1',
  address: '192.0.2.1',
})

const page = { after: undefined, limit: 10, where: {} }

/** What every store of access keeps to. @param open gives a new, empty one. */
export function describeAccessStore(place: string, open: () => Promise<AccessStore>): void {
  async function filled(): Promise<AccessStore> {
    const store = await open()
    for (const name of ['a', 'b']) {
      await store.organisations.add(organisation(`org_${name}`), by('organisations.create'))
      await store.workspaces.add(workspace(`ws_${name}`, `org_${name}`), by('workspaces.create'))
      await store.users.add(user(`user_${name}`, `org_${name}`, 'ann@example.com'), by('users.create'))
      const owners = { organisation_id: `org_${name}`, workspace_id: `ws_${name}`, user_id: `user_${name}` }
      await store.keys.add(key(`key_${name}`, owners), by('keys.create'))
    }
    return store
  }

  describe(`access ${place}`, () => {
    test('gives back what it was given, numbers as numbers', async () => {
      const store = await filled()
      expect(await store.organisations.find('org_a', {})).toEqual(organisation('org_a'))
      const owners = { organisation_id: 'org_a', workspace_id: 'ws_a', user_id: 'user_a' }
      expect(await store.keys.find('key_a', {})).toEqual(key('key_a', owners))
      expect(await store.keys.find('key_c', {})).toBeUndefined()
    })

    test('finds what a key is good for by its hash and by the one before it', async () => {
      const store = await filled()
      await store.keys.update('key_a', { hash: 'new', previous_hash: 'old', previous_expires_at: 5 }, by('keys.rotate'))
      for (const hash of ['new', 'old'])
        expect(await store.findGrant(hash)).toMatchObject({
          id: 'key_a',
          workspace_kind: 'team',
          user_blocked_at: null,
        })
      expect(await store.findGrant('hash of key_a')).toBeUndefined()
      await store.users.update('user_a', { blocked_at: 7 }, by('users.block'))
      expect(await store.findGrantOf('key_a')).toMatchObject({ user_blocked_at: 7 })
      expect(await store.findGrantOf('key_c')).toBeUndefined()
    })

    test('loses no change of those that are made at once, each from the row as it is', async () => {
      const store = await filled()
      const names = Array.from({ length: 20 }, (_, index) => `n${index}`)
      const add = (name: string): Promise<WorkspaceRow | undefined> =>
        store.workspaces.update(
          'ws_a',
          ({ metadata }) => ({ metadata: JSON.stringify({ ...(JSON.parse(metadata) as object), [name]: 1 }) }),
          by('workspaces.update'),
        )
      await Promise.all(names.map(add))
      const row = await store.workspaces.find('ws_a', {})
      expect(Object.keys(JSON.parse(row?.metadata ?? '{}') as object).toSorted()).toEqual(names.toSorted())
    })

    test('changes nothing for a change that finds nothing to do, or throws', async () => {
      const store = await filled()
      const before = await store.keys.find('key_a', {})
      const { rows: told } = await store.audit({}, page)
      expect(await store.keys.update('key_a', () => undefined, by('keys.update'))).toEqual(before)
      const broken = store.keys.update(
        'key_a',
        () => {
          throw new Error('not so')
        },
        by('keys.update'),
      )
      await expect(broken).rejects.toThrow('not so')
      expect(await store.keys.find('key_a', {})).toEqual(before)
      expect((await store.audit({}, page)).rows).toEqual(told)
    })

    test('finds workspaces that are sites, with the state of their settings', async () => {
      const store = await filled()
      await store.workspaces.add({ ...workspace('ws_site', 'org_a'), kind: 'site' }, by('workspaces.create'))
      expect(await store.findSite('ws_site')).toEqual({ id: 'ws_site', organisation_id: 'org_a', settings_at: null })
      const settings = { provider: 'auto', default_model: null, base_url: null, sealed_keys: '{}' }
      const times = { created_at: 1_700_000_000_000, updated_at: 1_700_000_000_001 }
      await store.siteSettings.add(
        { id: 'ws_site', organisation_id: 'org_a', ...settings, ...times },
        by('ai-settings.create'),
      )
      expect(await store.findSite('ws_site')).toMatchObject({ settings_at: 1_700_000_000_001 })
      for (const id of ['ws_a', 'ws_none']) expect(await store.findSite(id)).toBeUndefined()
    })

    test('shows and changes nothing beyond a reach', async () => {
      const store = await filled()
      const a = { organisation: 'org_a' }
      for (const [records, id] of [
        [store.organisations, 'org_b'],
        [store.workspaces, 'ws_b'],
        [store.users, 'user_b'],
        [store.keys, 'key_b'],
      ] as const) {
        expect(await records.find(id, a)).toBeUndefined()
        expect(await records.update(id, { name: 'taken' }, by('x', a))).toBeUndefined()
        expect(await records.remove(id, by('x', a))).toBe(false)
        expect((await records.find(id, {}))?.name).not.toBe('taken')
        const { rows } = await records.list(a, page)
        expect(rows.map((row) => row.id)).toEqual([id.replace('_b', '_a')])
      }
      expect((await store.audit(a, page)).rows.every((row) => row.organisation_id === 'org_a')).toBe(true)
    })

    test('limits a reach by workspace and by user', async () => {
      const store = await filled()
      await store.keys.add(key('key_c', { organisation_id: 'org_a', workspace_id: 'ws_a' }), by('keys.create'))
      await store.keys.add(key('key_d', { organisation_id: 'org_a', user_id: 'user_a' }), by('keys.create'))
      const seen = async (reach: Reach): Promise<string[]> =>
        (await store.keys.list(reach, page)).rows.map(({ id }) => id)
      expect(await seen({ organisation: 'org_a', workspace: 'ws_a' })).toEqual(['key_c', 'key_a'])
      expect(await seen({ organisation: 'org_a', user: 'user_a' })).toEqual(['key_d', 'key_a'])
      expect((await store.users.list({ organisation: 'org_a', workspace: 'ws_a' }, page)).rows).toEqual([])
    })

    test('lists by pages, the newest first, also after one that is gone', async () => {
      const store = await open()
      for (const id of ['key_1', 'key_2', 'key_3']) await store.keys.add(key(id), by('keys.create'))
      const first = await store.keys.list({}, { ...page, limit: 2 })
      expect([first.rows.map(({ id }) => id), first.more]).toEqual([['key_3', 'key_2'], true])
      await store.keys.remove('key_2', by('keys.delete'))
      const second = await store.keys.list({}, { ...page, after: 'key_2' })
      expect([second.rows.map(({ id }) => id), second.more]).toEqual([['key_1'], false])
      expect((await store.keys.list({}, { ...page, where: { name: 'key_3' } })).rows.map(({ id }) => id)).toEqual([
        'key_3',
      ])
    })

    test('tells every change who made it, and never a hash', async () => {
      const store = await open()
      const versions = [await store.version()]
      await store.keys.add(key('key_1', { hash: 'the-hash' }), by('keys.create'))
      versions.push(await store.version())
      await store.keys.update('key_1', { blocked_at: 9, previous_hash: 'the-hash-before' }, by('keys.block'))
      versions.push(await store.version())
      await store.keys.remove('key_1', by('keys.delete'))
      versions.push(await store.version())
      expect(versions).toEqual([0, 1, 2, 3])
      const { rows } = await store.audit({}, page)
      const told = Object.fromEntries(rows.map((row) => [row.action, row]))
      expect(Object.keys(told).toSorted()).toEqual(['keys.block', 'keys.create', 'keys.delete'])
      expect(told['keys.create']).toMatchObject({
        actor: 'local',
        resource: 'key_1',
        request_id: 'req_1',
        old_value: null,
      })
      expect(JSON.parse(told['keys.block']?.old_value ?? '')).toMatchObject({ blocked_at: null })
      expect(JSON.parse(told['keys.block']?.new_value ?? '')).toMatchObject({ blocked_at: 9 })
      expect(told['keys.delete']).toMatchObject({ new_value: null, address: '192.0.2.1' })
      expect(JSON.stringify(rows)).not.toContain('the-hash')
    })

    test('refuses what contradicts, and then leaves no trace of it', async () => {
      const store = await filled()
      const version = await store.version()
      const conflict = { code: 'conflict' }
      await expect(store.users.add(user('user_c', 'org_a', 'ann@example.com'), by('x'))).rejects.toMatchObject(conflict)
      await expect(store.organisations.remove('org_a', by('x'))).rejects.toMatchObject(conflict)
      await expect(store.workspaces.add(workspace('ws_c', 'org_c'), by('x'))).rejects.toMatchObject(conflict)
      expect(await store.version()).toBe(version)
      expect((await store.audit({}, { ...page, where: { action: 'x' } })).rows).toEqual([])
    })

    test('finds the rules of an organisation and those of everybody', async () => {
      const store = await filled()
      const rule = (id: string, organisationId: string | null): RuleRow => ({
        id,
        organisation_id: organisationId,
        workspace_id: null,
        level: 'gateway',
        name: id,
        settings: '{"per":"all"}',
        created_at: 1,
        updated_at: 1,
      })
      for (const [id, owner] of [
        ['bud_1', 'org_a'],
        ['bud_2', null],
        ['bud_3', 'org_b'],
      ] as const)
        await store.budgetRules.add(rule(id, owner), by('budgets.create'))
      await store.limitRules.add(rule('lim_1', 'org_a'), by('limits.create'))
      const idsOf = async (organisationId: string | null): Promise<readonly string[]> => {
        const { limits, budgets } = await store.rulesOf(organisationId)
        return [...limits, ...budgets].map(({ id }) => id)
      }
      expect(await idsOf('org_a')).toEqual(['lim_1', 'bud_1', 'bud_2'])
      expect(await idsOf('org_b')).toEqual(['bud_2', 'bud_3'])
      expect(await idsOf(null)).toEqual(['bud_2'])
      expect((await store.findGrantOf('key_a'))?.rules.budgets).toEqual([rule('bud_1', 'org_a'), rule('bud_2', null)])
      const reached = await store.budgetRules.list({ organisation: 'org_a' }, page)
      expect(reached.rows.map(({ id }) => id)).toEqual(['bud_1'])
      await expect(store.organisations.remove('org_a', by('x'))).rejects.toMatchObject({ code: 'conflict' })
    })

    test('lists what has something in a column', async () => {
      const store = await filled()
      await store.keys.add(key('key_c', { budget: '{"amount":1}' }), by('keys.create'))
      expect((await store.keys.list({}, { ...page, having: 'budget' })).rows.map(({ id }) => id)).toEqual(['key_c'])
    })

    test('finds entries of the audit log by their time and by what they are about', async () => {
      const store = await filled()
      const { rows } = await store.audit({}, page)
      const times = rows.map(({ created_at: at }) => at)
      const [last, first] = [Math.max(...times), Math.min(...times)]
      const count = async (request: Partial<AuditPage>): Promise<number> =>
        (await store.audit({}, { ...page, ...request })).rows.length
      expect(await count({ from: first, to: last + 1 })).toBe(rows.length)
      expect(await count({ from: last + 1 })).toBe(0)
      expect(await count({ to: first })).toBe(0)
      expect(await count({ kind: 'keys' })).toBe(2)
      expect(await count({ kind: 'key' })).toBe(0)
    })

    test('notes what changed no row', async () => {
      const store = await open()
      const version = await store.version()
      await store.note({ resource: 'cache', organisation: 'org_a', told: { purged: 3 } }, by('cache.purge'))
      expect((await store.audit({ organisation: 'org_a' }, page)).rows).toMatchObject([
        { action: 'cache.purge', actor: 'local', resource: 'cache', old_value: null, new_value: '{"purged":3}' },
      ])
      expect(await store.version()).toBe(version)
    })

    test('keeps the first check of a pepper', async () => {
      const store = await open()
      expect(await store.keepPepperCheck('one')).toBe('one')
      expect(await store.keepPepperCheck('two')).toBe('one')
    })
  })
}
