import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway } from '../start-test-gateway.ts'
import { adminOf, chat, makeKey, rootKey } from './admin-client.ts'

test('a key is in the one answer that gives it, and nowhere else', async () => {
  const gateway = await startTestGateway({ config: { server: { admin_key: rootKey }, log_level: 'trace' } })
  onTestFinished(() => gateway.close())
  const admin = adminOf(gateway)
  const once = { 'idempotency-key': 'canary-idempotency-key' }
  const { body: made } = await admin('POST', '/keys', { name: 'canary', models: ['small'] }, once)
  const id = String(made['id'])
  const old = String(made['key'])
  const { body: rotated } = await admin('POST', `/keys/${id}/rotate`, { overlap: 60 }, { 'idempotency-key': 'second' })
  const fresh = String(rotated['key'])
  const owner = await makeKey(admin, { role: 'owner' })
  const keys = [old, fresh, owner.key, rootKey, once['idempotency-key']]

  const told: string[] = []
  const ask = async (key: string, path: string, init: RequestInit = {}): Promise<void> => {
    const response = await fetch(`${gateway.gateway.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    })
    told.push(JSON.stringify([...response.headers]), await response.text())
  }
  for (const key of [old, fresh]) {
    await chat(gateway, key)
    for (const body of [{ model: 'large' }, { model: 7 }, { messages: key }])
      told.push(JSON.stringify(await chat(gateway, key, body)))
    await ask(key, '/api/admin/keys')
    await ask(key, '/nowhere')
    await ask(`${key.slice(0, -1)}!`, '/v1/models')
  }
  for (const path of [
    '/api/admin/keys',
    `/api/admin/keys/${id}`,
    '/api/admin/audit?limit=100',
    '/api/admin/keys?colour=red',
    '/metrics',
    '/api/llm/health',
    '/api/llm/metrics/failures',
    '/openapi.json',
    '/healthz',
  ])
    await ask(owner.key, path)
  await ask(owner.key, `/api/admin/keys/${id}`, { method: 'PATCH', body: JSON.stringify({ name: 'x', key: 'y' }) })
  gateway.simulator.next({ fault: { kind: 'status', status: 500 } })
  told.push(JSON.stringify(await chat(gateway, fresh)))
  await admin('POST', `/keys/${id}/block`)
  told.push(JSON.stringify(await chat(gateway, fresh)))
  expect(told.length).toBeGreaterThan(20)

  const { dataDir } = gateway.gateway.config.server
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.map(({ name }) => name)).toContain('sluice.db')
  const places: readonly (readonly [place: string, text: string])[] = [
    ['an answer', told.join('\n')],
    ['the log', JSON.stringify(gateway.log)],
    ['what the meter hears', JSON.stringify(gateway.usage)],
    ['what providers are sent', JSON.stringify(gateway.simulator.requests)],
    ...files.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'latin1')] as const),
  ]
  for (const [place, text] of places)
    for (const key of keys) expect([place, text.includes(key.slice(0, 30))]).toEqual([place, false])
  const pepper = readFileSync(join(dataDir, 'key-pepper'), 'utf8').trim()
  for (const [place, text] of places)
    if (place !== 'key-pepper') expect([place, text.includes(pepper)]).toEqual([place, false])
})
