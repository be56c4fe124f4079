import type { ConfigInput } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { type AdminClient, adminOf, chat, codeOf, makeKey, rootKey } from './admin-client.ts'

type Body = Readonly<Record<string, unknown>>

/** A token costs a thousandth of a dollar, an answer 0.02 USD. */
async function start(config: ConfigInput = {}): Promise<TestGateway> {
  const lab = await startTestGateway({
    config: {
      ...config,
      server: { admin_key: rootKey },
      models: [{ id: 'lab/small', price: { input: 1000, output: 1000 } }],
    },
  })
  onTestFinished(() => lab.close())
  lab.simulator.always({ reply: { usage: { input: 10, output: 10 } } })
  return lab
}

async function made(admin: AdminClient, path: string, body: object): Promise<string> {
  const reply = await admin('POST', path, body)
  expect([reply.status, reply.body]).toEqual([201, expect.anything()])
  return String(reply.body['id'])
}

async function listed(admin: AdminClient, path: string): Promise<readonly Body[]> {
  const { status, body } = await admin('GET', path)
  expect([status, body]).toEqual([200, expect.anything()])
  return body['data'] as Body[]
}

interface Acme {
  readonly organisation: string
  readonly team: string
  readonly site: string
  readonly teamKey: string
  readonly siteKey: string
  /** Of an admin of the organisation. */
  readonly admin: AdminClient
}

async function makeAcme(lab: TestGateway): Promise<Acme> {
  const root = adminOf(lab)
  const organisation = await made(root, '/organisations', { name: 'Acme' })
  const team = await made(root, '/workspaces', { organisation_id: organisation, kind: 'team', name: 'team' })
  const site = await made(root, '/workspaces', { organisation_id: organisation, kind: 'site', name: 'site' })
  const [ofTeam, ofSite, ofAdmin] = await Promise.all([
    makeKey(root, { workspace_id: team, tags: ['env:test'] }),
    makeKey(root, { workspace_id: site }),
    makeKey(root, { organisation_id: organisation, role: 'admin' }),
  ])
  return { organisation, team, site, teamKey: ofTeam.key, siteKey: ofSite.key, admin: adminOf(lab, ofAdmin.key) }
}

/** What asking once ends in. */
async function ask(lab: TestGateway, key: string): Promise<unknown> {
  const { status, body } = await chat(lab, key, { max_tokens: 16 })
  return status === 200 ? 200 : codeOf(body)
}

const over = 'budget_exceeded'

test.each<[whose: string, rule: (acme: Acme) => object, site: unknown, outsider: unknown]>([
  ['an organisation', ({ organisation: id }) => ({ organisation_id: id, per: 'organisation' }), over, 200],
  ['a team', ({ team }) => ({ workspace_id: team, per: 'team' }), 200, 200],
  ['a tag', ({ organisation: id }) => ({ organisation_id: id, per: 'tag', match: { tags: ['env:*'] } }), 200, 200],
  ['a model', ({ organisation: id }) => ({ organisation_id: id, per: 'model' }), over, 200],
  ['everybody', () => ({ per: 'all' }), over, over],
])('a budget of %s stops those whom it is for', async (_, rule, site, outsider) => {
  const lab = await start()
  const acme = await makeAcme(lab)
  const root = adminOf(lab)
  const { key: outside } = await makeKey(root)
  const id = await made(root, '/budgets', { name: 'small', amount: 0.07, period: 'total', ...rule(acme) })
  const answers: unknown[] = []
  while (answers.at(-1) !== over) answers.push(await ask(lab, acme.teamKey))
  expect(answers.length).toBeGreaterThan(1)
  expect([await ask(lab, acme.siteKey), await ask(lab, outside)]).toEqual([site, outsider])
  await lab.gateway.ledger?.flush()
  const [state] = await listed(root, `/budgets/state?budget_id=${id}`)
  expect(state).toMatchObject({ name: 'small', amount: 0.07, held: 0, owner: 'gateway', resets_at: null })
  expect(Number(state?.['spent']) + Number(state?.['left'])).toBeCloseTo(0.07, 9)
})

test('a budget of tags that is made later knows what was spent, of a key with several that fit too', async () => {
  const lab = await start()
  const root = adminOf(lab)
  const { id, key } = await makeKey(root, { tags: ['env:a', 'env:b'] })
  expect([await ask(lab, key), await ask(lab, key)]).toEqual([200, 200])
  await lab.gateway.ledger?.flush()
  await made(root, '/budgets', { name: 'late', per: 'key', match: { tags: ['env:*'] }, amount: 1 })
  // Of the ledger alone, before anybody counts.
  expect(await listed(root, '/budgets/state')).toMatchObject([{ subject: id, spent: 0.04 }])
  expect(await ask(lab, key)).toBe(200)
  expect(await listed(root, '/budgets/state')).toMatchObject([{ subject: id, spent: 0.06 }])
})

test('a budget of a site holds for the keys that act for it, and only then', async () => {
  const lab = await start()
  const { organisation, site } = await makeAcme(lab)
  const root = adminOf(lab)
  const { key } = await makeKey(root, { organisation_id: organisation })
  await made(root, '/budgets', { name: 'small', workspace_id: site, per: 'site', amount: 0.01 })
  const acting = await chat(lab, key, { max_tokens: 16 }, { 'x-sluice-site': site })
  expect([acting.status, codeOf(acting.body)]).toEqual([402, over])
  expect(await ask(lab, key)).toBe(200)
})

test('a budget is raised for a while, and no longer', async () => {
  const lab = await start()
  const { team, teamKey } = await makeAcme(lab)
  const root = adminOf(lab)
  const id = await made(root, '/budgets', { name: 'small', workspace_id: team, per: 'team', amount: 0.01 })
  expect(await ask(lab, teamKey)).toBe('budget_exceeded')
  const over = await root('POST', `/budgets/${id}/raise`, { by: 1, until: new Date(Date.now() - 1000).toISOString() })
  expect([over.status, codeOf(over.body)]).toEqual([400, 'invalid_request'])
  const until = new Date(Date.now() + 60_000).toISOString()
  expect((await root('POST', `/budgets/${id}/raise`, { by: 1, until })).body).toMatchObject({ raise: { by: 1, until } })
  expect(await ask(lab, teamKey)).toBe(200)
  expect(await listed(root, '/budgets/state')).toMatchObject([{ amount: 1.01, spent: 0.02 }])
  expect((await root('DELETE', `/budgets/${id}/raise`)).body).not.toHaveProperty('raise')
  expect(await ask(lab, teamKey)).toBe('budget_exceeded')
  const entries = await listed(root, `/audit?resource=${id}`)
  expect(entries.map(({ action }) => String(action)).toSorted()).toEqual([
    'budgets.create',
    'budgets.raise',
    'budgets.raise',
  ])
})

test('the budget of a key is raised by its id', async () => {
  const lab = await start()
  const root = adminOf(lab)
  const { id, key } = await makeKey(root, { budget: { amount: 0.01, period: 'daily' } })
  const plain = await makeKey(root)
  expect(await ask(lab, key)).toBe('budget_exceeded')
  const until = new Date(Date.now() + 60_000).toISOString()
  const raised = await root('POST', `/budgets/${id}/raise`, { by: 1, until })
  expect(raised.body).toMatchObject({ id, owner: 'key', amount: 0.01, period: 'daily', raise: { by: 1 } })
  expect(await ask(lab, key)).toBe(200)
  expect((await root('POST', `/budgets/${plain.id}/raise`, { by: 1, until })).status).toBe(404)
})

test('limits of a team and of everybody hold from the next request on, and end with the rule', async () => {
  const lab = await start()
  const { team, teamKey, siteKey } = await makeAcme(lab)
  const root = adminOf(lab)
  const ofTeam = await made(root, '/limits', { name: 'slow', workspace_id: team, per: 'team', requests_per_minute: 1 })
  expect([await ask(lab, teamKey), await ask(lab, teamKey)]).toEqual([200, 'limit_exceeded'])
  expect(await ask(lab, siteKey)).toBe(200)
  expect((await root('PATCH', `/limits/${ofTeam}`, { requests_per_minute: 2 })).body).toMatchObject({
    requests_per_minute: 2,
  })
  expect([await ask(lab, teamKey), await ask(lab, teamKey)]).toEqual([200, 'limit_exceeded'])
  expect(codeOf((await root('PATCH', `/limits/${ofTeam}`, { requests_per_minute: null })).body)).toBe('invalid_request')
  await root('DELETE', `/limits/${ofTeam}`)
  expect(await ask(lab, teamKey)).toBe(200)
  const ofAll = await made(root, '/limits', { name: 'all', per: 'all', requests_per_hour: 1 })
  expect([await ask(lab, siteKey), await ask(lab, teamKey)]).toEqual([200, 'limit_exceeded'])
  await root('DELETE', `/limits/${ofAll}`)
})

test('what the file says is shown, says so, and is changed nowhere else', async () => {
  const lab = await start({
    limits: { rules: [{ name: 'pace', per: 'key', requests_per_minute: 60, concurrent_requests: 4 }] },
    budgets: { rules: [{ name: 'file', per: 'team', match: { workspaces: ['ws_*'] }, amount: 5, period: 'weekly' }] },
  })
  const root = adminOf(lab)
  const { admin, team, organisation, teamKey } = await makeAcme(lab)
  await made(root, '/budgets', { name: 'kept', organisation_id: organisation, per: 'organisation', amount: 9 })
  expect(await listed(root, '/limits')).toMatchObject([
    { id: 'config-1', owner: 'config', name: 'pace', per: 'key', requests_per_minute: 60, concurrent_requests: 4 },
  ])
  expect(await listed(root, '/limits?name=pace')).toMatchObject([{ id: 'config-1' }])
  const budgets = await listed(root, '/budgets')
  expect(budgets).toMatchObject([
    { id: 'config-1', owner: 'config', name: 'file', match: { workspaces: ['ws_*'] }, amount: 5, period: 'weekly' },
    { owner: 'gateway', name: 'kept', amount: 9 },
  ])
  const until = new Date(Date.now() + 60_000).toISOString()
  for (const [method, path, body] of [
    ['PATCH', '/budgets/config-1', { amount: 6 }],
    ['DELETE', '/budgets/config-1', undefined],
    ['POST', '/budgets/config-1/raise', { by: 1, until }],
    ['PATCH', '/limits/config-1', { requests_per_minute: 1 }],
  ] as const) {
    const reply = await root(method, path, body)
    expect([path, reply.status, codeOf(reply.body)]).toEqual([path, 409, 'conflict'])
    expect(JSON.stringify(reply.body)).toMatch(/`(budgets|limits)\.rules\[0\]`/)
  }
  expect(await listed(root, '/budgets?limit=1')).toMatchObject([{ id: 'config-1' }])
  expect(await listed(root, '/budgets?limit=1&after=config-1')).toMatchObject([{ name: 'kept' }])
  // An organisation sees what of it is spent by its own, and not what else the file says.
  await ask(lab, teamKey)
  await lab.gateway.ledger?.flush()
  expect(await listed(admin, '/budgets')).toMatchObject([{ name: 'kept' }])
  expect((await admin('PATCH', '/budgets/config-1', { amount: 6 })).status).toBe(404)
  expect(await listed(admin, '/budgets/state')).toMatchObject([
    { budget_id: 'config-1', subject: team, spent: 0.02, left: 4.98 },
    { name: 'kept', subject: organisation, spent: 0.02, left: 8.98 },
  ])
})

test('a budget is shown by its id, however many are newer', async () => {
  const root = adminOf(await start())
  const id = await made(root, '/budgets', { name: 'first', per: 'all', amount: 1 })
  const { id: key } = await makeKey(root, { budget: { amount: 2 } })
  for (const name of ['second', 'third', 'fourth']) {
    await made(root, '/budgets', { name, per: 'all', amount: 1 })
    await makeKey(root, { budget: { amount: 2 } })
  }
  expect(await listed(root, `/budgets/state?limit=1&budget_id=${id}`)).toMatchObject([{ name: 'first' }])
  expect(await listed(root, `/budgets/state?limit=1&budget_id=${key}`)).toMatchObject([{ subject: key }])
  expect(await listed(root, '/budgets/state?budget_id=bud_nobody')).toEqual([])
})

test('of a budget that names keys, nobody sees what is beyond their reach', async () => {
  const lab = await start()
  const root = adminOf(lab)
  const { admin, organisation } = await makeAcme(lab)
  const { id, key } = await makeKey(root, { organisation_id: organisation })
  const other = await made(root, '/organisations', { name: 'Other' })
  const { key: otherKey } = await makeKey(root, { organisation_id: other, role: 'admin' })
  await made(root, '/budgets', { name: 'named', per: 'key', match: { keys: [id] }, amount: 1 })
  expect(await ask(lab, key)).toBe(200)
  expect(await listed(adminOf(lab, otherKey), '/budgets/state')).toEqual([])
  expect(await listed(admin, '/budgets/state')).toMatchObject([{ subject: id, spent: 0.02 }])
})

test('a developer does not see what their team spends', async () => {
  const lab = await start()
  const root = adminOf(lab)
  const { organisation, team, teamKey } = await makeAcme(lab)
  const { id: user } = (await root('POST', '/users', { organisation_id: organisation, name: 'Dee', role: 'developer' }))
    .body
  const { key } = await makeKey(root, { workspace_id: team, user_id: user, role: 'developer' })
  await made(root, '/budgets', { name: 'of the team', workspace_id: team, per: 'team', amount: 1 })
  await made(root, '/budgets', { name: 'of each', organisation_id: organisation, per: 'user', amount: 1 })
  expect([await ask(lab, teamKey), await ask(lab, key)]).toEqual([200, 200])
  await lab.gateway.ledger?.flush()
  expect(await listed(adminOf(lab, key), '/budgets/state')).toMatchObject([
    { name: 'of each', subject: user, spent: 0.02 },
  ])
})

test('an organisation adds to what is set above it, and changes nothing of that', async () => {
  const lab = await start()
  const root = adminOf(lab)
  const acme = await makeAcme(lab)
  const { admin, organisation, team } = acme
  const above = await made(root, '/budgets', {
    name: 'above',
    organisation_id: organisation,
    per: 'organisation',
    amount: 9,
  })
  const until = new Date(Date.now() + 60_000).toISOString()
  for (const [method, path, body] of [
    ['PATCH', `/budgets/${above}`, { amount: 900 }],
    ['POST', `/budgets/${above}/raise`, { by: 900, until }],
    ['DELETE', `/budgets/${above}`, undefined],
  ] as const)
    expect([method, (await admin(method, path, body)).status]).toEqual([method, 403])
  const own = await made(admin, '/budgets', { name: 'own', workspace_id: team, per: 'team', amount: 3 })
  expect((await admin('PATCH', `/budgets/${own}`, { amount: 4, period: 'daily' })).body).toMatchObject({
    owner: 'organisation',
    organisation_id: organisation,
    workspace_id: team,
    amount: 4,
    period: 'daily',
  })
  expect((await admin('PATCH', `/budgets/${own}`, { period: null })).body).not.toHaveProperty('period')
  const ofTeam = adminOf(lab, (await makeKey(root, { workspace_id: team, role: 'admin' })).key)
  expect(await listed(ofTeam, '/budgets')).toMatchObject([{ id: own }])
  expect((await ofTeam('PATCH', `/budgets/${own}`, { amount: 900 })).status).toBe(403)
  expect((await ofTeam('POST', '/limits', { name: 'a', per: 'key', requests_per_day: 1 })).status).toBe(403)
  const viewer = adminOf(lab, (await makeKey(root, { organisation_id: organisation, role: 'viewer' })).key)
  expect((await viewer('GET', '/budgets')).status).toBe(200)
  expect((await viewer('POST', '/budgets', { name: 'a', per: 'all', amount: 1 })).status).toBe(403)
})

test.each<[what: string, path: string, body: object, words: string]>([
  ['no limit at all', '/limits', { name: 'a', per: 'key' }, 'at least one limit'],
  ['no amount', '/budgets', { name: 'a', per: 'key' }, 'amount'],
  ['a subject that is none', '/budgets', { name: 'a', per: 'planet', amount: 1 }, 'per'],
  ['an eighth day of the week', '/budgets', { name: 'a', per: 'key', amount: 1, period: 'weekly', reset_day: 8 }, '7'],
  ['a time zone that is none', '/budgets', { name: 'a', per: 'key', amount: 1, time_zone: 'Mars' }, 'time_zone'],
  [
    'a day of the month for every day',
    '/budgets',
    { name: 'a', per: 'key', amount: 1, period: 'daily', reset_day: 3 },
    'null',
  ],
  ['an amount that is nothing', '/budgets', { name: 'a', per: 'key', amount: 1e-10 }, '0.000000001'],
  ['an amount of another kind', '/limits', { name: 'a', per: 'key', amount: 1 }, 'amount'],
])('refuses %s', async (_, path, body, words) => {
  const reply = await adminOf(await start())('POST', path, body)
  expect([reply.status, codeOf(reply.body)]).toEqual([400, 'invalid_request'])
  expect(JSON.stringify(reply.body)).toContain(words)
})

test('refuses a rule for workspaces of another kind than the one that it is for', async () => {
  const lab = await start()
  const { site, team } = await makeAcme(lab)
  for (const path of ['/limits', '/budgets']) {
    const amount = path === '/limits' ? { requests_per_day: 1 } : { amount: 1 }
    const make = (workspace_id: string, per: string) =>
      adminOf(lab)('POST', path, { name: 'a', workspace_id, per, ...amount })
    const reply = await make(site, 'team')
    expect([reply.status, JSON.stringify(reply.body)]).toEqual([400, expect.stringContaining('Say `per: site`')])
    expect((await make(team, 'project')).status).toBe(400)
    expect([(await make(site, 'site')).status, (await make(team, 'user')).status]).toEqual([201, 201])
  }
})

test('refuses a budget that a reset_day no longer fits, and raises none by nothing', async () => {
  const root = adminOf(await start())
  const id = await made(root, '/budgets', { name: 'a', per: 'key', amount: 1, period: 'monthly', reset_day: 15 })
  expect(codeOf((await root('PATCH', `/budgets/${id}`, { period: 'daily' })).body)).toBe('invalid_request')
  const changed = await root('PATCH', `/budgets/${id}`, { period: 'daily', reset_day: null })
  expect(changed.body).toMatchObject({ period: 'daily' })
  const until = new Date(Date.now() + 60_000).toISOString()
  const raised = await root('POST', `/budgets/${id}/raise`, { by: 0, until })
  expect([raised.status, JSON.stringify(raised.body)]).toEqual([400, expect.stringContaining('more than 0')])
})

test('refuses a rule that goes beyond its organisation', async () => {
  const lab = await start()
  const { organisation } = await makeAcme(lab)
  const body = { name: 'a', organisation_id: organisation, per: 'key', match: { organisations: ['*'] }, amount: 1 }
  const reply = await adminOf(lab)('POST', '/budgets', body)
  expect([reply.status, JSON.stringify(reply.body)]).toEqual([400, expect.stringContaining('match.organisations')])
})
