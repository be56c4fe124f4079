import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway } from '../start-test-gateway.ts'
import { type AdminClient, adminOf, makeKey, rootKey } from './admin-client.ts'

async function start(): Promise<AdminClient> {
  const budget = { per: 'key', amount: 5, period: 'daily' } as const
  const gateway = await startTestGateway({
    config: {
      server: { admin_key: rootKey },
      limits: { rules: [{ per: 'key', requests_per_minute: 100 }] },
      budgets: { rules: [budget, budget] },
    },
  })
  onTestFinished(() => gateway.close())
  return adminOf(gateway)
}

const ids = async (admin: AdminClient, path: string, member = 'id'): Promise<readonly unknown[]> => {
  const { body } = await admin('GET', path)
  return (body['data'] as readonly Readonly<Record<string, unknown>>[]).map((row) => row[member])
}

test.each([
  '/organisations',
  '/workspaces',
  '/users',
  '/keys',
  '/audit',
  '/limits',
  '/budgets',
  '/budgets/state',
  '/sessions',
  '/usage',
  '/usage/records',
])('%s refuses an `after` that none of its pages ended with', async (path) => {
  const admin = await start()
  const others = path === '/usage' ? [] : [`other_${'0'.repeat(32)}`, 'config-', 'config-1x']
  for (const after of ['zzz', 'key_', 'KEY_1', '', ...others]) {
    const { status, body } = await admin('GET', `${path}?after=${after}`)
    expect([after, status, body]).toMatchObject([
      after,
      400,
      { error: { code: 'invalid_request', param: 'after', message: expect.stringContaining('what `next` was') } },
    ])
  }
})

test('a list goes on after what is gone by now', async () => {
  const admin = await start()
  const made: string[] = []
  for (let count = 0; count < 3; count++) made.unshift((await makeKey(admin)).id)
  const [newest = '', second = '', oldest] = made
  expect(await ids(admin, `/keys?after=${newest}&limit=1`)).toEqual([second])
  await admin('DELETE', `/keys/${second}`)
  expect(await ids(admin, `/keys?after=${second}`)).toEqual([oldest])
})

test('a rule that is gone from the file does not begin its list again', async () => {
  const admin = await start()
  const limit = { name: 'kept', per: 'key', requests_per_minute: 1 }
  const kept = (await admin('POST', '/limits', limit)).body['id']
  expect(await ids(admin, '/limits')).toEqual(['config-1', kept])
  expect(await ids(admin, '/limits?after=config-1')).toEqual([kept])
  expect(await ids(admin, '/limits?after=config-7')).toEqual([kept])
  expect(await ids(admin, '/budgets?after=config-1&limit=1')).toEqual(['config-2'])
  expect(await ids(admin, '/budgets/state?after=config-7', 'budget_id')).toEqual([])
})
