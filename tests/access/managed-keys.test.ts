import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../start-test-gateway.ts'
import { adminOf, chat, codeOf, makeKey, rootKey, until } from './admin-client.ts'

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { config } = options
  const gateway = await startTestGateway({
    ...options,
    config: { ...config, server: { admin_key: rootKey, ...config?.server } },
  })
  onTestFinished(() => gateway.close())
  return gateway
}

test('a key that was made is let in at once, by every header that clients send keys in', async () => {
  const gateway = await start()
  const { key } = await makeKey(adminOf(gateway))
  expect(key).toMatch(/^sk-sl-[\w-]{43}$/)
  expect((await chat(gateway, key)).status).toBe(200)
  for (const headers of [{ 'x-api-key': key }, { 'api-key': key }, { 'x-goog-api-key': key }])
    expect((await fetch(`${gateway.url}/models`, { headers })).status).toBe(200)
  expect((await fetch(`${gateway.url}/models?key=${key}`)).status).toBe(200)
  const usage = await gateway.settled()
  expect(usage.principal).toMatch(/^key_/)
})

test('callers need a key from the first moment on, and a wrong one is refused again and again', async () => {
  const gateway = await start()
  const { key } = await makeKey(adminOf(gateway))
  expect((await fetch(`${gateway.url}/models`)).status).toBe(401)
  for (const wrong of [`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, 'sk-sl-short', 'sk-other', `${key}A`])
    for (const _ of [1, 2]) {
      const { status, body } = await chat(gateway, wrong)
      expect([status, codeOf(body)]).toEqual([401, 'invalid_api_key'])
    }
})

test('a blocked, expired or deleted key is refused from the next request on', async () => {
  let now = Date.now()
  const gateway = await start({ now: () => now })
  const admin = adminOf(gateway)
  const { id, key } = await makeKey(admin, { expires_at: new Date(now + 60_000).toISOString() })
  expect((await chat(gateway, key)).status).toBe(200)
  await admin('POST', `/keys/${id}/block`)
  expect(codeOf((await chat(gateway, key)).body)).toBe('api_key_blocked')
  await admin('POST', `/keys/${id}/unblock`)
  expect((await chat(gateway, key)).status).toBe(200)
  now += 60_000
  expect(codeOf((await chat(gateway, key)).body)).toBe('api_key_expired')
  expect(codeOf((await admin('PATCH', `/keys/${id}`, { expires_at: new Date(now).toISOString() })).body)).toBe(
    'invalid_request',
  )
  await admin('PATCH', `/keys/${id}`, { expires_at: null })
  expect((await chat(gateway, key)).status).toBe(200)
  await admin('DELETE', `/keys/${id}`)
  expect(codeOf((await chat(gateway, key)).body)).toBe('invalid_api_key')
})

test('the keys of a blocked user are refused', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const organisation = await admin('POST', '/organisations', { name: 'A' })
  const user = await admin('POST', '/users', { organisation_id: organisation.body['id'], name: 'Ann' })
  const { key } = await makeKey(admin, { user_id: user.body['id'] })
  expect((await chat(gateway, key)).status).toBe(200)
  await admin('POST', `/users/${String(user.body['id'])}/block`)
  expect(codeOf((await chat(gateway, key)).body)).toBe('api_key_blocked')
})

test('after a rotation both keys are taken, until the time of the old one is over', async () => {
  let now = Date.now()
  const gateway = await start({ now: () => now })
  const admin = adminOf(gateway)
  const { id, key: old } = await makeKey(admin)
  const { body } = await admin('POST', `/keys/${id}/rotate`, { overlap: 3600 })
  const fresh = String(body['key'])
  expect(fresh).not.toBe(old)
  for (const key of [old, fresh]) expect((await chat(gateway, key)).status).toBe(200)
  now += 3_600_000
  expect(codeOf((await chat(gateway, old)).body)).toBe('api_key_expired')
  expect((await chat(gateway, fresh)).status).toBe(200)
  await admin('POST', `/keys/${id}/rotate`, { overlap: 0 })
  for (const key of [old, fresh]) expect(codeOf((await chat(gateway, key)).body)).toBe('invalid_api_key')
})

test('what a key had kept is still its own after a rotation', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const { id, key } = await makeKey(admin)
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob(['{}\n']), 'a.jsonl')
  const uploaded = await fetch(`${gateway.url}/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  })
  const file = (await uploaded.json()) as { id: string }
  const { body } = await admin('POST', `/keys/${id}/rotate`)
  const headers = { authorization: `Bearer ${String(body['key'])}` }
  expect((await fetch(`${gateway.url}/files/${file.id}`, { headers })).status).toBe(200)
})

test('keys of config are valid beside managed ones, and neither is the admin', async () => {
  const gateway = await start({ config: { server: { keys: ['of-config'] } } })
  const { key } = await makeKey(adminOf(gateway))
  for (const one of [key, 'of-config', rootKey]) expect((await chat(gateway, one)).status).toBe(200)
  for (const one of [key, 'of-config']) {
    const { status, body } = await adminOf(gateway, one)('GET', '/keys')
    expect([status, codeOf(body)]).toEqual([403, 'permission_denied'])
  }
})

test('a key that is limited to addresses is told from where it comes, behind trusted proxies only', async () => {
  const direct = await start()
  const { key } = await makeKey(adminOf(direct), { addresses: ['203.0.113.0/24'] })
  const forwarded = { 'x-forwarded-for': '203.0.113.7' }
  const refused = await chat(direct, key, {}, forwarded)
  expect([refused.status, codeOf(refused.body)]).toEqual([403, 'address_not_allowed'])
  const proxied = await start({ config: { server: { trusted_proxies: ['127.0.0.0/8'] } } })
  const other = await makeKey(adminOf(proxied), { addresses: ['203.0.113.0/24'] })
  expect((await chat(proxied, other.key, {}, forwarded)).status).toBe(200)
  for (const header of ['198.51.100.1', '203.0.113.7, 198.51.100.1', 'nonsense', ''])
    expect((await chat(proxied, other.key, {}, { 'x-forwarded-for': header })).status).toBe(403)
  expect((await chat(proxied, other.key, {}, { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' })).status).toBe(200)
})

test('what one gateway changes, another on the same store hears of', async () => {
  const one = await start()
  const folder = one.gateway.config.server.dataDir
  const other = await start({ config: { server: { data_dir: folder } } })
  const admin = adminOf(one)
  const { id, key } = await makeKey(admin)
  expect((await chat(other, key)).status).toBe(200)
  await admin('POST', `/keys/${id}/block`)
  await until(async () => codeOf((await chat(other, key)).body) === 'api_key_blocked')
  await admin('POST', `/keys/${id}/unblock`)
  await until(async () => (await chat(other, key)).status === 200)
})

test('gateways with another pepper than the keys were hashed with say so instead of refusing every key', async () => {
  const gateway = await start()
  await makeKey(adminOf(gateway))
  const data_dir = gateway.gateway.config.server.dataDir
  const other = await start({ config: { server: { data_dir, key_pepper: 'x'.repeat(32) } } })
  const { status, body } = await chat(other, `sk-sl-${'A'.repeat(43)}`)
  expect([status, codeOf(body)]).toEqual([503, 'store_unavailable'])
  expect(JSON.stringify(body)).toContain('SLUICE_KEY_PEPPER')
})
