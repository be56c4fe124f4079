import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway } from '../start-test-gateway.ts'
import { type AdminClient, adminOf, makeKey, rootKey } from './admin-client.ts'

async function start(): Promise<AdminClient> {
  const gateway = await startTestGateway({ config: { server: { admin_key: rootKey } } })
  onTestFinished(() => gateway.close())
  return adminOf(gateway)
}

const forms = 'expected a time such as 2026-11-21T10:00:00Z, or a date such as 2026-11-21 (its beginning in UTC)'

test('what is wrong is named, and what was found there', async () => {
  const admin = await start()
  const cases: readonly (readonly [method: string, path: string, body: unknown, message: string])[] = [
    [
      'GET',
      '/usage?group_by=model,foo',
      undefined,
      '`group_by`: expected one of key_id, organisation_id, workspace_id, user_id, provider, model, operation, tag, found "model,foo".',
    ],
    ['GET', '/usage?from=yesterday', undefined, `\`from\`: ${forms}; found "yesterday".`],
    ['GET', '/audit?to=2026-02-30', undefined, `\`to\`: ${forms}; found "2026-02-30".`],
    ['POST', '/keys', { name: 'a', expires_at: 5 }, '`expires_at`: expected a text, found 5.'],
    ['POST', '/keys', { name: 'x'.repeat(101) }, '`name`: expected at most 100 characters, found 101.'],
    [
      'POST',
      '/keys',
      { name: 'a', tags: Array.from({ length: 33 }, (_, index) => `t${index}`) },
      '`tags`: expected at most 32 members, found 33.',
    ],
    [
      'POST',
      '/keys',
      { name: 'a', addresses: ['10.0.0.1', '10.0.0.0/33'] },
      '`addresses[1]`: expected an address or a range such as 203.0.113.7 or 10.0.0.0/8; found "10.0.0.0/33".',
    ],
    [
      'POST',
      '/keys',
      { name: 'a', tags: ['good', 'not good'] },
      '`tags[1]`: expected a tag of at most 64 letters, digits and . : / @ _ -; found "not good".',
    ],
    ['POST', '/keys', { name: 'a', models: ['!x'] }, '`models`: only takes out: add "*" to begin with everything.'],
    ['POST', '/keys', { name: 'a', addresses: [] }, '`addresses`: expected at least one address; null for no limit.'],
  ]
  for (const [method, path, body, message] of cases) {
    const reply = await admin(method, path, body)
    expect([path, reply.status, reply.body]).toMatchObject([path, 400, { error: { message } }])
  }
})

test('a date stands for its beginning in UTC', async () => {
  const admin = await start()
  await makeKey(admin)
  const day = 86_400_000
  const date = (days: number): string => new Date(Date.now() + days * day).toISOString().slice(0, 10)
  const rows = async (query: string): Promise<unknown> => (await admin('GET', `/audit?${query}`)).body['data']
  expect(await rows(`from=${date(-1)}&to=${date(2)}`)).toHaveLength(1)
  expect(await rows(`to=${date(-1)}`)).toEqual([])
  expect((await admin('GET', `/usage?from=${date(-1)}`)).status).toBe(200)
  const { body } = await admin('POST', '/keys', { name: 'a', expires_at: date(2) })
  expect(body['expires_at']).toBe(`${date(2)}T00:00:00.000Z`)
})

test('a workspace without settings of its own is told apart from one that is not there', async () => {
  const admin = await start()
  const organisation = await admin('POST', '/organisations', { name: 'Acme' })
  const made = { organisation_id: organisation.body['id'], kind: 'site', name: 'Shop' }
  const site = String((await admin('POST', '/workspaces', made)).body['id'])
  for (const method of ['GET', 'DELETE']) {
    const without = await admin(method, `/workspaces/${site}/ai-settings`)
    const message = `The workspace "${site}" has no settings of its own: it uses the providers of the gateway.`
    expect(without).toMatchObject({ status: 404, body: { error: { code: 'resource_not_found', message } } })
    const unknown = await admin(method, '/workspaces/ws_0/ai-settings')
    const words = 'There is no workspace "ws_0" that you may see.'
    expect(unknown).toMatchObject({ status: 404, body: { error: { message: words } } })
  }
})
