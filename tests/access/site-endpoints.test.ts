import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Simulator, startSimulator } from '@sluice/simulator'
import type { ConfigInput } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { type AdminReply, adminOf, chat, codeOf, makeKey, rootKey } from './admin-client.ts'

const host = 'models.example.com'

interface World {
  readonly gateway: TestGateway
  /** The site's own server. */
  readonly own: Simulator
  readonly baseUrl: string
  readonly site: string
  readonly key: string
  /** Where `host` leads. */
  leadsTo: readonly string[]
  settings(body?: object): Promise<AdminReply>
}

async function start(ports: readonly number[] = [], more: ConfigInput = {}): Promise<World> {
  const own = await startSimulator({ models: ['small'] })
  const port = Number(new URL(own.url).port)
  const world: Pick<World, 'leadsTo'> = { leadsTo: ['127.0.0.1'] }
  const gateway = await startTestGateway({
    config: {
      ...more,
      server: {
        admin_key: rootKey,
        master_keys: ['master key of at least 32 characters'],
        outbound: { allow: ['127.0.0.1'], http: true, ports: [port, ...ports] },
      },
    },
    providers: ({ url }) => ({ openai: { base_url: url, api_key: 'operators-openai-key', max_retries: 0 } }),
    lookup: async () => world.leadsTo.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  })
  onTestFinished(async () => {
    await own.close()
    await gateway.close()
  })
  const admin = adminOf(gateway)
  const { body: organisation } = await admin('POST', '/organisations', { name: 'Acme' })
  const given = { organisation_id: organisation['id'], kind: 'site', name: 'Shop' }
  const site = String((await admin('POST', '/workspaces', given)).body['id'])
  const { key } = await makeKey(admin, { workspace_id: site })
  const path = `/workspaces/${site}/ai-settings`
  return Object.assign(world, {
    gateway,
    own,
    baseUrl: `http://${host}:${port}/v1`,
    site,
    key,
    settings: (body?: object) => (body === undefined ? admin('GET', path) : admin('PATCH', path, body)),
  })
}

const ownKey = 'sk-key-of-the-shop'

/** What the site's server was sent, apart from questions for its models. */
function sent({ own }: World): { host: unknown; authorization: unknown }[] {
  return own.requests
    .filter(({ method }) => method === 'POST')
    .map((request) => ({ host: request.header('host'), authorization: request.header('authorization') }))
}

test("a site's requests go to its own address, with its own key and nothing of the operator's", async () => {
  const world = await start()
  const { gateway, baseUrl, settings, key } = world
  const saved = await settings({
    provider: 'openai-compatible',
    base_url: baseUrl,
    keys: { 'openai-compatible': ownKey },
    default_model: 'small',
  })
  expect([saved.status, saved.body]).toMatchObject([200, { base_url: baseUrl, own_keys: ['openai-compatible'] }])
  expect((await settings()).body).toMatchObject({ base_url: baseUrl })
  for (const body of [{ model: undefined }, { model: 'small' }, { model: 'openai-compatible/small' }])
    expect((await chat(gateway, key, body)).status).toBe(200)
  expect(sent(world)).toEqual(
    Array.from({ length: 3 }, () => ({ host: new URL(baseUrl).host, authorization: `Bearer ${ownKey}` })),
  )
  expect(JSON.stringify(world.own.requests)).not.toMatch(/operators-openai-key|upstream-key/)
  expect(gateway.simulator.requests.filter(({ method }) => method === 'POST')).toEqual([])
})

test("a site's request is explained without asking its address anything", async () => {
  const { gateway, baseUrl, settings, key, own } = await start()
  await settings({ provider: 'openai-compatible', base_url: baseUrl, default_model: 'small' })
  const before = own.requests.length
  const response = await fetch(`${gateway.gateway.url}/api/llm/explain`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'other' }),
  })
  const { target } = (await response.json()) as { readonly target: unknown }
  expect(target).toMatchObject({ id: 'openai-compatible/other', known: false })
  expect(own.requests.length).toBe(before)
})

test("an address of its own never gets the operator's key for the same provider", async () => {
  const world = await start()
  const { gateway, baseUrl, settings, key } = world
  expect((await settings({ provider: 'openai', base_url: baseUrl, default_model: 'small' })).status).toBe(200)
  expect((await chat(gateway, key)).status).toBe(200)
  expect(sent(world)).toEqual([{ host: new URL(baseUrl).host, authorization: undefined }])
  expect(JSON.stringify(world.own.requests)).not.toContain('operators-openai-key')
})

test.each<[what: string, changes: (baseUrl: string) => object, status: number, words: string]>([
  ['a private address', () => ({ base_url: 'http://10.0.0.1/v1' }), 403, 'server.outbound'],
  ['metadata', () => ({ base_url: 'https://169.254.169.254/v1' }), 403, 'server.outbound'],
  ['no address', () => ({ base_url: 'models' }), 400, 'base_url'],
  ['a user', (url) => ({ base_url: url.replace('//', '//me:secret@') }), 400, 'user name'],
  ['no provider', (url) => ({ base_url: url, provider: 'auto' }), 400, 'openai-compatible'],
  ['the path of an endpoint', (url) => ({ base_url: `${url}/chat/completions` }), 400, 'leave that part out'],
  ['a reference', (url) => ({ base_url: url.replace(host, '${HOST}') }), 400, 'letters'],
])('an address is refused when it is saved: %s', async (_, changes, status, words) => {
  const { settings, baseUrl } = await start()
  const { status: said, body } = await settings({ provider: 'openai-compatible', ...changes(baseUrl) })
  expect([said, JSON.stringify(body)]).toEqual([status, expect.stringContaining(words)])
  expect((await settings()).status).toBe(404)
})

test.each([[['10.0.0.1']], [['127.0.0.1', '10.0.0.1']], [['::1']]])(
  'a host that leads to %j is refused when it is saved, and when it does so later',
  async (addresses) => {
    const world = await start()
    const { gateway, baseUrl, settings, key } = world
    const given = { provider: 'openai-compatible', base_url: baseUrl, default_model: 'small' }
    world.leadsTo = addresses
    expect(codeOf((await settings(given)).body)).toBe('destination_not_allowed')
    world.leadsTo = ['127.0.0.1']
    expect((await settings(given)).status).toBe(200)
    world.leadsTo = addresses
    for (const stream of [false, true]) {
      const { status, body } = await chat(gateway, key, { stream })
      expect([status, codeOf(body)]).toEqual([403, 'destination_not_allowed'])
    }
    const response = await fetch(`${gateway.url}/messages`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'small', max_tokens: 5, messages: [{ role: 'user', content: 'Hello' }] }),
    })
    expect([response.status, await response.json()]).toMatchObject([
      403,
      { type: 'error', error: { type: 'permission_error' } },
    ])
    expect(world.own.requests).toEqual([])
  },
)

test("what a site's own server says that it keeps, no other is asked for", async () => {
  const world = await start()
  const { gateway, baseUrl, settings, key, site } = world
  const given = { provider: 'openai', base_url: baseUrl, keys: { openai: ownKey }, default_model: 'small' }
  expect((await settings(given)).status).toBe(200)
  const ask = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const first = await ask('POST', '/responses', { model: 'small', input: 'Hello' })
  // The server could as well name one that the gateway's own provider keeps for somebody else.
  const { id } = (await first.json()) as { readonly id: string }
  const next = { model: 'small', input: 'And then?', previous_response_id: id }
  expect((await ask('POST', '/responses', next)).status).toBe(200)
  expect(JSON.parse(String(world.own.requests.at(-1)!.body))).toMatchObject({ previous_response_id: id })
  const asked = (): readonly string[] =>
    gateway.simulator.requests.filter((request) => JSON.stringify(request).includes(id)).map(({ path }) => path)
  for (const after of ['with', 'without']) {
    expect([after, (await ask('GET', `/responses/${id}`)).status, asked()]).toEqual([after, 404, []])
    expect([after, (await ask('DELETE', `/responses/${id}`)).status, asked()]).toEqual([after, 404, []])
    await adminOf(gateway)('DELETE', `/workspaces/${site}/ai-settings`)
  }
  const elsewhere = await ask('POST', '/responses', { ...next, model: 'openai/small' })
  expect([elsewhere.status, asked()]).toEqual([400, []])
})

test.each(['all', 'organisation'] as const)("a site's own server answers nobody else, shared by %s", async (share) => {
  const { gateway, baseUrl, settings, key, own } = await start([], { cache: { share } })
  const { body } = await adminOf(gateway)('GET', '/organisations')
  const [organisation] = body['data'] as readonly { readonly id: string }[]
  const other = await makeKey(adminOf(gateway), { organisation_id: organisation!.id })
  expect((await settings({ provider: 'openai', base_url: baseUrl })).status).toBe(200)
  own.always({ reply: { text: 'Forged' } })
  const ask = async (by: string) => {
    const { headers, body } = await chat(gateway, by, { model: 'openai/small' })
    return [headers.get('x-sluice-cache'), JSON.stringify(body).includes('Forged')]
  }
  expect([await ask(key), await ask(key)]).toEqual([
    ['miss', true],
    ['hit', true],
  ])
  expect([await ask(other.key), await ask(other.key)]).toEqual([
    ['miss', false],
    ['hit', false],
  ])
  expect(await ask(key)).toEqual(['hit', true])
})

test.each([
  ['at an address of its own', (base_url: string) => ({ provider: 'openai', base_url })],
  ['with a key of its own', () => ({ provider: 'openai', keys: { openai: 'sk-' } })],
])("what a site's own provider fails at, %s, is nothing that the gateway's of the same id did", async (_, changes) => {
  const { gateway, baseUrl, settings, key, own } = await start()
  const overseer = await makeKey(adminOf(gateway))
  const see = async (path: string): Promise<string> =>
    (await fetch(`${gateway.gateway.url}${path}`, { headers: { authorization: `Bearer ${rootKey}` } })).text()
  expect((await settings({ ...changes(baseUrl), default_model: 'small' })).status).toBe(200)
  for (const simulator of [own, gateway.simulator]) simulator.always({ fault: { kind: 'status', status: 500 } })
  const asked = await Promise.all(Array.from({ length: 12 }, () => chat(gateway, key)))
  for (const { status } of asked) expect(status).toBeGreaterThanOrEqual(500)
  gateway.simulator.always({})

  const page = await see('/metrics')
  expect(page).toContain('provider="site:openai",model="small"')
  expect(page).not.toMatch(/provider="openai"|target="openai/)
  const { providers } = JSON.parse(await see('/api/llm/health')) as { providers: Readonly<Record<string, unknown>>[] }
  expect(providers.find(({ id }) => id === 'openai')).toMatchObject({ status: 'unknown', calls: 0, targets: [] })
  expect(JSON.parse(await see('/api/llm/events'))).toMatchObject({ data: [] })
  const failures = JSON.parse(await see('/api/llm/metrics/failures')) as { data: readonly { provider: string }[] }
  expect(new Set(failures.data.map(({ provider }) => provider))).toEqual(new Set(['site:openai']))

  // No circuit is open for others.
  expect((await chat(gateway, overseer.key, { model: 'openai/small' })).status).toBe(200)
  expect(await see('/metrics')).toMatch(/sluice_calls_total\{provider="openai",model="small".*outcome="ok"\} 1\n/)
})

test('a key goes to no other address than the one that it was given for', async () => {
  const world = await start()
  const { baseUrl, settings } = world
  const provider = 'openai-compatible'
  await settings({ provider, base_url: baseUrl, keys: { [provider]: ownKey, groq: 'sk-key-for-groq' } })
  const elsewhere = baseUrl.replace(host, 'thief.example.com')
  for (const change of [{ base_url: elsewhere }, { base_url: null }, { provider: 'groq', base_url: elsewhere }]) {
    const { status, body } = await settings(change)
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('was given for another address')])
  }
  expect((await settings({ base_url: `${baseUrl}/team` })).status).toBe(200)
  expect((await settings({ base_url: elsewhere, keys: { [provider]: 'sk-fresh' } })).status).toBe(200)
  expect((await settings({ base_url: null, provider: 'auto', keys: { [provider]: null } })).body).toMatchObject({
    base_url: null,
    own_keys: ['groq'],
  })
})

test("a redirect of a site's server is not followed", async () => {
  const { gateway: inside } = await start()
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(308, { location: `${inside.gateway.url}/healthz` }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const { gateway, settings, key } = await start([port])
  const base_url = `http://${host}:${port}/v1`
  expect((await settings({ provider: 'openai-compatible', base_url, default_model: 'small' })).status).toBe(200)
  const { status, body } = await chat(gateway, key)
  expect([status, codeOf(body)]).toEqual([502, 'upstream_invalid_response'])
})

const forged: readonly (readonly [what: string, provider: string, usage: object])[] = [
  ['a cost', 'openai-compatible', { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10, cost: 9_000_000 }],
  ['a cost beside a price', 'openai', { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10, cost: 9_000_000 }],
  ['counts', 'openai', { prompt_tokens: 5, completion_tokens: 1e12, total_tokens: 1e12 + 5 }],
]
test.each(forged)("what a site's own server tells uses up no budget of others: %s", async (_, provider, usage) => {
  const price = { input: 10, output: 10 }
  const world = await start([], {
    models: [{ id: 'openai/small', price }],
    budgets: { rules: [{ per: 'all', amount: 5 }] },
  })
  const { gateway, baseUrl, settings, key, own } = world
  own.always({ reply: { extra: { usage } } })
  expect((await settings({ provider, base_url: baseUrl, default_model: 'small' })).status).toBe(200)
  const { key: another } = await makeKey(adminOf(gateway), {})
  for (let round = 0; round < 2; round++) {
    expect((await chat(gateway, key, { max_tokens: 100 })).status).toBe(200)
    expect((await chat(gateway, another, { model: 'openai/small', max_tokens: 100 })).status).toBe(200)
  }
  const { cost } = gateway.usage[0]!
  expect(cost).toMatchObject(
    provider === 'openai' ? { state: 'priced', source: 'table' } : { state: 'unpriced', nanoDollars: null },
  )
})
