import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { type AdminClient, adminOf, chat, codeOf, makeKey, rootKey } from './admin-client.ts'

interface People {
  readonly lab: TestGateway
  /** Who runs the gateway. */
  readonly gateway: AdminClient
  readonly organisation: AdminClient
  readonly workspace: AdminClient
  readonly operator: AdminClient
  readonly developer: AdminClient
  /** Makes one of the developer's, by whoever. */
  make(by: AdminClient, settings?: object): Promise<{ readonly id: string; readonly key: string }>
}

async function start(): Promise<People> {
  const lab = await startTestGateway({ config: { server: { admin_key: rootKey } } })
  onTestFinished(() => lab.close())
  const gateway = adminOf(lab)
  const organisation_id = (await gateway('POST', '/organisations', { name: 'A' })).body['id']
  const user_id = (await gateway('POST', '/users', { organisation_id, name: 'Ann' })).body['id']
  const { body } = await gateway('POST', '/workspaces', { organisation_id, kind: 'team', name: 'team' })
  const workspace_id = body['id']
  const as = async (settings: object): Promise<AdminClient> => adminOf(lab, (await makeKey(gateway, settings)).key)
  return {
    lab,
    gateway,
    organisation: await as({ organisation_id, role: 'admin' }),
    workspace: await as({ workspace_id, role: 'admin' }),
    operator: await as({ organisation_id, role: 'operator' }),
    developer: await as({ workspace_id, user_id, role: 'developer' }),
    make: (by, settings = {}) => makeKey(by, { organisation_id, workspace_id, user_id, ...settings }),
  }
}

test('a developer takes back only what they blocked themselves', async () => {
  const { lab, gateway, organisation, workspace, operator, developer, make } = await start()
  const { id, key } = await make(developer)
  const block = async (by: AdminClient): Promise<number> => (await by('POST', `/keys/${id}/block`)).status
  const unblock = async (by: AdminClient): Promise<number> => (await by('POST', `/keys/${id}/unblock`)).status
  expect([await block(developer), (await chat(lab, key)).status]).toEqual([200, 401])
  expect([await unblock(developer), (await chat(lab, key)).status]).toEqual([200, 200])
  expect([await block(workspace), await unblock(developer), await block(developer)]).toEqual([200, 403, 200])
  expect([await unblock(developer), (await chat(lab, key)).status]).toEqual([403, 401])
  expect([await unblock(workspace), await unblock(developer)]).toEqual([200, 200])
  // An operator may what an admin of the same reach may.
  expect([await block(organisation), await unblock(workspace), await unblock(operator)]).toEqual([200, 403, 200])
  expect([await block(developer), await unblock(operator), (await chat(lab, key)).status]).toEqual([200, 200, 200])
  expect([await block(gateway), await unblock(organisation)]).toEqual([200, 403])
  expect([await block(organisation), await unblock(organisation), await unblock(gateway)]).toEqual([200, 403, 200])
  expect((await chat(lab, key)).status).toBe(200)
})

test('a key that was blocked before anybody kept by whom is not for its user to take back', async () => {
  const { gateway, developer, organisation, make, lab } = await start()
  const { id } = await make(developer)
  await gateway('POST', `/keys/${id}/block`)
  await lab.gateway.access.open().then(({ database }) => database.updateTable('keys').set({ levels: null }).execute())
  expect((await developer('POST', `/keys/${id}/unblock`)).status).toBe(403)
  expect((await organisation('POST', `/keys/${id}/unblock`)).status).toBe(200)
})

test('a user is unblocked only by somebody who reaches as far as whoever blocked them', async () => {
  const { lab, gateway, organisation, make } = await start()
  const { id: keyId, key } = await make(gateway)
  const { user_id: id } = (await gateway('GET', `/keys/${keyId}`)).body
  const block = async (by: AdminClient): Promise<number> => (await by('POST', `/users/${String(id)}/block`)).status
  const unblock = async (by: AdminClient): Promise<number> => (await by('POST', `/users/${String(id)}/unblock`)).status
  expect([await block(organisation), await unblock(organisation)]).toEqual([200, 200])
  expect([await block(gateway), (await chat(lab, key)).status, await unblock(organisation)]).toEqual([200, 401, 403])
  // Nor by blocking them once more.
  expect([await block(organisation), await unblock(organisation), (await chat(lab, key)).status]).toEqual([
    200, 403, 401,
  ])
  expect([await unblock(gateway), (await chat(lab, key)).status]).toEqual([200, 200])
  expect([await block(organisation), await block(gateway), await unblock(organisation)]).toEqual([200, 200, 403])
})

test('a user who was blocked before anybody kept by whom is unblocked by their organisation', async () => {
  const { lab, gateway, organisation, make } = await start()
  const { user_id: id } = (await gateway('GET', `/keys/${(await make(gateway)).id}`)).body
  await gateway('POST', `/users/${String(id)}/block`)
  await lab.gateway.access.open().then(({ database }) => database.updateTable('users').set({ levels: null }).execute())
  expect((await organisation('POST', `/users/${String(id)}/unblock`)).status).toBe(200)
})

const until = '2100-01-01T00:00:00Z'

test.each<[what: string, change: object, status: number]>([
  ['no budget', { budget: null }, 403],
  ['a larger budget', { budget: { amount: 6 } }, 403],
  ['a budget that begins anew more often', { budget: { amount: 5, period: 'daily' } }, 403],
  ['a budget that begins anew elsewhere', { budget: { amount: 5, time_zone: 'Asia/Tokyo' } }, 403],
  ['a budget that does not stop', { budget: { amount: 5, stop: false } }, 403],
  ['a budget that is raised', { budget: { amount: 1, raise: { by: 9, until } } }, 403],
  ['no limits', { limits: null }, 403],
  ['a larger limit', { limits: { requests_per_minute: 11, tokens_per_day: 100 } }, 403],
  ['a limit less', { limits: { requests_per_minute: 10 } }, 403],
  ['a smaller budget', { budget: { amount: 4, period: 'monthly', reset_day: 1, alert_at: [0.1] } }, 200],
  [
    'smaller limits, and more of them',
    { limits: { requests_per_minute: 9, tokens_per_day: 100, requests_per_day: 5 } },
    200,
  ],
  ['another name', { name: 'renamed' }, 200],
])('what the gateway set of a key, its organisation may only make tighter: %s', async (_, change, status) => {
  const { gateway, organisation, workspace, make } = await start()
  const set = { budget: { amount: 5 }, limits: { requests_per_minute: 10, tokens_per_day: 100 } }
  const { id } = await make(gateway, set)
  for (const by of [organisation, workspace]) {
    const reply = await by('PATCH', `/keys/${id}`, change)
    expect([reply.status, codeOf(reply.body)]).toEqual([status, status === 403 ? 'permission_denied' : undefined])
  }
  expect((await gateway('GET', `/keys/${id}`)).body).toMatchObject(status === 403 ? set : change)
  // What was made tighter is still theirs who set it first.
  expect((await organisation('PATCH', `/keys/${id}`, { budget: null })).status).toBe(403)
  expect((await gateway('PATCH', `/keys/${id}`, change)).status).toBe(200)
})

test('what an organisation set of a key is its own to change, and not that of a workspace', async () => {
  const { gateway, organisation, workspace } = await start()
  const { id } = await makeKey(workspace, { budget: { amount: 1 } })
  const patch = async (by: AdminClient, budget: object | null): Promise<number> =>
    (await by('PATCH', `/keys/${id}`, { budget })).status
  expect([await patch(workspace, { amount: 2 }), await patch(organisation, { amount: 1 })]).toEqual([200, 200])
  expect([await patch(workspace, { amount: 2 }), await patch(organisation, { amount: 2 })]).toEqual([403, 200])
  expect([await patch(gateway, null), await patch(workspace, { amount: 9 })]).toEqual([200, 200])
  expect([await patch(workspace, null)]).toEqual([200])
})

test('a budget that was set from above is raised from above', async () => {
  const { gateway, organisation, workspace, make } = await start()
  const { id } = await make(gateway, { budget: { amount: 1 } })
  const raise = async (by: AdminClient): Promise<number> =>
    (await by('POST', `/budgets/${id}/raise`, { by: 1, until })).status
  expect([await raise(organisation), await raise(workspace), await raise(gateway)]).toEqual([403, 403, 200])
  expect((await organisation('PATCH', `/keys/${id}`, { budget: { amount: 1, raise: { by: 1, until } } })).status).toBe(
    200,
  )
  expect((await organisation('DELETE', `/budgets/${id}/raise`)).status).toBe(200)
  expect((await gateway('GET', `/keys/${id}`)).body['budget']).toEqual({ amount: 1 })
})
