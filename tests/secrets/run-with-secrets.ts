import { randomBytes } from 'node:crypto'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@redis/client'
import { type Scripted, startSimulator } from '@sluice/simulator'
import { startPostgres } from '../servers/postgres.ts'
import { requireProgram } from '../servers/programs.ts'
import { startRedis } from '../servers/redis.ts'
import { startServe } from '../start-serve.ts'
import { shapesOf } from './shapes-of.ts'

/** Somewhere that secrets could have got to. */
export interface Place {
  readonly name: string
  readonly text: string
}

export interface SecretsReport {
  /** By what they are for. */
  readonly secrets: ReadonlyMap<string, string>
  readonly places: readonly Place[]
  /** Requests that were answered well, and otherwise. */
  readonly answered: number
  readonly refused: number
  /** Calls that webhooks got. */
  readonly alerts: number
  /** What providers were sent, with their keys in it: no place to search, but where keys must be. */
  readonly sent: string
}

/** As `place: secret`, of every secret in every shape. */
export function leaksIn({ secrets, places }: Pick<SecretsReport, 'secrets' | 'places'>): readonly string[] {
  return places.flatMap(({ name, text }) =>
    [...secrets]
      .filter(([, secret]) => shapesOf(secret).some((shape) => text.includes(shape)))
      .map(([what]) => `${name}: ${what}`),
  )
}

/** With characters that every encoding writes in another way. */
const canary = (name: string): string => `${name}+/&"${randomBytes(18).toString('base64')}`

/** Servers that are stopped in the middle, so that their failures are told of too. */
export type Storage = 'embedded' | 'servers'

/**
 * A gateway process with all that it has switched on, whose secrets are known, asked for everything, well and badly; then killed
 * with its journal unwritten. Gives every text that it said, sent to others than providers, and left behind.
 */
export async function runWithSecrets(storage: Storage): Promise<SecretsReport> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-secrets-'))
  const simulator = await startSimulator({ models: ['small', 'large'] })
  const hooks = await startHooks()
  await using postgres = storage === 'servers' ? await startPostgres() : undefined
  await using redis = storage === 'servers' ? await startRedis() : undefined
  const databaseUrl = await postgres?.createDatabase()
  const secrets = new Map<string, string>([
    ['key of a provider', canary('upstream')],
    ['header for a provider', canary('header')],
    ['key of a site at its provider', canary('site')],
    ['caller key of the config', canary('caller')],
    ['admin key', canary('admin')],
    ['master key', canary('master').padEnd(40, 'm')],
    ['pepper', canary('pepper').padEnd(40, 'p')],
    ['secret at the identity provider', canary('identity')],
    ['path of a webhook', randomBytes(18).toString('hex')],
    ['query of a webhook', randomBytes(18).toString('hex')],
    ['password of a webhook', randomBytes(18).toString('hex')],
  ])
  const secret = (name: string): string => secrets.get(name)!
  if (databaseUrl !== undefined) secrets.set('password of the database', new URL(databaseUrl).password)
  if (redis !== undefined) secrets.set('password of Redis', new URL(redis.url).password)

  const places: Place[] = []
  const add = (name: string, text: string): void => void places.push({ name, text })
  let answered = 0
  let refused = 0
  try {
    // Of the environment, as they should be: then the file has none either.
    await writeFile(join(folder, 'sluice.json'), JSON.stringify(configOf(simulator.url, hooks.url)))
    await using gateway = await startServe(
      {
        LOG_LEVEL: 'trace',
        LAB_KEY: secret('key of a provider'),
        LAB_HEADER: secret('header for a provider'),
        SLUICE_KEYS: secret('caller key of the config'),
        SLUICE_ADMIN_KEY: secret('admin key'),
        SLUICE_MASTER_KEY: secret('master key'),
        SLUICE_KEY_PEPPER: secret('pepper'),
        OIDC_SECRET: secret('secret at the identity provider'),
        HOOK_PATH: secret('path of a webhook'),
        HOOK_QUERY: secret('query of a webhook'),
        HOOK_PASSWORD: secret('password of a webhook'),
        ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
        ...(redis !== undefined && { REDIS_URL: redis.url }),
      },
      folder,
    )

    async function ask(method: string, path: string, key: string, body?: unknown): Promise<string> {
      const told = { 'x-sluice-trace': 'true', 'x-sluice-attempts': 'true' }
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...told }
      const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      const response = await fetch(`${gateway.url}${path}`, { method, headers, body: sent ?? null })
      const text = await response.text()
      if (response.ok) answered++
      else refused++
      add(`answer of ${method} ${path} (${response.status})`, `${JSON.stringify([...response.headers])}\n${text}`)
      return text
    }
    const admin = (method: string, path: string, body?: unknown): Promise<string> =>
      ask(method, `/api/admin${path}`, secret('admin key'), body)
    const idOf = (text: string): string => (JSON.parse(text) as { id: string }).id
    /** The one answer that has the key is looked at without it. */
    async function makeKey(name: string, settings: object): Promise<{ readonly id: string; readonly key: string }> {
      const text = await admin('POST', '/keys', { name, ...settings })
      const { id, key } = JSON.parse(text) as { id: string; key: string }
      secrets.set(name, key)
      places.pop()
      add('answer that gives a key, without it', text.replace(key, ''))
      return { id, key }
    }

    const organisation = idOf(await admin('POST', '/organisations', { name: 'Canaries' }))
    const site = idOf(await admin('POST', '/workspaces', { name: 'Shop', kind: 'site', organisation_id: organisation }))
    await admin('PATCH', `/workspaces/${site}/ai-settings`, {
      provider: 'openai',
      keys: { openai: secret('key of a site at its provider') },
    })
    const caller = await makeKey('managed key', { tags: ['canary'] })
    const shop = await makeKey('key of a site', { workspace_id: site })
    const poor = await makeKey('key with a budget', { budget: { amount: 0.000_001 } })
    const rotated = JSON.parse(await admin('POST', `/keys/${poor.id}/rotate`, { overlap: 60 })) as { key: string }
    secrets.set('rotated key', rotated.key)
    add('answer that gives a rotated key, without it', places.pop()!.text.replaceAll(rotated.key, ''))

    const chat = (key: string, more: object = {}): Promise<string> =>
      ask('POST', '/v1/chat/completions', key, {
        model: 'lab/small',
        messages: [{ role: 'user', content: 'Hello' }],
        ...more,
      })
    const messages = (key: string, more: object = {}): Promise<string> =>
      ask('POST', '/v1/messages', key, {
        model: 'lab/small',
        max_tokens: 20,
        messages: [{ role: 'user', content: 'Hello' }],
        ...more,
      })
    const keys = [secret('caller key of the config'), caller.key, shop.key, rotated.key, poor.key]
    for (const key of keys) {
      for (const stream of [false, true]) {
        await chat(key, { stream })
        await chat(key, { stream, model: 'pair' })
        await messages(key, { stream })
      }
      await chat(key, { model: 'small' })
      await chat(key, { model: 'prompt:greeting', messages: [] })
      await chat(key, { model: `unheard-of-${key.slice(0, 4)}` })
      await chat(key, { model: 7 })
      await ask('POST', '/v1/chat/completions', key, `{"model":`)
      await ask('POST', '/v1/embeddings', key, { model: 'lab/small', input: 'Hello' })
      await ask('POST', '/v1/responses', key, { model: 'lab/small', input: 'Hello' })
      await ask('POST', '/proxy/lab/chat/completions', key, { model: 'small', messages: [] })
      await ask('GET', '/proxy/lab/models', key)
      for (const path of ['/v1/models', '/v1/providers', '/v1/files', '/v1/batches', '/nowhere', '/api/admin/keys'])
        await ask('GET', path, key)
      // Nearly a key, and a key where none belongs.
      await chat(`${key.slice(0, -1)}!`)
    }

    // Providers that quote what they were sent, in every way that they fail.
    const quote = (...names: readonly string[]): { readonly message: string; readonly code: string } => {
      const quoted = names.map(secret).join(' or ')
      return { message: `Incorrect API key provided: ${quoted}.`, code: quoted.slice(0, 60) }
    }
    const error = quote('key of a provider', 'header for a provider')
    const failures: readonly Scripted[] = [
      ...[400, 401, 403, 404, 429, 500, 503].map((status) => ({ fault: { kind: 'status', status, error } }) as const),
      { fault: { kind: 'error-inside', error } },
      { fault: { kind: 'error-inside', at: 2, error } },
      { raw: { contentType: 'text/html', body: `<html>${error.message}</html>` } },
      { raw: { body: `{"key":"${error.message}` } },
      { headers: { 'x-debug': error.message } },
      'reset-before-head',
    ]
    for (const failure of failures)
      for (const ways of [
        () => chat(caller.key),
        () => chat(caller.key, { stream: true }),
        () => messages(caller.key),
      ]) {
        simulator.next(failure)
        await ways()
      }
    simulator.always({ fault: { kind: 'status', status: 401, error } })
    await chat(caller.key, { model: 'pair' })
    simulator.always({ fault: { kind: 'status', status: 401, error: quote('key of a site at its provider') } })
    await chat(shop.key, { model: 'small' })
    await messages(shop.key, { model: 'small', stream: true })
    simulator.always(undefined)

    // Who signs in is known by a cookie, which is in that answer alone.
    const signedIn = await fetch(`${gateway.url}/api/admin/sign-in`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret('admin key')}` },
    })
    add('answer of signing in, without its cookies', await signedIn.text())
    const [cookie = ''] = signedIn.headers.getSetCookie().map((text) => text.split(';')[0] ?? '')
    secrets.set('session', cookie.slice(cookie.indexOf('=') + 1))
    for (const path of [
      '/keys',
      '/sessions',
      '/session',
      '/sign-in?return_to=/docs',
      '/sign-in/callback?code=x&state=y',
    ]) {
      const response = await fetch(`${gateway.url}/api/admin${path}`, { headers: { cookie }, redirect: 'manual' })
      add(
        `answer to a session of ${path} (${response.status})`,
        JSON.stringify([...response.headers]) + (await response.text()),
      )
    }

    const form = new FormData()
    form.set('purpose', 'batch')
    const line = { custom_id: 'one', method: 'POST', url: '/v1/chat/completions' }
    const question = { model: 'lab/small', messages: [{ role: 'user', content: 'Hello' }] }
    form.set('file', new Blob([JSON.stringify({ ...line, body: question })]), 'in.jsonl')
    const uploaded = await fetch(`${gateway.url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${caller.key}` },
      body: form,
    })
    const file = (await uploaded.json()) as { id: string }
    const endpoint = { endpoint: '/v1/chat/completions', completion_window: '24h' }
    await ask('POST', '/v1/batches', caller.key, { input_file_id: file.id, ...endpoint })

    // Everything that can be looked at, as the document lists it.
    const document = JSON.parse(await ask('GET', '/openapi.json', secret('admin key'))) as {
      readonly paths: Readonly<Record<string, object>>
    }
    const ids: Readonly<Record<string, string>> = { keys: caller.id, organisations: organisation, workspaces: site }
    const looks = Object.entries(document.paths)
      .filter(([, methods]) => 'get' in methods)
      .map(([path]) => path.replace(/\/([a-z]+)\/\{\w+\}/, (_, kind: string) => `/${kind}/${ids[kind] ?? 'none'}`))
    const others = ['health', 'events', 'metrics/providers', 'metrics/models', 'metrics/failures', 'traces/none']
    const pages = ['/metrics', '/healthz', '/readyz', '/docs', ...others.map((name) => `/api/llm/${name}`)]
    for (const path of [...looks, ...pages, '/api/admin/audit?limit=100', '/api/admin/usage/export?format=csv'])
      await ask('GET', path, secret('admin key'))
    await ask('POST', '/api/llm/explain', caller.key, { model: 'pair' })
    for (const bad of [{ name: secret('key of a provider'), colour: 'red' }, { keys: secret('pepper') }])
      await admin('POST', '/keys', bad).then(() => places.pop())
    while (hooks.calls === 0) await new Promise((resolve) => setTimeout(resolve, 20))

    if (databaseUrl !== undefined) add('PostgreSQL', await dump(databaseUrl))
    if (redis !== undefined) add('Redis', await dumpRedis(redis.url))
    await redis?.stop()
    await postgres?.stop()
    if (storage === 'servers') {
      for (const key of [caller.key, `${caller.key}x`]) await chat(key)
      for (const path of ['/api/llm/health', '/api/llm/events', '/metrics']) await ask('GET', path, secret('admin key'))
      await admin('GET', '/keys')
      await chat(caller.key, { stream: true })
    }
    simulator.next('hang-mid-stream')
    const open = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${caller.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'lab/small', stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
    })
    open.text().catch(() => undefined)
    await gateway.end('SIGKILL')
    add('log', gateway.errors)
    add('body of an alert', hooks.heard())
    for (const name of await readdir(folder, { recursive: true })) {
      const text = await readFile(join(folder, name), 'latin1').catch(() => undefined)
      if (text !== undefined) add(`file ${name}`, text)
    }
    const sent = JSON.stringify(simulator.requests.map(({ rawHeaders }) => rawHeaders))
    return { secrets, places, answered, refused, alerts: hooks.calls, sent }
  } finally {
    hooks.server.close()
    hooks.server.closeAllConnections()
    await simulator.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function configOf(simulatorUrl: string, hooksUrl: string): object {
  const lab = {
    type: 'openai_compatible',
    base_url: simulatorUrl,
    api_key: '${LAB_KEY}',
    headers: { 'X-Org-Token': '${LAB_HEADER}' },
    max_retries: 1,
  }
  const events = [
    'provider.unhealthy',
    'target.circuit_opened',
    'ledger.failing',
    'budget.threshold',
    'budget.exceeded',
  ]
  const limits = { per: 'key', requests_per_minute: 10_000, tokens_per_minute: 100_000_000, concurrent_requests: 100 }
  return {
    server: {
      data_dir: 'data',
      // Nobody is there.
      oidc: {
        issuer: 'http://127.0.0.1:1',
        client_id: 'sluice',
        client_secret: '${OIDC_SECRET}',
        default_role: 'viewer',
      },
    },
    default_provider: 'lab',
    environment_providers: false,
    providers: { lab, openai: { api_key: '${LAB_KEY}', base_url: simulatorUrl } },
    models: [{ id: 'lab/small', price: { input: 1, output: 1 } }],
    routes: { pair: { targets: ['lab/small', 'lab/large'], strategy: 'first-available' } },
    prompts: { greeting: { model: 'lab/small', user: 'Say hello.' } },
    cache: { share: 'workspace', semantic: { model: 'lab/small', by_default: true } },
    limits: { rules: [limits] },
    budgets: { rules: [{ per: 'key', amount: 1_000, alert_at: [0.000_000_001] }] },
    health: { probe_interval: 1, probe_idle: true },
    alerts: [
      { url: `${hooksUrl}/\${HOOK_PATH}?token=\${HOOK_QUERY}`, events },
      { url: `${hooksUrl.replace('//', '//hook:${HOOK_PASSWORD}@')}/\${HOOK_PATH}`, format: 'slack', events },
      // Nobody is there.
      { url: 'http://hook:${HOOK_PASSWORD}@127.0.0.1:1/${HOOK_PATH}?token=${HOOK_QUERY}', events },
    ],
  }
}

interface Hooks {
  readonly server: Server
  readonly url: string
  readonly calls: number
  /** Their bodies. */
  heard(): string
}

/** Receives alerts, and refuses every other one. */
async function startHooks(): Promise<Hooks> {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      bodies.push(body)
      response.writeHead(bodies.length % 2 === 0 ? 500 : 200).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  return {
    server,
    url: `http://127.0.0.1:${address.port}`,
    get calls() {
      return bodies.length
    },
    heard: () => bodies.join('\n'),
  }
}

async function dump(url: string): Promise<string> {
  const { stdout } = await promisify(execFile)(requireProgram('pg_dump'), ['--inserts', url], {
    maxBuffer: 256 * 1024 * 1024,
  })
  return stdout
}

/** Names and contents of everything in it. */
async function dumpRedis(url: string): Promise<string> {
  const client = createClient({ url })
  await client.connect()
  const readers: Readonly<Record<string, (key: string) => string[]>> = {
    string: (key) => ['GET', key],
    hash: (key) => ['HGETALL', key],
    list: (key) => ['LRANGE', key, '0', '-1'],
    set: (key) => ['SMEMBERS', key],
    zset: (key) => ['ZRANGE', key, '0', '-1'],
  }
  const lines: string[] = []
  for (const key of await client.keys('*')) {
    const reader = readers[await client.type(key)]
    lines.push(key, JSON.stringify(reader && (await client.sendCommand(reader(key)))))
  }
  client.destroy()
  return lines.join('\n')
}
