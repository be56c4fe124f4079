import { createHmac, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { codeOf } from '../access/admin-client.ts'
import { startTestGateway } from '../start-test-gateway.ts'
import { openBrowser } from './browser.ts'
import { clientSecret, type IdToken, signToken, type TestIdentityProvider } from './identity-provider.ts'
import { ann, openSignInWorld, signInsOf, type SignInWorldOptions } from './sign-in-world.ts'

const isCallback = (url: string): boolean => url.includes('/api/admin/sign-in/callback')
const seconds = (): number => Math.floor(Date.now() / 1000)
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

function byHmac(claims: IdToken): string {
  const text = `${encode({ alg: 'HS256' })}.${encode(claims)}`
  return `${text}.${createHmac('sha256', clientSecret).update(text).digest('base64url')}`
}

test.each<[what: string, prepare: (provider: TestIdentityProvider) => void, words: string]>([
  ['a nonce of another sign-in', (provider) => (provider.tamper = (token) => ({ ...token, nonce: 'other' })), 'nonce'],
  ['no nonce', (provider) => (provider.tamper = ({ nonce: _, ...token }) => token), 'nonce'],
  [
    'an end that has passed',
    (provider) => (provider.tamper = (token) => ({ ...token, exp: seconds() - 60 })),
    'expired',
  ],
  ['no end', (provider) => (provider.tamper = ({ exp: _, ...token }) => token), 'exp'],
  ['another audience', (provider) => (provider.tamper = (token) => ({ ...token, aud: 'other' })), 'aud'],
  [
    'another party among the audience',
    (provider) => (provider.tamper = (token) => ({ ...token, aud: [token['aud'], 'other'], azp: 'other' })),
    'another client',
  ],
  ['another issuer', (provider) => (provider.tamper = (token) => ({ ...token, iss: 'https://other.example' })), 'iss'],
  [
    'a beginning that is to come',
    (provider) => (provider.tamper = (token) => ({ ...token, nbf: seconds() + 600 })),
    'nbf',
  ],
  ['nobody in it', (provider) => (provider.tamper = ({ sub: _, ...token }) => token), 'sub'],
  [
    'no signature',
    (provider) => (provider.forge = (claims) => `${encode({ alg: 'none' })}.${encode(claims)}.`),
    'signed',
  ],
  ['a signature by the shared secret', (provider) => (provider.forge = byHmac), 'signed'],
  ['a signature by a stranger', (provider) => (provider.forge = (claims) => signToken(claims, stranger)), 'signed'],
  [
    'a key that the provider does not have',
    (provider) => (provider.forge = (claims) => signToken(claims, stranger, { alg: 'RS256', kid: 'other' })),
    'signed',
  ],
  ['no token in it', (provider) => (provider.forge = () => 'nonsense'), 'signed'],
])('an id token with %s signs nobody in', async (_, prepare, words) => {
  const { identityProvider, browser, origin, signIn, admin, gateway } = await openSignInWorld()
  prepare(identityProvider)
  const { status, body } = await signIn()
  expect([status, codeOf(body)]).toEqual([401, 'sign_in_failed'])
  expect(JSON.stringify(body)).toContain(words)
  expect(browser.cookie(origin, 'sluice-session')).toBeUndefined()
  expect((await admin('GET', '/users')).body).toMatchObject({ data: [] })
  expect(await signInsOf(admin)).toMatchObject([
    { action: 'sessions.refuse', actor: 'nobody', after: { method: 'oidc', code: 'sign_in_failed' } },
  ])
  expect(gateway.log.some(({ code }) => code === 'sign_in_failed')).toBe(true)
})

test.each<[what: string, claims: object, options: SignInWorldOptions, words: string]>([
  ['has no role', { groups: ['guests'] }, {}, 'no role here'],
  ['has no such claim', { groups: undefined }, {}, 'no role here'],
  [
    'is of an organisation that there is not',
    {},
    { oidc: { roles: [{ value: 'admins', role: 'admin', organisation: 'org_0' }] } },
    'organisation',
  ],
  ['has an address of another domain', {}, { oidc: { email_domains: ['example.org'] } }, 'domain'],
  [
    'has an address of a domain within',
    { email: 'ann@sub.example.com' },
    { oidc: { email_domains: ['example.com'] } },
    'domain',
  ],
  [
    'has an address that nobody verified',
    { email_verified: false },
    { oidc: { email_domains: ['example.com'], trust_email: true } },
    'verified',
  ],
  [
    'has an address of which nobody says whether it was verified',
    { email_verified: undefined },
    { oidc: { email_domains: ['example.com'] } },
    'verified',
  ],
])('who %s is refused', async (_, claims, options, words) => {
  const { identityProvider, browser, origin, signIn, admin } = await openSignInWorld(options)
  identityProvider.next = { ...ann, ...claims }
  const { status, body } = await signIn()
  expect([status, codeOf(body)]).toEqual([403, 'sign_in_refused'])
  expect(JSON.stringify(body)).toContain(words)
  expect(browser.cookie(origin, 'sluice-session')).toBeUndefined()
  expect(await signInsOf(admin)).toMatchObject([{ after: { code: 'sign_in_refused', subject: 'ann' } }])
})

test('a code is good for one time', async () => {
  const { browser, origin, admin } = await openSignInWorld()
  const { url } = await browser.visit(`${origin}/api/admin/sign-in`, { stopBefore: isCallback })
  const sealed = browser.cookie(origin, 'sluice-sign-in')!
  expect((await browser.visit(url)).response?.status).toBe(200)
  // With its cookie gone, and with a copy of it.
  for (const cookie of [undefined, sealed]) {
    const thief = openBrowser()
    if (cookie !== undefined) thief.setCookie(origin, 'sluice-sign-in', cookie)
    const { response } = await thief.visit(url)
    expect([response?.status, codeOf(await response?.json())]).toEqual([401, 'sign_in_failed'])
    expect(thief.cookie(origin, 'sluice-session')).toBeUndefined()
  }
  expect((await signInsOf(admin)).map(({ action }) => String(action)).toSorted()).toEqual([
    'sessions.refuse',
    'sessions.refuse',
    'sessions.sign-in',
  ])
})

test('what one browser began another cannot finish', async () => {
  const { browser, origin } = await openSignInWorld()
  const victim = openBrowser()
  const { url } = await browser.visit(`${origin}/api/admin/sign-in`, { stopBefore: isCallback })
  await victim.visit(`${origin}/api/admin/sign-in`, { stopBefore: isCallback })
  const { response } = await victim.visit(url)
  expect([response?.status, codeOf(await response?.json())]).toEqual([401, 'sign_in_failed'])
  expect(victim.cookie(origin, 'sluice-session')).toBeUndefined()
})

test.each(['state', 'code', 'iss'])('an answer with another %s signs nobody in', async (parameter) => {
  const { browser, origin } = await openSignInWorld()
  const { url } = await browser.visit(`${origin}/api/admin/sign-in`, { stopBefore: isCallback })
  for (const value of ['other', undefined]) {
    const changed = new URL(url)
    if (value === undefined) changed.searchParams.delete(parameter)
    else changed.searchParams.set(parameter, value)
    const { response } = await browser.visit(changed.href)
    expect([response?.status, codeOf(await response?.json())]).toEqual([401, 'sign_in_failed'])
  }
  expect((await browser.visit(url)).response?.status).toBe(200)
})

test('who takes more than ten minutes begins anew', async () => {
  let late = 0
  const { browser, origin } = await openSignInWorld({ now: () => Date.now() + late })
  const { url } = await browser.visit(`${origin}/api/admin/sign-in`, { stopBefore: isCallback })
  late = 601_000
  const { response } = await browser.visit(url)
  expect([response?.status, codeOf(await response?.json())]).toEqual([401, 'sign_in_failed'])
})

test('who declines at the provider is not signed in', async () => {
  const { browser, origin } = await openSignInWorld()
  const { url } = await browser.visit(`${origin}/api/admin/sign-in`, { stopBefore: isCallback })
  const declined = new URL(url)
  declined.searchParams.delete('code')
  declined.searchParams.set('error', 'access_denied')
  declined.searchParams.set('error_description', '<script>alert(1)</script>')
  const { response } = await browser.visit(declined.href, { accept: 'text/html' })
  const page = await response!.text()
  expect(response?.status).toBe(403)
  expect(response?.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page).toContain('access_denied')
  expect(page).not.toContain('script')
})

test('a provider that is away is a clear 503, until it is back', async () => {
  const { identityProvider, browser, origin, signIn, admin } = await openSignInWorld()
  identityProvider.stop()
  const { status, body } = await signIn()
  expect([status, codeOf(body)]).toEqual([503, 'sign_in_unavailable'])
  expect(JSON.stringify(body)).toContain('cannot be reached')
  identityProvider.start()
  const { url } = await browser.visit(`${origin}/api/admin/sign-in`, { stopBefore: isCallback })
  identityProvider.stop()
  const { response } = await browser.visit(url)
  expect([response?.status, codeOf(await response?.json())]).toEqual([503, 'sign_in_unavailable'])
  // It is about the provider, and not about anybody.
  expect(await signInsOf(admin)).toEqual([])
  identityProvider.start()
  expect((await signIn()).status).toBe(200)
})

test.each<[what: string, oidc: NonNullable<SignInWorldOptions['oidc']>, words: string]>([
  ['with another secret', { client_secret: 'not-the-secret' }, 'client_secret'],
  ['of another name', { client_id: 'other' }, ''],
])('a client %s gets nobody in', async (_, oidc, words) => {
  const { browser, origin, signIn } = await openSignInWorld({ oidc })
  const { status, body } = await signIn()
  expect(status).toBeGreaterThanOrEqual(400)
  expect(JSON.stringify(body)).toContain(words)
  expect(JSON.stringify(body)).not.toContain('not-the-secret')
  expect(browser.cookie(origin, 'sluice-session')).toBeUndefined()
})

test.each(['client_secret_post', 'none'] as const)(
  'a client that proves itself by %s is taken',
  async (authentication) => {
    const oidc = authentication === 'none' ? { client_secret: undefined } : {}
    const { signIn } = await openSignInWorld({ provider: { authentication }, oidc })
    expect((await signIn()).status).toBe(200)
  },
)

test('a provider that calls itself otherwise is not believed', async () => {
  const { identityProvider } = await openSignInWorld()
  const { signIn } = await openSignInWorld({ oidc: { issuer: `${identityProvider.issuer}/` } })
  const { status, body } = await signIn()
  expect([status, codeOf(body)]).toEqual([503, 'sign_in_unavailable'])
  expect(JSON.stringify(body)).toContain('server.oidc.issuer')
})

test('from one address not everything can be tried', async () => {
  const { origin, admin } = await openSignInWorld()
  const attempt = (): Promise<Response> =>
    fetch(`${origin}/api/admin/sign-in`, { method: 'POST', headers: { authorization: 'Bearer wrong' } })
  const answers = await Promise.all(Array.from({ length: 40 }, attempt))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]))
  const limited = answers.filter(({ status }) => status === 429)
  expect(limited).toHaveLength(10)
  expect(Number(limited[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
  // The log grows no further by them.
  expect(await signInsOf(admin)).toHaveLength(30)
})

test('where nobody manages anything, nobody signs in, and no cookie opens a database', async () => {
  await using gateway = await startTestGateway()
  const { url, config } = gateway.gateway
  const browser = openBrowser()
  browser.setCookie(url, 'sluice-session', 'x'.repeat(43))
  for (const [method, path] of [
    ['GET', '/session'],
    ['POST', '/sign-in'],
  ] as const) {
    const response = await browser.fetch(`${url}/api/admin${path}`, { method })
    expect([response.status, codeOf(await response.json())]).toEqual([401, 'missing_api_key'])
  }
  expect((await browser.fetch(`${url}/api/llm/health`)).status).toBe(200)
  expect(readdirSync(config.server.dataDir)).not.toContain('sluice.db')
})

test('a gateway that others reach must say where browsers find it', async () => {
  const { origin } = await openSignInWorld()
  const { status, body } = await withHost(`${origin}/api/admin/sign-in`, 'gateway.example.com')
  expect([status, codeOf(body)]).toEqual([500, 'invalid_config'])
  expect(JSON.stringify(body)).toContain('server.public_url')
})

/** `fetch` says the host itself. */
async function withHost(
  url: string,
  host: string,
): Promise<{ readonly status: number | undefined; readonly body: unknown }> {
  const request = get(url, { headers: { host } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: await json(response) }
}

test('without a provider that is said, and without a key too', async () => {
  const { origin, browser } = await openSignInWorld({ server: { oidc: null } })
  expect(await (await browser.fetch(`${origin}/api/admin/sign-in/methods`)).json()).toEqual({ key: true, oidc: false })
  const { response } = await browser.visit(`${origin}/api/admin/sign-in`)
  expect([response?.status, codeOf(await response?.json())]).toEqual([404, 'resource_not_found'])
  const bare = await browser.fetch(`${origin}/api/admin/sign-in`, { method: 'POST' })
  expect([bare.status, codeOf(await bare.json())]).toEqual([401, 'missing_api_key'])
})
