import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigInput } from 'sluice'
import { describe, expect, test } from 'vitest'
import { codeOf, makeKey, rootKey } from '../access/admin-client.ts'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { postgresForTests } from '../servers/postgres.ts'
import { openBrowser } from './browser.ts'
import { clientSecret } from './identity-provider.ts'
import { ann, openSignInWorld, signInsOf, type SignInWorld, type SignInWorldOptions } from './sign-in-world.ts'

type Server = NonNullable<ConfigInput['server']>
type Body = Readonly<Record<string, unknown>>

describe('sessions on SQLite', () => {
  describeSessions(async () => ({}))
})
describeOnPostgres('sessions on PostgreSQL', () =>
  describeSessions(async () => ({ database_url: (await postgresForTests()).url })),
)

function describeSessions(database: () => Promise<Server>): void {
  const open = async (options: SignInWorldOptions = {}): Promise<SignInWorld> =>
    openSignInWorld({ ...options, server: { ...(await database()), ...options.server } })

  /** Asks the admin API as a page does. */
  const ask = async (
    { browser, origin }: SignInWorld,
    path: string,
    request = {},
    by = browser,
  ): Promise<[number, Body]> => {
    const response = await by.fetch(`${origin}/api/admin${path}`, request)
    return [response.status, (await response.json()) as Body]
  }

  test('somebody comes, is made a user, works and goes', async () => {
    const world = await open()
    const { signIn, browser, origin, admin } = world
    const { body: own } = await signIn()
    expect(own).toMatchObject({ object: 'session', method: 'oidc', role: 'admin', address: '127.0.0.1' })
    const [user] = (await admin('GET', '/users')).body['data'] as Body[]
    expect(user).toMatchObject({ name: 'Ann', email: 'ann@example.com', role: 'admin', blocked_at: null })
    expect(own['owner']).toBe(user?.['id'])
    expect(await ask(world, '/keys', { method: 'POST', body: { name: 'by a session' } })).toMatchObject([
      201,
      { name: 'by a session' },
    ])
    // What is for all callers together too, since this is an admin of the whole gateway.
    expect((await browser.fetch(`${origin}/api/llm/health`)).status).toBe(200)
    expect(await ask(world, '/sign-out', { method: 'POST' })).toEqual([200, { signed_out: true }])
    expect([browser.cookie(origin, 'sluice-session'), browser.cookie(origin, 'sluice-csrf')]).toEqual([
      undefined,
      undefined,
    ])
    expect((await ask(world, '/keys'))[0]).toBe(401)
    const audit = (await admin('GET', '/audit?limit=100')).body['data'] as Body[]
    expect(audit.map(({ actor, action }) => `${String(actor)} ${String(action)}`).toSorted()).toEqual(
      [
        'identity-provider organisations.create',
        'identity-provider users.create',
        `${String(user?.['id'])} keys.create`,
        `${String(user?.['id'])} sessions.sign-in`,
        `${String(user?.['id'])} sessions.sign-out`,
      ].toSorted(),
    )
  })

  test('a cookie is good for nothing once its session is over', async () => {
    const world = await open()
    await world.signIn()
    const value = world.browser.cookie(world.origin, 'sluice-session')!
    await ask(world, '/sign-out', { method: 'POST' })
    for (const cookie of [value, 'x', '', `${value.slice(0, -1)}!`]) {
      const thief = openBrowser()
      thief.setCookie(world.origin, 'sluice-session', cookie)
      const [status, body] = await ask(world, '/keys', {}, thief)
      expect([status, codeOf(body)]).toEqual([401, 'session_ended'])
    }
  })

  test('who comes again is the same user, as the provider has them now', async () => {
    const world = await open({
      oidc: {
        roles: [
          { value: 'admins', role: 'admin' },
          { value: 'readers', role: 'viewer' },
        ],
      },
    })
    const { identityProvider, signIn, admin } = world
    const first = await signIn()
    identityProvider.next = { ...ann, name: 'Ann B.', email: 'ANN.B@example.com', groups: ['readers'] }
    const other = openBrowser()
    const second = await signIn(other)
    expect(second.body).toMatchObject({ owner: first.body['owner'], role: 'viewer' })
    expect((await admin('GET', '/users')).body['data']).toMatchObject([
      { name: 'Ann B.', email: 'ann.b@example.com', role: 'viewer' },
    ])
    // The role is less than it was: whatever was signed in with it is over.
    expect((await ask(world, '/keys'))[0]).toBe(401)
    expect((await ask(world, '/keys', {}, other))[0]).toBe(200)
    expect(await ask(world, '/keys', { method: 'POST', body: { name: 'no' } }, other)).toMatchObject([
      403,
      { error: { code: 'permission_denied' } },
    ])
  })

  test('who reaches less far than before is signed out wherever they reached further', async () => {
    const made = await open()
    const organisation = String((await made.admin('POST', '/organisations', { name: 'Shop' })).body['id'])
    const world = await open({
      oidc: {
        roles: [
          { value: 'admins', role: 'admin' },
          { value: 'shop', role: 'admin', organisation },
        ],
      },
      server: { data_dir: made.gateway.gateway.config.server.dataDir, ...urlOf(made) },
    })
    const { identityProvider, signIn } = world
    const [other, foreign] = [openBrowser(), openBrowser()]
    const { body: whole } = await signIn()
    identityProvider.next = { ...ann, sub: 'eve', email: 'eve@example.com' }
    await signIn(foreign)
    identityProvider.next = { ...ann, groups: ['shop'] }
    const { body: narrow } = await signIn(other)
    expect(narrow).toMatchObject({ organisation_id: organisation })
    const [status, body] = await ask(world, '/organisations')
    expect([status, codeOf(body)]).toEqual([401, 'session_ended'])
    expect((await ask(world, '/organisations', {}, other))[0]).toBe(200)
    expect((await ask(world, '/organisations', {}, foreign))[0]).toBe(200)
    // And whom the provider gives no role any more, wherever they still were.
    identityProvider.next = { ...ann, groups: [] }
    expect((await signIn(openBrowser())).status).toBe(403)
    expect((await ask(world, '/organisations', {}, other))[0]).toBe(401)
    expect((await ask(world, '/organisations', {}, foreign))[0]).toBe(200)
    const ended = (await signInsOf(world.admin)).filter(({ action }) => action === 'sessions.revoke')
    expect(ended.map(({ actor, resource, organisation_id: of }) => [actor, resource, of])).toEqual([
      ['identity-provider', narrow['id'], organisation],
      ['identity-provider', whole['id'], null],
    ])
  })

  test('somebody who was made before by their e-mail address is found', async () => {
    const { admin, identityProvider, signIn } = await open()
    await signIn()
    const user = await admin('POST', '/users', {
      organisation_id: 'org_gateway',
      name: 'Bob',
      email: 'Bob@Example.com',
    })
    identityProvider.next = { ...ann, sub: 'bob', name: 'Bob', email: 'bob@example.com' }
    expect((await signIn(openBrowser())).body).toMatchObject({ owner: user.body['id'], role: 'admin' })
    // Another identity with the same address is not them.
    identityProvider.next = { ...identityProvider.next, sub: 'another' }
    const { status, body } = await signIn(openBrowser())
    expect([status, codeOf(body)]).toEqual([403, 'sign_in_refused'])
    // And one whose address nobody verified is somebody else.
    identityProvider.next = { ...identityProvider.next, sub: 'third', email_verified: false }
    const third = await signIn(openBrowser())
    expect(third.status).toBe(200)
    expect(third.body['owner']).not.toBe(user.body['id'])
  })

  test('those who come at once with one identity are one user', async () => {
    const { admin, signIn } = await open()
    const all = await Promise.all(Array.from({ length: 5 }, () => signIn(openBrowser())))
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(new Set(all.map(({ body }) => body['owner'])).size).toBe(1)
    expect((await admin('GET', '/users')).body['data']).toHaveLength(1)
  })

  test('blocking ends every session, and unblocking brings none back', async () => {
    const world = await open()
    const { signIn, admin } = world
    const id = String((await signIn()).body['owner'])
    await admin('POST', `/users/${id}/block`)
    expect((await ask(world, '/keys'))[0]).toBe(401)
    const refused = await signIn(openBrowser())
    expect([refused.status, codeOf(refused.body)]).toEqual([403, 'sign_in_refused'])
    await admin('POST', `/users/${id}/unblock`)
    expect((await ask(world, '/keys'))[0]).toBe(401)
    expect((await signIn()).status).toBe(200)
    // So does a lesser role that is given here, and not a greater one.
    await admin('PATCH', `/users/${id}`, { role: 'owner' })
    expect((await ask(world, '/session'))[1]).toMatchObject({ role: 'owner' })
    await admin('PATCH', `/users/${id}`, { role: 'viewer' })
    expect((await ask(world, '/keys'))[0]).toBe(401)
    await admin('PATCH', `/users/${id}`, { role: 'admin' })
    expect((await ask(world, '/keys'))[0]).toBe(401)
    await signIn()
    expect((await admin('DELETE', `/users/${id}`)).status).toBe(200)
    expect((await ask(world, '/keys'))[0]).toBe(401)
  })

  test.each<[what: string, key: object, rule: object | undefined, status: number]>([
    ['no limits', {}, undefined, 201],
    ['a budget of its own', { budget: { amount: 1 } }, undefined, 403],
    ['limits of its own', { limits: { requests_per_minute: 1 } }, undefined, 403],
    [
      'a tag that a budget is for',
      { tags: ['trial'] },
      { name: 'trial', per: 'all', match: { tags: ['trial'] }, amount: 1 },
      403,
    ],
  ])('a developer who signed in makes no key beside one with %s', async (_, key, rule, status) => {
    const world = await open({ oidc: { roles: [{ value: 'admins', role: 'developer' }] } })
    const { owner: user_id } = (await world.signIn()).body
    const { organisation_id } = (await world.admin('GET', `/users/${String(user_id)}`)).body
    if (rule !== undefined) expect((await world.admin('POST', '/budgets', rule)).status).toBe(201)
    expect((await world.admin('POST', '/keys', { name: 'given', organisation_id, user_id, ...key })).status).toBe(201)
    expect((await ask(world, '/keys', { method: 'POST', body: { name: 'another' } }))[0]).toBe(status)
  })

  test('a session reaches as far as its organisation', async () => {
    const made = await open()
    const organisation = async (name: string): Promise<string> =>
      String((await made.admin('POST', '/organisations', { name })).body['id'])
    const [own, others] = [await organisation('Own'), await organisation('Others')]
    const world = await open({
      oidc: { role_claim: 'realm_access.roles', roles: [{ value: 'boss', role: 'admin', organisation: own }] },
      server: { data_dir: made.gateway.gateway.config.server.dataDir, ...urlOf(made) },
    })
    world.identityProvider.next = { ...ann, realm_access: { roles: ['other', 'boss'] } }
    expect((await world.signIn()).body).toMatchObject({ role: 'admin', organisation_id: own })
    const [, { data }] = await ask(world, '/organisations')
    expect(data).toMatchObject([{ id: own }])
    expect((await ask(world, `/organisations/${others}`))[0]).toBe(404)
    expect((await ask(world, '/users', { method: 'POST', body: { organisation_id: others, name: 'x' } }))[0]).toBe(404)
    expect((await world.browser.fetch(`${world.origin}/api/llm/health`)).status).toBe(403)
    const [, entries] = await ask(world, '/audit')
    expect((entries['data'] as Body[]).every(({ organisation_id: id }) => id === own)).toBe(true)
  })

  test('sessions are listed and ended by those who are signed in, and by nobody else', async () => {
    const world = await open()
    const { signIn, identityProvider } = world
    const [phone, other] = [openBrowser(), openBrowser()]
    const here = await signIn()
    const there = await signIn(phone)
    identityProvider.next = { ...ann, sub: 'eve', email: 'eve@example.com' }
    const foreign = await signIn(other)
    const listed = async (by = world.browser): Promise<unknown[]> =>
      ((await ask(world, '/sessions', {}, by))[1]['data'] as Body[]).map(({ id }) => id)
    expect(await listed()).toEqual([there.body['id'], here.body['id']])
    expect(await listed(other)).toEqual([foreign.body['id']])
    const end = (id: unknown, by = world.browser) => ask(world, `/sessions/${String(id)}`, { method: 'DELETE' }, by)
    expect((await end(foreign.body['id']))[0]).toBe(404)
    expect((await end(there.body['id']))[0]).toBe(200)
    expect((await end(there.body['id']))[0]).toBe(404)
    expect((await ask(world, '/session', {}, phone))[0]).toBe(401)
    expect(await listed()).toEqual([here.body['id']])
    const revoked = (await signInsOf(world.admin)).filter(({ action }) => action === 'sessions.revoke')
    expect(revoked).toMatchObject([{ actor: here.body['owner'], resource: there.body['id'] }])
  })

  test('a session ends when nobody uses it, and in the end anyway', async () => {
    let later = 0
    const world = await open({
      server: { session_idle_timeout: 600, session_lifetime: 3_600 },
      now: () => Date.now() + later,
    })
    await world.signIn()
    for (let minutes = 0; minutes < 55; minutes += 9) {
      later = minutes * 60_000
      expect((await ask(world, '/session'))[0]).toBe(200)
    }
    later = 60 * 60_000
    expect((await ask(world, '/session'))[0]).toBe(401)
    await world.signIn(openBrowser())
    const idle = openBrowser()
    await world.signIn(idle)
    later += 10 * 60_000
    const [status, body] = await ask(world, '/session', {}, idle)
    expect([status, codeOf(body)]).toEqual([401, 'session_ended'])
  })

  test('a key with a role signs in for as long as it is good', async () => {
    const world = await open({ server: { oidc: null } })
    const { admin, origin } = world
    const signIn = async (key: string, browser = openBrowser()) => {
      const response = await browser.fetch(`${origin}/api/admin/sign-in`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
      })
      return { browser, status: response.status, body: (await response.json()) as Body }
    }
    const root = await signIn(rootKey)
    expect([root.status, root.body]).toMatchObject([201, { owner: 'admin-key', role: 'owner', method: 'key' }])
    expect((await ask(world, '/organisations', { method: 'POST', body: { name: 'x' } }, root.browser))[0]).toBe(201)
    const plain = await signIn((await makeKey(admin)).key)
    expect([plain.status, codeOf(plain.body)]).toEqual([403, 'permission_denied'])
    const viewer = await makeKey(admin, { role: 'viewer' })
    const { browser } = await signIn(viewer.key)
    expect((await ask(world, '/keys', {}, browser))[0]).toBe(200)
    expect((await ask(world, '/keys', { method: 'POST', body: { name: 'x' } }, browser))[0]).toBe(403)
    await admin('POST', `/keys/${viewer.id}/rotate`, { overlap: 0 })
    expect((await ask(world, '/keys', {}, browser))[0]).toBe(401)
    const admins = await makeKey(admin, { role: 'admin' })
    const second = await signIn(admins.key)
    await admin('POST', `/keys/${admins.id}/block`)
    const [status, body] = await ask(world, '/keys', {}, second.browser)
    expect([status, codeOf(body)]).toEqual([401, 'api_key_blocked'])
  })

  test.each<[what: string, path: string, body: object | undefined, undo: string, undone: object | undefined]>([
    ['is blocked', '/block', undefined, '/unblock', undefined],
    ['may not be used from here', '', { addresses: ['203.0.113.7'] }, '', { addresses: null }],
  ])('who signed in by a key that %s can still sign out', async (_, path, body, undo, undone) => {
    const world = await open({ server: { oidc: null } })
    const { admin, browser, origin } = world
    const { id, key } = await makeKey(admin, { role: 'admin' })
    const headers = { authorization: `Bearer ${key}` }
    await browser.fetch(`${origin}/api/admin/sign-in`, { method: 'POST', headers })
    const thief = openBrowser()
    thief.setCookie(origin, 'sluice-session', browser.cookie(origin, 'sluice-session')!)
    const change = (there: string, changes: object | undefined) =>
      admin(changes === undefined ? 'POST' : 'PATCH', `/keys/${id}${there}`, changes)
    expect((await change(path, body)).status).toBe(200)
    expect(await ask(world, '/sign-out', { method: 'POST' })).toEqual([200, { signed_out: true }])
    expect((await change(undo, undone)).status).toBe(200)
    const [status, answer] = await ask(world, '/keys', {}, thief)
    expect([status, codeOf(answer)]).toEqual([401, 'session_ended'])
  })

  test('what one gateway began, another on the same database finishes, and knows', async () => {
    const one = await open()
    const other = await open({
      oidc: { issuer: one.identityProvider.issuer },
      server: { public_url: one.origin, data_dir: one.gateway.gateway.config.server.dataDir, ...urlOf(one) },
    })
    const { browser, origin } = one
    const stopBefore = (url: string): boolean => url.includes('/sign-in/callback')
    const { url } = await browser.visit(`${origin}/api/admin/sign-in`, { stopBefore })
    const there = openBrowser()
    there.setCookie(other.origin, 'sluice-sign-in', browser.cookie(origin, 'sluice-sign-in')!)
    const { response } = await there.visit(url.replace(origin, other.origin))
    expect(response?.status).toBe(200)
    browser.setCookie(origin, 'sluice-session', there.cookie(other.origin, 'sluice-session')!)
    const [status, session] = await ask(one, '/session')
    expect(status).toBe(200)
    await one.admin('POST', `/users/${String(session['owner'])}/block`)
    expect((await ask(other, '/session', {}, there))[0]).toBe(401)
  })

  test('no cookie, code, token or secret is kept or logged', async () => {
    const world = await open({ provider: { claimsInIdToken: false } })
    const { browser, origin, signIn, gateway } = world
    expect((await signIn()).status).toBe(200)
    await ask(world, '/keys', { method: 'POST', body: { name: 'x' } })
    const secrets = [clientSecret, browser.cookie(origin, 'sluice-session')!, browser.cookie(origin, 'sluice-csrf')!]
    await ask(world, '/sign-out', { method: 'POST' })
    const { dataDir } = gateway.gateway.config.server
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const texts = [
      JSON.stringify(gateway.log),
      JSON.stringify((await world.admin('GET', '/audit?limit=100')).body),
      JSON.stringify((await world.admin('GET', '/sessions')).body),
      ...files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')),
    ]
    for (const secret of secrets) for (const text of texts) expect(text.includes(secret)).toBe(false)
  })
}

function urlOf({ gateway }: SignInWorld): Server {
  const url = gateway.gateway.config.server.databaseUrl?.reveal()
  return url === undefined ? {} : { database_url: url }
}
