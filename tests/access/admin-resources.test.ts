import type { ConfigInput } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnRedis } from '../servers/describe-on.ts'
import { redisForTests } from '../servers/redis.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { type AdminClient, adminOf, chat, codeOf, makeKey, rootKey, until } from './admin-client.ts'

type Body = Readonly<Record<string, unknown>>

async function start(config: ConfigInput = {}): Promise<TestGateway> {
  const lab = await startTestGateway({ config: { ...config, server: { admin_key: rootKey, ...config.server } } })
  onTestFinished(() => lab.close())
  return lab
}

async function made(admin: AdminClient, path: string, body: object): Promise<string> {
  const reply = await admin('POST', path, body)
  expect(reply.status).toBe(201)
  return String(reply.body['id'])
}

interface Tenant {
  readonly organisation: string
  readonly key: string
  readonly operator: AdminClient
}

async function makeTenant(lab: TestGateway, name: string): Promise<Tenant> {
  const root = adminOf(lab)
  const organisation = await made(root, '/organisations', { name })
  const { key } = await makeKey(root, { organisation_id: organisation })
  const operator = await makeKey(root, { organisation_id: organisation, role: 'operator' })
  return { organisation, key, operator: adminOf(lab, operator.key) }
}

/** Whether the answer to a question was there. */
async function ask(lab: TestGateway, key: string, content: string, model = 'small'): Promise<unknown> {
  const { headers } = await chat(lab, key, { model, messages: [{ role: 'user', content }] })
  return headers.get('x-sluice-cache')
}

/** What holds of the cache wherever it is. @returns what a tenant is told by the audit log of purges. */
async function useCache(lab: TestGateway, keptIn: string): Promise<unknown> {
  const root = adminOf(lab)
  const [acme, bolt] = [await makeTenant(lab, 'Acme'), await makeTenant(lab, 'Bolt')]
  for (const { key } of [acme, bolt]) expect(await ask(lab, key, 'one')).toBe('miss')
  expect(await ask(lab, acme.key, 'one', 'large')).toBe('miss')
  expect(await ask(lab, acme.key, 'one')).toBe('hit')
  const { body } = await root('GET', '/cache')
  expect(body).toMatchObject({
    enabled: true,
    kept_in: keptIn,
    entries: 3,
    requests: { hit: 1, miss: 3 },
    hit_rate: 0.25,
  })
  expect(body['bytes']).toBeGreaterThan(100)
  // A tenant purges what is theirs, whatever they name, and sees nothing of the whole.
  expect((await acme.operator('GET', '/cache')).status).toBe(403)
  expect((await acme.operator('POST', '/cache/purge', { organisation_id: bolt.organisation })).status).toBe(404)
  expect((await acme.operator('POST', '/cache/purge', { model: 'large' })).body).toMatchObject({ purged: 1 })
  expect((await bolt.operator('POST', '/cache/purge', {})).body).toMatchObject({ purged: 1 })
  expect([await ask(lab, acme.key, 'one'), await ask(lab, bolt.key, 'one')]).toEqual(['hit', 'miss'])
  expect((await root('POST', '/cache/purge', {})).body).toMatchObject({ purged: 2 })
  expect(await ask(lab, acme.key, 'one')).toBe('miss')
  const { body: own } = await acme.operator('GET', '/audit?kind=cache')
  return own['data']
}

const ownPurge = [{ action: 'cache.purge', after: { model: 'large', purged: 1 } }]

test('the cache in memory is shown and purged, by each only as far as they reach', async () => {
  expect(await useCache(await start({ cache: { share: 'organisation' } }), 'memory')).toMatchObject(ownPurge)
})

test('the cache in the database is shown and purged, by each only as far as they reach', async () => {
  const lab = await start({ cache: { store: 'database', share: 'organisation' } })
  expect(await useCache(lab, 'database')).toMatchObject(ownPurge)
  expect((await adminOf(lab)('GET', '/cache')).body).toMatchObject({ max_bytes: 64 * 1024 * 1024 })
})

describeOnRedis('with Redis', () => {
  test('the cache is shown and purged, by each only as far as they reach', async () => {
    const { url } = await redisForTests()
    const lab = await start({ cache: { share: 'organisation' }, server: { redis_url: url } })
    expect(await useCache(lab, 'redis')).toMatchObject(ownPurge)
  })
})

test('what is purged at one gateway is forgotten by others on the same database', async () => {
  const one = await start({ cache: { share: 'all' } })
  const folder = one.gateway.config.server.dataDir
  const other = await start({ cache: { share: 'all' }, server: { data_dir: folder } })
  const { key } = await makeKey(adminOf(one))
  await until(async () => (await ask(other, key, 'one')) === 'hit')
  expect((await adminOf(one)('POST', '/cache/purge', { model: 'large' })).body).toMatchObject({ purged: 0 })
  expect((await adminOf(one)('POST', '/cache/purge', { model: 'small' })).body).toMatchObject({ purged: 0 })
  await until(async () => (await adminOf(other)('GET', '/cache')).body['entries'] === 0)
})

test('a gateway without a cache says so', async () => {
  const root = adminOf(await start())
  expect((await root('GET', '/cache')).body).toMatchObject({ enabled: false, entries: null })
  expect((await root('POST', '/cache/purge', {})).body).toMatchObject({ enabled: false, purged: 0 })
})

test('what runs is shown without secrets, to whom the whole gateway is to be shown', async () => {
  const lab = await start({
    alerts: [{ url: 'https://hooks.example.com/the-token-of-the-hook', events: ['budget.exceeded'] }],
    budgets: { rules: [{ name: 'small', per: 'key', amount: 2 }] },
    routes: { smart: { targets: ['lab/small', 'lab/large'] } },
    server: { keys: ['a-key-of-the-config'], master_keys: ['a-master-key-of-thirty-two-characters'] },
  })
  const root = adminOf(lab)
  const tenant = await makeTenant(lab, 'Acme')
  await made(root, '/budgets', { name: 'a', organisation_id: tenant.organisation, per: 'key', amount: 1 })
  const { body } = await root('GET', '/config')
  expect(body['owned']).toEqual(
    expect.arrayContaining([
      { resource: 'budgets', config: 1, database: 1 },
      { resource: 'keys', config: 2, database: 2 },
    ]),
  )
  const settings = new Map((body['settings'] as Body[]).map(({ path, value }) => [path, value]))
  expect(settings.get('budgets.rules[0]')).toBe('small, per key: 2 USD monthly')
  expect(String(settings.get('routes.smart'))).toContain('lab/small, lab/large')
  expect(settings.get('server.admin_key')).toBe('[secret]')
  const text = JSON.stringify(body)
  for (const secret of ['the-token-of-the-hook', 'a-key-of-the-config', 'a-master-key', 'upstream-key', rootKey])
    expect(text).not.toContain(secret)
  expect((await tenant.operator('GET', '/config')).status).toBe(403)
})

test('the audit log is asked by who, what, whose and when', async () => {
  const lab = await start()
  const root = adminOf(lab)
  const tenant = await makeTenant(lab, 'Acme')
  const { id } = await makeKey(root, { organisation_id: tenant.organisation })
  await root('PATCH', `/keys/${id}`, { name: 'renamed' }, { 'x-request-id': 'the-renaming' })
  const count = async (query: string): Promise<number> => {
    const { status, body } = await root('GET', `/audit?${query}`)
    expect([query, status]).toEqual([query, 200])
    return (body['data'] as Body[]).length
  }
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  expect(await count('kind=keys')).toBe(4)
  expect(await count('action=keys.update')).toBe(1)
  expect(await count('request_id=the-renaming')).toBe(1)
  expect(await count(`organisation_id=${tenant.organisation}&kind=organisations`)).toBe(1)
  expect(await count(`from=${tomorrow}`)).toBe(0)
  expect(await count(`to=${tomorrow}&actor=admin-key`)).toBe(5)
  const wrong = await root('GET', '/audit?kind=%25')
  expect([wrong.status, codeOf(wrong.body)]).toEqual([400, 'invalid_request'])
})

test('roles are listed with what each may', async () => {
  const { body } = await adminOf(await start())('GET', '/roles')
  const roles = new Map((body['data'] as Body[]).map(({ name, permissions }) => [name, permissions]))
  expect([...roles.keys()]).toEqual(['owner', 'admin', 'operator', 'developer', 'viewer'])
  expect(roles.get('viewer')).toContain('budgets:read')
  expect(roles.get('viewer')).not.toContain('budgets:write')
})

test.each<[path: string, body: (organisation: string) => object]>([
  ['/budgets', (organisation_id) => ({ name: 'once', organisation_id, per: 'key', amount: 1 })],
  ['/limits', (organisation_id) => ({ name: 'once', organisation_id, per: 'key', requests_per_day: 1 })],
])('the same POST %s with an idempotency key makes one', async (path, bodyOf) => {
  const lab = await start()
  const root = adminOf(lab)
  const body = bodyOf(await made(root, '/organisations', { name: 'Acme' }))
  const headers = { 'idempotency-key': 'once' }
  const replies = [await root('POST', path, body, headers), await root('POST', path, body, headers)]
  expect(replies.map((reply) => reply.headers.get('idempotent-replayed'))).toEqual([null, 'true'])
  expect(replies[1]?.body).toEqual(replies[0]?.body)
  expect(((await root('GET', path)).body['data'] as unknown[]).length).toBe(1)
})
