import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@sluice/simulator'
import { pino } from 'pino'
import { buildConfig, type Destination, providers as presets, Secret, type Transport } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../compose.ts'
import { siteConfig } from './site-config.ts'
import { createUndiciTransport } from '../transport/undici.ts'

const rootKey = 'root-key-of-the-tests'
const masterKey = 'master key of at least 32 characters'

type Body = Readonly<Record<string, unknown>>

interface World {
  /** Where calls to providers went, without the lists of models. */
  readonly calls: readonly Destination[]
  readonly folder: string
  readonly log: readonly string[]
  admin(method: string, path: string, body?: object): Promise<{ status: number; body: Body }>
  /** A key of a new site. */
  site(): Promise<{ readonly id: string; readonly key: string }>
  chat(key: string, body?: object): Promise<{ status: number; provider: string | null; body: Body }>
  get(key: string, path: string): Promise<Body>
}

/** The gateway's own providers are Groq, its default, and OpenAI; whatever address they have, the simulator answers. */
async function start(keys: readonly string[] = [masterKey], shared?: string): Promise<World> {
  const folder = shared ?? mkdtempSync(join(tmpdir(), 'sluice-sites-'))
  const simulator = await startSimulator({ models: ['gpt-6-sol', 'small'] })
  const calls: Destination[] = []
  const inner = createUndiciTransport()
  const transport: Transport = {
    send(request, receiver) {
      const { destination } = request
      if (request.method !== 'GET') calls.push(destination)
      const path = destination.path.replace(/^.*\/v1/, '/v1')
      return inner.send(
        { ...request, destination: { ...destination, origin: new URL(simulator.url).origin, path } },
        receiver,
      )
    },
    close: () => inner.close(),
  }
  const config = buildConfig({
    presets,
    environment: { SLUICE_FIND_LOCAL_SERVERS: 'false' },
    input: {
      server: { port: 0, drain_timeout: 1, data_dir: folder, admin_key: rootKey, master_keys: keys },
      default_provider: 'groq',
      providers: {
        groq: { api_key: 'operators-groq', default_model: 'small' },
        openai: { api_key: 'operators-openai' },
      },
    },
  })
  const log: string[] = []
  const gateway = await startGateway(config, {
    logger: pino({ level: 'trace' }, { write: (line) => log.push(line) }),
    transport,
  })
  onTestFinished(async () => {
    await simulator.close()
    await gateway.close()
    if (shared === undefined) rmSync(folder, { recursive: true })
  })
  const ask = async (key: string, method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const admin: World['admin'] = async (method, path, body) => {
    const response = await ask(rootKey, method, `/api/admin${path}`, body)
    return { status: response.status, body: (await response.json()) as Body }
  }
  return {
    calls,
    folder,
    log,
    admin,
    async site() {
      const { body: organisation } = await admin('POST', '/organisations', { name: 'Acme' })
      const { body: site } = await admin('POST', '/workspaces', {
        organisation_id: organisation['id'],
        kind: 'site',
        name: 'Shop',
      })
      const { body: key } = await admin('POST', '/keys', { name: 'shop', workspace_id: site['id'] })
      return { id: String(site['id']), key: String(key['key']) }
    },
    async chat(key, body) {
      const response = await ask(key, 'POST', '/v1/chat/completions', {
        messages: [{ role: 'user', content: 'Hello' }],
        ...body,
      })
      return {
        status: response.status,
        provider: response.headers.get('x-sluice-provider'),
        body: (await response.json()) as Body,
      }
    },
    async get(key, path) {
      return (await (await ask(key, 'GET', path)).json()) as Body
    },
  }
}

/** Host and key of a call. */
function told({ origin, headers }: Destination): string {
  const at = headers.findIndex((text) => text.toLowerCase() === 'authorization')
  return `${new URL(origin).host} ${headers[at + 1]?.replace('Bearer ', '')}`
}

test('a site without settings uses the providers of the gateway', async () => {
  const { site, chat, calls } = await start()
  const { key } = await site()
  expect((await chat(key)).provider).toBe('groq')
  expect(calls.map(told)).toEqual(['api.groq.com operators-groq'])
})

test('a site with a key of its own uses that, and never one of the operator', async () => {
  const { admin, site, chat, calls, get } = await start()
  const { id, key } = await site()
  await chat(key)
  const changed = await admin('PATCH', `/workspaces/${id}/ai-settings`, {
    keys: { openai: 'sk-of-the-shop' },
    default_model: 'gpt-6-sol',
  })
  expect(changed).toMatchObject({
    status: 200,
    body: { provider: 'auto', default_model: 'gpt-6-sol', own_keys: ['openai'] },
  })
  for (const body of [{}, { model: 'gpt-6-sol' }, { model: 'openai/gpt-6-sol' }])
    expect(await chat(key, body)).toMatchObject({ status: 200, provider: 'openai' })
  expect(new Set(calls.slice(1).map(told))).toEqual(new Set(['api.openai.com sk-of-the-shop']))
  expect((await chat(key, { model: 'groq/small' })).status).toBe(404)
  expect(((await get(key, '/v1/providers'))['data'] as Body[]).map(({ id: name }) => name)).toEqual(['openai'])
  const models = (await get(key, '/v1/models'))['data'] as Body[]
  expect(models.every(({ provider }) => provider === 'openai')).toBe(true)
  await admin('DELETE', `/workspaces/${id}/ai-settings`)
  expect((await chat(key)).provider).toBe('groq')
})

test('auto takes OpenRouter, then OpenAI, then Anthropic of those that the site has keys for', async () => {
  const { admin, site, chat, calls } = await start()
  const { id, key } = await site()
  const settings = `/workspaces/${id}/ai-settings`
  await admin('PATCH', settings, {
    default_model: 'small',
    keys: { anthropic: 'a', openai: 'o', openrouter: 'r', groq: 'g' },
  })
  expect((await chat(key)).provider).toBe('openrouter')
  await admin('PATCH', settings, { keys: { openrouter: null } })
  expect((await chat(key)).provider).toBe('openai')
  await admin('PATCH', settings, { provider: 'groq' })
  expect((await chat(key)).provider).toBe('groq')
  expect(calls.map(told)).toEqual(['openrouter.ai r', 'api.openai.com o', 'api.groq.com g'])
})

test('a site may choose a provider of the gateway, and no other is asked then', async () => {
  const { admin, site, chat, calls } = await start()
  const { id, key } = await site()
  await admin('PATCH', `/workspaces/${id}/ai-settings`, { provider: 'openai', default_model: 'gpt-6-sol' })
  expect((await chat(key)).provider).toBe('openai')
  expect((await chat(key, { model: 'groq/small' })).status).toBe(404)
  expect(calls.map(told)).toEqual(['api.openai.com operators-openai'])
})

test.each<[settings: object, words: string]>([
  [{ provider: 'mistral' }, 'has no key for it'],
  [{ provider: 'http://169.254.169.254' }, 'expected auto'],
  [{ keys: { nobody: 'x' } }, 'expected keys by provider'],
  [{ keys: { ollama: 'x' } }, 'unless it is its `provider`'],
  [{ keys: { 'openai-compatible': 'x' } }, 'and has a `base_url`'],
])('settings of %j are refused with the way out', async (settings, words) => {
  const { admin, site } = await start()
  const { id } = await site()
  const { status, body } = await admin('PATCH', `/workspaces/${id}/ai-settings`, settings)
  expect(status).toBe(400)
  expect(JSON.stringify(body)).toContain(words)
  expect((await admin('GET', `/workspaces/${id}/ai-settings`)).status).toBe(404)
})

test('a key of a site is nowhere in the clear, and text in it refers to nothing', async () => {
  const { admin, site, chat, calls, folder, log } = await start()
  const { id, key } = await site()
  const secret = 'sk-canary-${PATH}-of-the-shop'
  const answers = [
    await admin('PATCH', `/workspaces/${id}/ai-settings`, { keys: { openai: secret } }),
    await admin('GET', `/workspaces/${id}/ai-settings`),
    await admin('GET', '/audit?limit=100'),
  ]
  expect((await chat(key, { model: 'gpt-6-sol' })).status).toBe(200)
  expect(calls.map(told)).toEqual([`api.openai.com ${secret}`])
  const kept = ['sluice.db', 'sluice.db-wal'].map((name) => readFileSync(join(folder, name), 'latin1'))
  for (const text of [JSON.stringify(answers), log.join(''), ...kept]) {
    expect(text).not.toContain('sk-canary')
    expect(text).not.toContain(masterKey)
  }
  expect(JSON.stringify(answers[2])).toContain('"own_keys":["openai"]')
})

test('a new master key takes over from the former one, which may go then', async () => {
  const former = await start()
  const { id } = await former.site()
  await former.admin('PATCH', `/workspaces/${id}/ai-settings`, {
    keys: { openai: 'sk-of-the-shop' },
    default_model: 'gpt-6-sol',
  })
  const { body: made } = await former.admin('POST', '/keys', { name: 'second', workspace_id: id })
  const key = String(made['key'])
  const fresh = 'another master key of 32 characters'
  const both = await start([fresh, masterKey], former.folder)
  expect((await both.chat(key)).status).toBe(200)
  expect((await both.admin('POST', '/secrets/rotate')).body).toEqual({ renewed: 1, unchanged: 0 })
  expect((await both.admin('POST', '/secrets/rotate')).body).toEqual({ renewed: 0, unchanged: 1 })
  const alone = await start([fresh], former.folder)
  expect((await alone.chat(key)).status).toBe(200)
  expect(alone.calls.map(told)).toEqual(['api.openai.com sk-of-the-shop'])
  const lost = await start(['a master key that nobody had before'], former.folder)
  expect(await lost.chat(key)).toMatchObject({ status: 503, body: { error: { code: 'store_unavailable' } } })
})

test('without a master key no key is taken', async () => {
  const { admin, site } = await start([])
  const { id } = await site()
  const { status, body } = await admin('PATCH', `/workspaces/${id}/ai-settings`, { keys: { openai: 'x' } })
  expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('SLUICE_MASTER_KEY')])
})

test('what goes past the site’s providers is not for its keys', async () => {
  const { admin, site, get } = await start()
  const { id, key } = await site()
  await admin('PATCH', `/workspaces/${id}/ai-settings`, { keys: { openai: 'x' } })
  const keys = (await admin('GET', `/keys?workspace_id=${id}`)).body['data'] as Body[]
  await admin('PATCH', `/keys/${String(keys[0]?.['id'])}`, { operations: ['chat', 'raw'] })
  expect(await get(key, '/proxy/openai/models')).toMatchObject({ error: { code: 'operation_not_allowed' } })
})

test("a provider is where the operator says that it is, with the site's key and without the operator's headers", () => {
  const config = buildConfig({
    presets,
    environment: {},
    input: {
      providers: {
        openai: { api_key: 'operators', base_url: 'http://egress.internal/v1', headers: { 'X-Account': 'operators' } },
      },
    },
  })
  const keys = new Map([['openai', new Secret('sites')]])
  const [provider] = siteConfig(config, presets, {
    provider: 'auto',
    defaultModel: undefined,
    baseUrl: undefined,
    keys,
  }).providers
  expect(provider?.baseUrl).toBe('http://egress.internal/v1')
  expect(provider?.apiKey?.reveal()).toBe('sites')
  expect(JSON.stringify(provider?.headers)).not.toContain('operators')
})

test('a key that cannot be one is refused in words about the key', () => {
  const config = buildConfig({ presets, environment: {}, input: {} })
  const keys = new Map([['openai', new Secret('sk-…')]])
  expect(() =>
    siteConfig(config, presets, { provider: 'auto', defaultModel: undefined, baseUrl: undefined, keys }),
  ).toThrow(
    expect.objectContaining({
      code: 'invalid_request',
      param: 'keys',
      message: expect.stringMatching(/^openai\.api_key: /),
    }),
  )
})
