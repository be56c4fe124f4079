import { expect, test } from 'vitest'
import { codeOf, rootKey } from '../access/admin-client.ts'
import { openBrowser, type PageRequest } from './browser.ts'
import { ann, openSignInWorld } from './sign-in-world.ts'

const change: PageRequest = { method: 'POST', body: { name: 'made' } }

test.each<[what: string, request: (origin: string, foreign: string) => PageRequest]>([
  ['without the token', () => ({ csrf: null })],
  ['with a token that is none', () => ({ csrf: 'x' })],
  ['with an empty token', () => ({ csrf: '' })],
  ["with the token of somebody else's session", (_, foreign) => ({ csrf: foreign })],
  ['from another origin', () => ({ origin: 'https://evil.example' })],
  ['from another port', (origin) => ({ origin: origin.replace(/\d+$/, '1') })],
  ['from an origin that begins alike', (origin) => ({ origin: `${origin}.evil.example` })],
  ['from nowhere', () => ({ origin: 'null' })],
  ['without saying where from', () => ({ origin: null })],
  ['from another site, as the browser says', () => ({ headers: { 'sec-fetch-site': 'cross-site' } })],
  ['from a neighbour, as the browser says', () => ({ headers: { 'sec-fetch-site': 'same-site' } })],
])('a change by cookie %s is refused', async (_, request) => {
  const { origin, browser, signIn, identityProvider, admin } = await openSignInWorld()
  await signIn()
  const other = openBrowser()
  identityProvider.next = { ...ann, sub: 'eve', email: 'eve@example.com' }
  await signIn(other)
  const spoilt = request(origin, other.cookie(origin, 'sluice-csrf')!)
  for (const [path, method] of [
    ['/keys', 'POST'],
    ['/sessions/ses_0', 'DELETE'],
    ['/users/user_0', 'PATCH'],
    ['/sign-out', 'POST'],
  ] as const) {
    const response = await browser.fetch(`${origin}/api/admin${path}`, { ...change, method, ...spoilt })
    expect([path, response.status, codeOf(await response.json())]).toEqual([path, 403, 'csrf_refused'])
  }
  expect((await admin('GET', '/keys')).body).toMatchObject({ data: [] })
  // Still signed in; and as it should be, it is done.
  expect((await browser.fetch(`${origin}/api/admin/keys`, change)).status).toBe(201)
  const sure = { ...change, headers: { 'sec-fetch-site': 'same-origin' } }
  expect((await browser.fetch(`${origin}/api/admin/keys`, sure)).status).toBe(201)
})

test('a change by key needs none of it, whatever cookies come along', async () => {
  const { origin, browser, signIn } = await openSignInWorld()
  await signIn()
  const response = await browser.fetch(`${origin}/api/admin/organisations`, {
    ...change,
    csrf: null,
    origin: null,
    headers: { authorization: `Bearer ${rootKey}` },
  })
  expect(response.status).toBe(201)
})

test.each<[what: string, headers: Readonly<Record<string, string>>]>([
  ['another origin', { origin: 'https://evil.example' }],
  ['nowhere', { origin: 'null' }],
  ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
])('a page of %s signs nobody in by a key', async (_, headers) => {
  const { origin } = await openSignInWorld()
  const authorization = `Bearer ${rootKey}`
  const signIn = (more: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${origin}/api/admin/sign-in`, { method: 'POST', headers: { authorization, ...more } })
  const response = await signIn(headers)
  expect([response.status, codeOf(await response.json())]).toEqual([403, 'csrf_refused'])
  expect(response.headers.getSetCookie()).toEqual([])
  // Of this gateway, or of a program, it does.
  for (const own of [{ origin }, {}]) expect((await signIn(own)).status).toBe(201)
})

test('a form signs nobody in by a key in its address', async () => {
  const { origin } = await openSignInWorld()
  const form = { method: 'POST', body: new URLSearchParams(), headers: { origin } }
  const response = await fetch(`${origin}/api/admin/sign-in?key=${rootKey}`, form)
  expect([response.status, codeOf(await response.json())]).toEqual([401, 'missing_api_key'])
  expect(response.headers.getSetCookie()).toEqual([])
})

test('models are not asked by cookie', async () => {
  const { origin, browser, signIn } = await openSignInWorld()
  await signIn()
  const body = { model: 'small', messages: [{ role: 'user', content: 'Hello' }] }
  const response = await browser.fetch(`${origin}/v1/chat/completions`, { method: 'POST', body })
  expect([response.status, codeOf(await response.json())]).toEqual([401, 'missing_api_key'])
})

test('by TLS cookies say so, and none without counts', async () => {
  const publicUrl = 'https://gateway.example.com'
  const { origin, browser, admin } = await openSignInWorld({ server: { public_url: publicUrl, oidc: null } })
  const response = await browser.fetch(`${origin}/api/admin/sign-in`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rootKey}` },
    origin: publicUrl,
  })
  const cookies = response.headers.getSetCookie()
  expect(cookies).toEqual([
    expect.stringMatching(/^__Host-sluice-session=[\w-]{43}; Path=\/; Max-Age=43200; SameSite=Lax; HttpOnly; Secure$/),
    expect.stringMatching(/^__Host-sluice-csrf=[\w-]{43}; Path=\/; Max-Age=43200; SameSite=Lax; Secure$/),
  ])
  expect((await browser.fetch(`${origin}/api/admin/session`)).status).toBe(200)
  const csrf = browser.cookie(origin, '__Host-sluice-csrf')!
  const make = (from: string): Promise<Response> =>
    browser.fetch(`${origin}/api/admin/organisations`, { ...change, csrf, origin: from })
  expect((await make(origin)).status).toBe(403)
  expect((await make(publicUrl)).status).toBe(201)
  const plain = openBrowser()
  plain.setCookie(origin, 'sluice-session', browser.cookie(origin, '__Host-sluice-session')!)
  expect((await plain.fetch(`${origin}/api/admin/session`)).status).toBe(401)
  expect((await admin('GET', '/organisations')).status).toBe(200)
})

test.each([
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https://evil.example',
  'evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/%09/../\t/evil.example',
  '/\n/evil.example',
  'javascript:alert(1)',
  '/a\\..\\..\\evil.example',
  `/${'a'.repeat(2_000)}`,
])('signing in does not lead to %s', async (path) => {
  const { origin, browser } = await openSignInWorld()
  const url = `${origin}/api/admin/sign-in?return_to=${encodeURIComponent(path)}`
  const { response, cookies } = await browser.visit(url)
  expect([response?.status, codeOf(await response?.json()), cookies]).toEqual([400, 'invalid_request', []])
})

test('signing in leads back to where it began', async () => {
  const { origin, browser } = await openSignInWorld()
  const back = '/dashboard?tab=keys&next=//there#top'
  const { url } = await browser.visit(`${origin}/api/admin/sign-in?return_to=${encodeURIComponent(back)}`)
  expect(url).toBe(origin + back)
})
