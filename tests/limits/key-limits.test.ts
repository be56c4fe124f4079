import { expect, onTestFinished, test } from 'vitest'
import { adminOf, chat, codeOf, makeKey, rootKey } from '../access/admin-client.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** A token costs a thousandth of a dollar, an answer 0.02 USD. */
async function start(): Promise<TestGateway> {
  const lab = await startTestGateway({
    config: {
      server: { admin_key: rootKey },
      models: [{ id: 'lab/small', price: { input: 1000, output: 1000 } }],
    },
  })
  onTestFinished(() => lab.close())
  lab.simulator.always({ reply: { usage: { input: 10, output: 10 } } })
  return lab
}

test("a key's own limits hold for it alone, and from the next request on when they are changed", async () => {
  const lab = await start()
  const admin = adminOf(lab)
  const limited = await makeKey(admin, { limits: { requests_per_minute: 1 } })
  const free = await makeKey(admin)
  const first = await chat(lab, limited.key)
  expect([first.status, first.headers.get('x-ratelimit-remaining-requests')]).toEqual([200, '0'])
  expect(codeOf((await chat(lab, limited.key)).body)).toBe('limit_exceeded')
  const other = await chat(lab, free.key)
  expect([other.status, other.headers.get('x-ratelimit-limit-requests')]).toEqual([200, null])
  await admin('PATCH', `/keys/${limited.id}`, { limits: { requests_per_minute: 2 } })
  expect((await chat(lab, limited.key)).status).toBe(200)
  expect((await chat(lab, limited.key)).status).toBe(429)
  await admin('PATCH', `/keys/${limited.id}`, { limits: null })
  expect((await chat(lab, limited.key)).status).toBe(200)
})

test("a key's budget ends in a clear 402, until it is raised", async () => {
  const lab = await start()
  const admin = adminOf(lab)
  const { id, key } = await makeKey(admin, { budget: { amount: 0.1, period: 'total' } })
  expect((await admin('GET', `/keys/${id}`)).body).toMatchObject({ budget: { amount: 0.1, period: 'total' } })
  const ask = async (): Promise<number> => (await chat(lab, key, { max_tokens: 16 })).status
  let good = 0
  while ((await ask()) === 200) good++
  expect(good).toBeGreaterThanOrEqual(2)
  const { status, body } = await chat(lab, key, { max_tokens: 16 })
  expect([status, codeOf(body)]).toEqual([402, 'budget_exceeded'])
  expect(JSON.stringify(body)).toContain(`The budget \\"test\\" of 0.10 USD in total for the key ${id} `)
  const until = new Date(Date.now() + 60_000).toISOString()
  await admin('PATCH', `/keys/${id}`, { budget: { amount: 0.1, period: 'total', raise: { by: 0.1, until } } })
  expect(await ask()).toBe(200)
  // What was spent is not forgotten by it.
  await admin('PATCH', `/keys/${id}`, { budget: { amount: 0.1, period: 'total' } })
  expect(await ask()).toBe(402)
  await lab.gateway.ledger?.flush()
  const spent = (good + 1) * 0.02
  expect((await admin('GET', '/budgets/state')).body['data']).toMatchObject([
    { budget_id: id, owner: 'key', per: 'key', subject: id, amount: 0.1, spent, held: 0, resets_at: null },
  ])
})

test('a tag that is given twice counts once', async () => {
  const lab = await start()
  const admin = adminOf(lab)
  const { id, key } = await makeKey(admin, { tags: ['night', 'night'] })
  expect((await admin('GET', `/keys/${id}`)).body).toMatchObject({ tags: ['night'] })
  expect((await admin('PATCH', `/keys/${id}`, { tags: ['night', 'blue', 'night'] })).body).toMatchObject({
    tags: ['night', 'blue'],
  })
  expect((await admin('POST', '/limits', { name: 'two', per: 'tag', requests_per_minute: 2 })).status).toBe(201)
  const statuses = [await chat(lab, key), await chat(lab, key), await chat(lab, key)].map(({ status }) => status)
  expect(statuses).toEqual([200, 200, 429])
})

test('limits that are none are refused', async () => {
  const admin = adminOf(await start())
  for (const wrong of [
    { limits: {} },
    { limits: { requests_per_minute: 0 } },
    { limits: { requests_per_year: 1 } },
    { budget: {} },
    { budget: { amount: -1 } },
    { budget: { amount: 1, period: 'weekly', reset_day: 8 } },
    { budget: { amount: 1, time_zone: 'Nowhere/At_All' } },
    { budget: { amount: 0.000_000_000_1 } },
    { budget: { amount: 1, period: 'daily', reset_day: 3 } },
    { budget: { amount: 1, period: 'total', reset_day: 3 } },
    { budget: { amount: 1, raise: { by: 0, until: '2100-01-01T00:00:00Z' } } },
  ])
    expect((await admin('POST', '/keys', { name: 'wrong', ...wrong })).status).toBe(400)
  expect((await admin('POST', '/keys', { name: 'nothing', budget: { amount: 0 } })).status).toBe(201)
})

test('a developer gets around no limits: neither by changing them, nor by more keys', async () => {
  const lab = await start()
  const root = adminOf(lab)
  const organisation_id = (await root('POST', '/organisations', { name: 'A' })).body['id']
  const user_id = (await root('POST', '/users', { organisation_id, name: 'Ann' })).body['id']
  const { id, key } = await makeKey(root, { organisation_id, user_id, role: 'developer', budget: { amount: 1 } })
  const developer = adminOf(lab, key)
  expect((await developer('PATCH', `/keys/${id}`, { budget: null })).status).toBe(403)
  expect((await developer('PATCH', `/keys/${id}`, { limits: { requests_per_minute: 9 } })).status).toBe(403)
  expect((await developer('POST', '/keys', { name: 'more' })).status).toBe(403)
  expect((await developer('PATCH', `/keys/${id}`, { name: 'renamed' })).status).toBe(200)
})

/** Of an organisation of its own. */
async function makeDeveloper(lab: TestGateway, settings: object = {}): Promise<{ id: string; key: string }> {
  const root = adminOf(lab)
  const organisation_id = (await root('POST', '/organisations', { name: 'A' })).body['id']
  const user_id = (await root('POST', '/users', { organisation_id, name: 'Ann' })).body['id']
  return makeKey(root, { organisation_id, user_id, role: 'developer', ...settings })
}

test("a developer's keys have the tags of the developer's own, which count them together", async () => {
  const lab = await start()
  const { id, key } = await makeDeveloper(lab, { tags: ['env:a', 'env:b'] })
  const developer = adminOf(lab, key)
  const made = await developer('POST', '/keys', { name: 'more', tags: ['mine', 'env:b'] })
  expect([made.status, made.body['tags']]).toEqual([201, ['env:a', 'env:b', 'mine']])
  const path = `/keys/${String(made.body['id'])}`
  expect((await developer('PATCH', path, { tags: [] })).body).toMatchObject({ tags: ['env:a', 'env:b'] })
  expect((await developer('PATCH', path, { name: 'renamed' })).body).toMatchObject({ tags: ['env:a', 'env:b'] })
  const own = await developer('PATCH', `/keys/${id}`, { tags: ['other'] })
  expect(own.body).toMatchObject({ tags: ['env:a', 'env:b', 'other'] })
  await adminOf(lab)('POST', '/limits', { name: 'two', per: 'tag', match: { tags: ['env:a'] }, requests_per_day: 2 })
  const child = String(made.body['key'])
  const statuses = [await chat(lab, key), await chat(lab, child), await chat(lab, child)].map(({ status }) => status)
  expect(statuses).toEqual([200, 200, 429])
})

test.each<[what: string, path: string, rule: object, status: number]>([
  ['a limit for each key', '/limits', { per: 'key', requests_per_day: 2 }, 403],
  ['a budget for each key', '/budgets', { per: 'key', match: { tags: ['env:*'] }, amount: 1 }, 403],
  ['a budget for each key, by models', '/budgets', { per: 'key', match: { models: ['large'] }, amount: 1 }, 403],
  ['a budget that names the key', '/budgets', { per: 'all', match: { keys: ['ID'] }, amount: 1 }, 403],
  ['a budget that is only told of', '/budgets', { per: 'key', amount: 1, stop: false }, 201],
  ['a budget for each user', '/budgets', { per: 'user', amount: 1 }, 201],
  ['a budget for each key of others', '/budgets', { per: 'key', match: { tags: ['night'] }, amount: 1 }, 201],
])('a developer gets around no rule by another key: %s', async (_, path, rule, status) => {
  const lab = await start()
  const { id, key } = await makeDeveloper(lab, { tags: ['env:a'] })
  const written = JSON.parse(JSON.stringify({ name: 'rule', ...rule }).replace('ID', id)) as object
  expect((await adminOf(lab)('POST', path, written)).status).toBe(201)
  const made = await adminOf(lab, key)('POST', '/keys', { name: 'more' })
  expect([made.status, status === 201 ? undefined : codeOf(made.body)]).toEqual([
    status,
    status === 201 ? undefined : 'permission_denied',
  ])
  if (status === 403) expect(JSON.stringify(made.body)).toContain('per: user')
})

test('what is spent of budgets is listed for those who may see it', async () => {
  const lab = await startTestGateway({
    config: {
      server: { admin_key: rootKey },
      models: [{ id: 'lab/small', price: { input: 1000, output: 1000 } }],
      budgets: {
        rules: [
          { name: 'everything', per: 'all', amount: 10 },
          { name: 'teams', per: 'team', match: { models: ['small'] }, amount: 1, period: 'daily' },
          { name: 'sites', per: 'site', amount: 1 },
        ],
      },
    },
  })
  onTestFinished(() => lab.close())
  lab.simulator.always({ reply: { usage: { input: 10, output: 10 } } })
  const root = adminOf(lab)
  const made: { readonly workspace: string; readonly viewer: string }[] = []
  for (const name of ['A', 'B']) {
    const organisation_id = (await root('POST', '/organisations', { name })).body['id']
    const { body } = await root('POST', '/workspaces', { organisation_id, kind: 'team', name })
    const workspace_id = String(body['id'])
    const { key } = await makeKey(root, { workspace_id })
    for (const model of ['small', 'large']) expect((await chat(lab, key, { model, max_tokens: 5 })).status).toBe(200)
    made.push({ workspace: workspace_id, viewer: (await makeKey(root, { organisation_id, role: 'viewer' })).key })
  }
  await lab.gateway.ledger?.flush()
  const listed = async (key?: string): Promise<unknown> => {
    const { body } = await adminOf(lab, key)('GET', '/budgets/state')
    const data = body['data'] as readonly { name: string; subject: string; spent: number }[]
    return data.map(({ name, subject, spent }) => [name, subject, spent])
  }
  const [first, second] = made
  expect(await listed()).toEqual([
    ['everything', '', 0.04],
    ['teams', expect.stringMatching(/./), 0.02],
    ['teams', expect.stringMatching(/./), 0.02],
  ])
  expect(await listed(first!.viewer)).toEqual([['teams', first!.workspace, 0.02]])
  expect(await listed(second!.viewer)).toEqual([['teams', second!.workspace, 0.02]])
})
