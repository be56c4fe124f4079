import { buildConfig, type ConfigInput, providers as presets } from 'sluice'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, type Heard, userMessage } from './ask.ts'

const page = 'https://app.example.com'
const body = { model: 'small', messages: userMessage }
const key = { authorization: 'Bearer caller-key' }

type CorsInput = NonNullable<ConfigInput['server']>['cors']

const gateways: TestGateway[] = []
async function start(cors: CorsInput): Promise<TestGateway> {
  const server = { keys: ['caller-key'], admin_key: 'admin-key-of-this-test', cors }
  const started = await startTestGateway({ config: { server } })
  gateways.push(started)
  return started
}

let named: TestGateway
let anyPage: TestGateway
let none: TestGateway
beforeAll(async () => {
  named = await start({
    origins: [page, 'HTTP://Localhost:5173', 'tauri://localhost'],
    headers: ['X-Tier'],
    max_age: 60,
  })
  anyPage = await start({ origins: '*' })
  none = await start(undefined)
})
afterAll(() => Promise.all(gateways.map((gateway) => gateway.close())))

/** What is said to browsers of it. */
function said({ headers }: Pick<Heard, 'headers'>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /^(?:access-control-|vary$)/.test(name)))
}

function preflight({ gateway }: TestGateway, origin: string, asked: string, path = '/v1/chat/completions') {
  return ask(gateway.url, {
    path,
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': asked,
    },
  })
}

describe('a browser that asks first', () => {
  it('is told without a key what a page may do', async () => {
    const heard = await preflight(named, page, 'authorization,content-type')
    expect([heard.status, heard.body]).toEqual([204, ''])
    expect(said(heard)).toEqual({
      vary: 'Origin',
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '60',
    })
  })

  it.each([
    ['anthropic-version, x-api-key', 'x-api-key of Anthropic’s SDK'],
    ['x-goog-api-key, x-goog-api-client', 'Google’s'],
    ['OpenAI-Organization, X-Stainless-OS, Idempotency-Key', 'OpenAI’s'],
    ['x-sluice-timeout, x-sluice-route, x-request-id, api-key', 'our own'],
    ['x-tier', 'what config names'],
  ])('may send %s (%s)', async (asked) => {
    const { headers } = await preflight(named, page, asked)
    expect(headers['access-control-allow-headers']).toBe(asked.toLowerCase())
  })

  it('may send nothing else', async () => {
    const { headers } = await preflight(named, page, 'cookie, x-forwarded-for,content-type, x-anthropic-, ')
    expect(headers['access-control-allow-headers']).toBe('content-type')
  })

  it.each(['http://localhost:5173', 'tauri://localhost'])('of %s is known, however it is written', async (origin) => {
    expect((await preflight(named, origin, '')).headers['access-control-allow-origin']).toBe(origin)
  })

  it.each([
    'https://app.example.com.evil.example',
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://sub.app.example.com',
    'null',
    '*',
  ])('of %s is told nothing', async (origin) => {
    const heard = await preflight(named, origin, 'authorization')
    expect(heard.status).toBe(405)
    expect(said(heard)).toEqual({ vary: 'Origin' })
  })

  it('is told nothing where no pages are configured', async () => {
    const heard = await preflight(none, page, 'authorization')
    expect(heard.status).toBe(405)
    expect(said(heard)).toEqual({})
  })
})

describe('an answer to a page', () => {
  it.each([false, true])('can be read by it (stream: %s), with all that the gateway says of it', async (stream) => {
    const heard = await ask(named.gateway.url, { body: { ...body, stream }, headers: { ...key, origin: page } })
    expect(heard.status).toBe(200)
    const { 'access-control-expose-headers': exposed, ...rest } = said(heard)
    expect(rest).toEqual({ vary: 'Origin', 'access-control-allow-origin': page })
    const names = String(exposed).split(', ')
    const ours = Object.keys(heard.headers).filter((name) => /^x-(?:sluice|ratelimit|request)-|^retry-after/.test(name))
    expect(ours).toContain('x-sluice-provider')
    expect(ours.filter((name) => !names.includes(name))).toEqual([])
    expect(names).toEqual(expect.arrayContaining(['x-ratelimit-remaining-tokens', 'retry-after', 'x-sluice-warnings']))
  })

  it('never says that cookies may be sent', async () => {
    for (const gateway of [named, anyPage]) {
      const heard = await ask(gateway.gateway.url, { body, headers: { ...key, origin: page } })
      expect(heard.headers).not.toHaveProperty('access-control-allow-credentials')
      expect((await preflight(gateway, page, 'authorization')).headers).not.toHaveProperty(
        'access-control-allow-credentials',
      )
    }
  })

  it.each([
    ['a missing key', '/v1/chat/completions', {}, 401],
    ['a path that there is not', '/v1/nothing', key, 404],
  ])('can be read where it is an error: %s', async (_what, path, headers, status) => {
    const heard = await ask(named.gateway.url, { path, body, headers: { ...headers, origin: page } })
    expect(heard.status).toBe(status)
    expect(heard.headers['access-control-allow-origin']).toBe(page)
  })

  it('is kept from other pages, and from caches that would give it to them', async () => {
    const heard = await ask(named.gateway.url, { body, headers: { ...key, origin: 'https://evil.example' } })
    expect(said(heard)).toEqual({ vary: 'Origin' })
    const program = await ask(named.gateway.url, { body, headers: key })
    expect(said(program)).toEqual({ vary: 'Origin' })
  })

  it('is the same for all where all may ask', async () => {
    const heard = await ask(anyPage.gateway.url, { body, headers: { ...key, origin: 'https://anyone.example' } })
    expect(said(heard)).toMatchObject({ 'access-control-allow-origin': '*' })
    expect(heard.headers).not.toHaveProperty('vary')
  })
})

describe('the admin API', () => {
  const paths = ['/api/admin/keys', '/v1/api/admin/keys', '/openai/v1/api/admin/keys']

  it.each(paths)('is for named pages only: %s', async (path) => {
    expect(said(await preflight(anyPage, page, 'authorization', path))).toEqual({})
    const admin = { authorization: 'Bearer admin-key-of-this-test', origin: page }
    const heard = await ask(anyPage.gateway.url, { path, method: 'GET', headers: admin })
    expect([heard.status, said(heard)]).toEqual([200, {}])
    expect((await preflight(named, page, 'authorization', path)).status).toBe(204)
    const allowed = await ask(named.gateway.url, { path, method: 'GET', headers: admin })
    expect(allowed.headers['access-control-allow-origin']).toBe(page)
  })
})

describe('a gateway without callers’ keys', () => {
  it('goes on refusing pages, and tells them what is missing', async () => {
    const open = await startTestGateway({ config: { server: { cors: { origins: '*' } } } })
    gateways.push(open)
    const heard = await ask(open.gateway.url, { body, headers: { origin: page } })
    expect(heard.status).toBe(403)
    expect(heard.body).toContain('server.keys')
    expect(heard.headers['access-control-allow-origin']).toBe('*')
  })
})

it.each<readonly [string, unknown, string]>([
  ['a path', ['https://app.example.com/'], 'expected scheme and host of a page'],
  ['a pattern', ['https://*.example.com'], 'expected scheme and host of a page'],
  ['all among others', ['*'], 'origins: "*"'],
  ['no scheme', ['app.example.com'], 'expected scheme and host of a page'],
  ['a user', ['https://me@app.example.com'], 'expected scheme and host of a page'],
  ['pages without an origin', ['null'], 'expected scheme and host of a page'],
  ['nobody', [], 'a list that is not empty'],
  ['another word', 'all', 'server.cors.origins: expected'],
])('the configuration refuses %s', (_what, origins, message) => {
  const cors = { origins } as CorsInput
  expect(() => buildConfig({ presets, input: { server: { cors } } })).toThrow(message)
})
