import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { adminOf, codeOf, makeKey, rootKey } from './admin-client.ts'

async function start(): Promise<TestGateway> {
  const gateway = await startTestGateway({ config: { server: { admin_key: rootKey } } })
  onTestFinished(() => gateway.close())
  return gateway
}

type Body = Readonly<Record<string, unknown>>

test('makes, shows, changes and removes everything there is', async () => {
  const admin = adminOf(await start())
  const organisation = await admin('POST', '/organisations', { name: 'Acme', metadata: { plan: 'gold' } })
  expect(organisation).toMatchObject({ status: 201, body: { name: 'Acme', metadata: { plan: 'gold' } } })
  const organisation_id = String(organisation.body['id'])
  const site = await admin('POST', '/workspaces', { organisation_id, kind: 'site', name: 'Shop' })
  const user = await admin('POST', '/users', { organisation_id, name: 'Ann', email: 'ann@example.com' })
  expect(user.body).toMatchObject({ organisation_id, role: 'developer', blocked_at: null })
  const key = await makeKey(admin, { workspace_id: site.body['id'], user_id: user.body['id'], tags: ['env:test'] })
  const shown = await admin('GET', `/keys/${key.id}`)
  expect(shown.body).toMatchObject({ organisation_id, workspace_id: site.body['id'], tags: ['env:test'], models: null })
  expect(shown.body).not.toHaveProperty('key')
  expect(shown.headers.get('cache-control')).toBe('no-store')
  for (const [path, changes] of [
    [`/organisations/${organisation_id}`, { name: 'Acme Ltd' }],
    [`/workspaces/${String(site.body['id'])}`, { name: 'Store' }],
    [`/users/${String(user.body['id'])}`, { role: 'viewer', email: null }],
    [`/keys/${key.id}`, { models: ['gpt-*'], default_route: 'gpt-6' }],
  ] as const) {
    expect((await admin('PATCH', path, changes)).body).toMatchObject(changes)
    expect((await admin('GET', path)).body).toMatchObject(changes)
  }
  expect((await admin('DELETE', `/organisations/${organisation_id}`)).status).toBe(409)
  for (const path of [
    `/keys/${key.id}`,
    `/users/${String(user.body['id'])}`,
    `/workspaces/${String(site.body['id'])}`,
  ]) {
    expect((await admin('DELETE', path)).body).toMatchObject({ deleted: true })
    expect((await admin('DELETE', path)).status).toBe(404)
  }
  expect((await admin('DELETE', `/organisations/${organisation_id}`)).status).toBe(200)
})

test('of the users of an organisation one has an e-mail address, in whatever case', async () => {
  const admin = adminOf(await start())
  const organisation = async (name: string): Promise<string> =>
    String((await admin('POST', '/organisations', { name })).body['id'])
  const [acme, other] = [await organisation('Acme'), await organisation('Other')]
  const add = (organisation_id: string, email: string | null): ReturnType<typeof admin> =>
    admin('POST', '/users', { organisation_id, name: 'Ann', email })
  const first = String((await add(acme, 'a@b.c')).body['id'])
  const message = `The user "${first}" of this organisation has that e-mail address already. Change that one, or take the address from it.`
  const refused = { status: 409, body: { error: { code: 'conflict', message } } }
  expect(await add(acme, 'A@b.c')).toMatchObject(refused)
  expect(await add(acme, 'a@b.c')).toMatchObject(refused)
  const second = String((await add(acme, null)).body['id'])
  expect(await admin('PATCH', `/users/${second}`, { email: 'a@B.c' })).toMatchObject(refused)
  expect((await add(acme, null)).status).toBe(201)
  expect((await add(other, 'A@b.c')).status).toBe(201)
  expect((await admin('PATCH', `/users/${first}`, { email: 'A@b.c', name: 'Anna' })).status).toBe(200)
  expect((await admin('PATCH', `/users/${first}`, { email: null })).status).toBe(200)
  expect((await admin('PATCH', `/users/${second}`, { email: 'a@B.c' })).status).toBe(200)
})

test.each<[what: string, method: string, path: string, body: unknown, status: number, code: string, words: string]>([
  ['a member that is not known', 'POST', '/keys', { name: 'a', model: 'x' }, 400, 'invalid_request', 'model'],
  ['a member that is missing', 'POST', '/keys', {}, 400, 'invalid_request', 'name'],
  ['a role that is none', 'POST', '/keys', { name: 'a', role: 'king' }, 400, 'invalid_request', 'role'],
  [
    'a range that is none',
    'POST',
    '/keys',
    { name: 'a', addresses: ['10.0.0.0/33'] },
    400,
    'invalid_request',
    'addresses',
  ],
  [
    'patterns that leave nothing',
    'POST',
    '/keys',
    { name: 'a', models: ['!x'] },
    400,
    'invalid_request',
    'add \\"*\\"',
  ],
  ['a time that is none', 'POST', '/keys', { name: 'a', expires_at: 'soon' }, 400, 'invalid_request', 'expires_at'],
  [
    'a time that is over',
    'POST',
    '/keys',
    { name: 'a', expires_at: '2020-01-01T00:00:00Z' },
    400,
    'invalid_request',
    'block the key',
  ],
  ['a developer without a user', 'POST', '/keys', { name: 'a', role: 'developer' }, 400, 'invalid_request', 'user_id'],
  [
    'an owner that is not there',
    'POST',
    '/keys',
    { name: 'a', user_id: 'user_0' },
    404,
    'resource_not_found',
    'user_0',
  ],
  [
    'a workspace of nobody',
    'POST',
    '/workspaces',
    { kind: 'team', name: 'a' },
    400,
    'invalid_request',
    'organisation_id',
  ],
  ['a body that is no object', 'POST', '/keys', [], 400, 'invalid_request', 'a group of keys'],
  ['a page too long', 'GET', '/keys?limit=101', undefined, 400, 'invalid_request', 'limit'],
  ['a query that is not known', 'GET', '/keys?colour=red', undefined, 400, 'invalid_request', 'colour'],
  ['a query said twice', 'GET', '/keys?limit=1&limit=2', undefined, 400, 'invalid_request', 'more than once'],
  ['a name that steers terminals', 'POST', '/keys', { name: '\u001b[31mred' }, 400, 'invalid_request', 'control'],
  ['a name with a zero byte', 'POST', '/keys', { name: 'a\0b' }, 400, 'invalid_request', 'zero byte'],
  ['half of a character', 'POST', '/keys', { name: 'a', metadata: { a: '\ud800' } }, 400, 'invalid_request', 'half'],
  ['a zero byte in a query', 'GET', '/keys?name=a%00b', undefined, 400, 'invalid_request', 'zero byte'],
  ['a path that is not there', 'GET', '/kyes', undefined, 404, 'path_not_found', 'openapi.json'],
  ['a method that is not taken', 'PUT', '/keys', {}, 405, 'method_not_allowed', 'GET, POST'],
  ['a key that is not there', 'POST', '/keys/key_0/rotate', {}, 404, 'resource_not_found', 'key_0'],
])('refuses %s', async (_, method, path, body, status, code, words) => {
  const answer = await adminOf(await start())(method, path, body)
  expect([answer.status, codeOf(answer.body)]).toEqual([status, code])
  expect(JSON.stringify(answer.body)).toContain(words)
})

test('takes no key from an address', async () => {
  const { gateway } = await start()
  const response = await fetch(`${gateway.url}/api/admin/roles?key=${rootKey}`)
  expect([response.status, codeOf(await response.json())]).toEqual([401, 'missing_api_key'])
})

test('lists by pages and by what they belong to', async () => {
  const admin = adminOf(await start())
  const made: string[] = []
  for (const name of ['a', 'b', 'c', 'd', 'e']) made.unshift((await makeKey(admin, { name })).id)
  const seen: string[] = []
  let after: string | undefined
  do {
    const { body } = await admin('GET', `/keys?limit=2${after === undefined ? '' : `&after=${after}`}`)
    seen.push(...(body['data'] as Body[]).map(({ id }) => String(id)))
    after = (body['next'] as string | null) ?? undefined
    expect(body['has_more']).toBe(after !== undefined)
  } while (after !== undefined)
  expect(seen.toSorted()).toEqual(made.toSorted())
  const { body } = await admin('GET', '/keys?name=c')
  expect((body['data'] as Body[]).map(({ name }) => name)).toEqual(['c'])
})

test('the same request with an idempotency key makes one key, and is answered alike', async () => {
  const admin = adminOf(await start())
  const headers = { 'idempotency-key': 'd2c5a3d0-once' }
  const first = await admin('POST', '/keys', { name: 'once' }, headers)
  const again = await admin('POST', '/keys', { name: 'once' }, headers)
  expect(again).toMatchObject({ status: 201, body: first.body })
  expect([first, again].map((reply) => reply.headers.get('idempotent-replayed'))).toEqual([null, 'true'])
  const other = await admin('POST', '/keys', { name: 'twice' }, headers)
  expect([other.status, codeOf(other.body)]).toEqual([409, 'conflict'])
  expect(((await admin('GET', '/keys')).body['data'] as unknown[]).length).toBe(1)
  const wrong = await admin('POST', '/keys', {}, { 'idempotency-key': 'failed' })
  expect(wrong.status).toBe(400)
  expect((await admin('POST', '/keys', { name: 'right' }, { 'idempotency-key': 'failed' })).status).toBe(201)
})

test('of requests at once with one idempotency key one changes something', async () => {
  const admin = adminOf(await start())
  const headers = { 'idempotency-key': 'at-once' }
  const replies = await Promise.all(Array.from({ length: 8 }, () => admin('POST', '/keys', { name: 'once' }, headers)))
  expect(replies.every(({ status }) => status === 201 || status === 409)).toBe(true)
  expect(new Set(replies.filter(({ status }) => status === 201).map(({ body }) => body['key'])).size).toBe(1)
  expect(((await admin('GET', '/keys')).body['data'] as unknown[]).length).toBe(1)
})

test('every change is in the audit log: who, what, before and after', async () => {
  const gateway = await start()
  const root = adminOf(gateway)
  const { id: adminId, key } = await makeKey(root, { name: 'boss', role: 'admin' })
  const boss = adminOf(gateway, key)
  const { id } = await makeKey(boss, { name: 'app', models: ['small'] })
  await boss('PATCH', `/keys/${id}`, { models: ['*'] }, { 'x-request-id': 'the-change' })
  await boss('DELETE', `/keys/${id}`)
  const { body } = await root('GET', `/audit?resource=${id}`)
  const entries = new Map((body['data'] as Body[]).map((entry) => [entry['action'], entry]))
  expect(new Set(entries.keys())).toEqual(new Set(['keys.create', 'keys.delete', 'keys.update']))
  expect(entries.get('keys.create')).toMatchObject({ actor: adminId, before: null, after: { name: 'app' } })
  expect(entries.get('keys.update')).toMatchObject({
    before: { models: ['small'] },
    after: { models: ['*'] },
    request_id: 'the-change',
    address: '127.0.0.1',
  })
  expect(entries.get('keys.delete')).toMatchObject({ before: { name: 'app' }, after: null })
  expect((await root('DELETE', '/audit')).status).toBe(405)
})

test('nobody gives or takes over what is above themselves', async () => {
  const gateway = await start()
  const root = adminOf(gateway)
  const owner = await makeKey(root, { role: 'owner' })
  const admin = adminOf(gateway, (await makeKey(root, { role: 'admin' })).key)
  const operator = adminOf(gateway, (await makeKey(root, { role: 'operator' })).key)
  const viewer = adminOf(gateway, (await makeKey(root, { role: 'viewer' })).key)
  const plain = await makeKey(root)
  expect((await admin('POST', '/keys', { name: 'up', role: 'owner' })).status).toBe(403)
  for (const [method, path, body] of [
    ['POST', `/keys/${owner.id}/rotate`, {}],
    ['POST', `/keys/${owner.id}/block`, undefined],
    ['PATCH', `/keys/${owner.id}`, { name: 'mine' }],
    ['DELETE', `/keys/${owner.id}`, undefined],
    ['PATCH', `/keys/${plain.id}`, { role: 'owner' }],
    ['POST', '/organisations', { name: 'B' }],
  ] as const)
    expect([path, (await admin(method, path, body)).status]).toEqual([path, 403])
  expect((await operator('POST', `/keys/${plain.id}/block`)).status).toBe(200)
  expect((await operator('POST', '/keys', { name: 'a' })).status).toBe(403)
  expect((await viewer('GET', '/keys')).status).toBe(200)
  for (const [method, path] of [
    ['POST', `/keys/${plain.id}/block`],
    ['GET', '/audit'],
    ['GET', '/users'],
  ] as const)
    expect((await viewer(method, path)).status).toBe(403)
})

test('a developer manages their own keys, none of which may do more than theirs', async () => {
  const gateway = await start()
  const root = adminOf(gateway)
  const organisation_id = (await root('POST', '/organisations', { name: 'A' })).body['id']
  const [ann, bob] = await Promise.all(
    ['Ann', 'Bob'].map(async (name) => (await root('POST', '/users', { organisation_id, name })).body['id']),
  )
  const developer = await makeKey(root, { role: 'developer', user_id: ann, models: ['small'] })
  const ofBob = await makeKey(root, { user_id: bob })
  const client = adminOf(gateway, developer.key)
  const made = await client('POST', '/keys', { name: 'mine', models: ['*'] })
  expect(made.body).toMatchObject({ user_id: ann, organisation_id, models: ['small'] })
  const path = `/keys/${String(made.body['id'])}`
  expect((await client('PATCH', path, { models: null })).body).toMatchObject({ models: ['small'] })
  expect((await client('POST', '/keys', { name: 'his', user_id: bob })).status).toBe(404)
  for (const [method, suffix] of [
    ['GET', ''],
    ['POST', '/rotate'],
    ['DELETE', ''],
  ] as const)
    expect((await client(method, `/keys/${ofBob.id}${suffix}`)).status).toBe(404)
  expect(((await client('GET', '/keys')).body['data'] as unknown[]).length).toBe(2)
})

test('the OpenAPI document tells of every endpoint what it takes and answers', async () => {
  const gateway = await start()
  const document = (await (await fetch(`${gateway.gateway.url}/openapi.json`)).json()) as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string; responses: object; requestBody?: unknown }>>
  }
  expect(document.openapi).toBe('3.1.0')
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/api/admin/keys', '/api/admin/keys/{id}/rotate', '/api/admin/audit']),
  )
  const create = document.paths['/api/admin/keys']?.['post']
  expect(create?.requestBody).toMatchObject({
    content: { 'application/json': { schema: { required: ['name'], properties: { models: {}, expires_at: {} } } } },
  })
  expect(Object.keys(create?.responses ?? {})).toEqual(['201', '400', '401', '403', '404', '409', 'default'])
  // Each of them is really there.
  const admin = adminOf(gateway)
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of Object.keys(methods)) {
      // Lines, and no JSON: tests/durability/usage-api.test.ts asks for them.
      if (path === '/api/admin/usage/export') continue
      const reply = await admin(method.toUpperCase(), path.slice('/api/admin'.length).replace('{id}', 'none_0'))
      expect(['path_not_found', 'method_not_allowed', 'internal_error']).not.toContain(codeOf(reply.body))
    }
  }
})
