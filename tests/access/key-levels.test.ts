import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { type AdminClient, adminOf, chat, makeKey, rootKey } from './admin-client.ts'

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
