import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@sluice/simulator'
import { pino } from 'pino'
import { buildConfig, type Environment, providers as presets } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { type Gateway, startGateway } from '../compose.ts'
import { printed } from './run-for-tests.ts'

const rootKey = 'root-key-of-the-tests'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-keys-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** With the simulator behind it, whose models are `small` and `large`. */
async function start(server: { readonly admin_key?: string } = {}): Promise<Gateway> {
  const simulator = await startSimulator({ models: ['small', 'large'] })
  const config = buildConfig({
    presets,
    environment: { SLUICE_FIND_LOCAL_SERVERS: 'false' },
    input: {
      server: { port: 0, drain_timeout: 1, data_dir: folder(), ...server },
      default_provider: 'lab',
      providers: { lab: { type: 'openai_compatible', base_url: simulator.url, api_key: 'upstream-key' } },
    },
  })
  const gateway = await startGateway(config, { logger: pino({ level: 'silent' }) })
  onTestFinished(async () => {
    await simulator.close()
    await gateway.close()
  })
  return gateway
}

async function chat({ url }: Gateway, key: string, model = 'small'): Promise<number> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await response.text()
  return response.status
}

async function ask({ url }: Gateway, path: string, key?: string): Promise<{ status: number; body: unknown }> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const response = await fetch(`${url}${path}`, { headers })
  return { status: response.status, body: await response.json() }
}

/** Asks until it is so; the runner's own time limit ends what never becomes so. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('a gateway that was open to its machine needs keys once the first one is made there', async () => {
  const gateway = await start()
  expect((await ask(gateway, '/v1/models')).status).toBe(200)
  expect(await ask(gateway, '/api/admin/keys', 'anything')).toMatchObject({
    status: 401,
    body: { error: { code: 'missing_api_key', message: expect.stringContaining('sluice keys create') as string } },
  })
  const { dataDir } = gateway.config.server
  const made = await sluice(['keys', 'create', 'first', '--role', 'owner', '--json'], { SLUICE_DATA_DIR: dataDir })
  const { key } = JSON.parse(made) as { key: string }
  expect(statSync(join(dataDir, 'key-pepper')).mode & 0o777).toBe(0o600)
  await until(async () => (await ask(gateway, '/v1/models')).status === 401)
  expect(await chat(gateway, key)).toBe(200)
  expect(await ask(gateway, '/api/admin/keys', key)).toMatchObject({
    status: 200,
    body: { data: [{ name: 'first', role: 'owner' }] },
  })
})

test('the command line manages keys here and at a running gateway alike', async () => {
  const gateway = await start({ admin_key: rootKey })
  const { dataDir } = gateway.config.server
  for (const environment of [{ SLUICE_DATA_DIR: dataDir }, { SLUICE_URL: gateway.url, SLUICE_ADMIN_KEY: rootKey }]) {
    const made = await sluice(['keys', 'create', 'app', '--models', 'small', '--expires', '30d'], environment)
    const key = keyIn(made)
    await until(async () => (await chat(gateway, key)) === 200)
    expect(await chat(gateway, key, 'large')).toBe(403)
    expect(await sluice(['keys', 'list'], environment)).toMatch(/key_\w+ +app +sk-sl-.{4}… +until .* models small/)
    expect(await sluice(['keys', 'block', 'app'], environment)).toContain('blocked')
    await until(async () => (await chat(gateway, key)) === 401)
    await sluice(['keys', 'unblock', 'app'], environment)
    const fresh = keyIn(await sluice(['keys', 'rotate', 'app', '--overlap', '0'], environment))
    await until(async () => (await chat(gateway, key)) === 401 && (await chat(gateway, fresh)) === 200)
    expect(await sluice(['keys', 'show', 'app'], environment)).not.toContain(fresh)
    await sluice(['keys', 'delete', 'app'], environment)
    expect(await sluice(['keys', 'list'], environment)).toContain('no keys')
    await expect(sluice(['keys', 'show', 'app'], environment)).rejects.toThrow('There is no key "app"')
  }
})

test.each([
  [['keys', 'create', 'a', '--expires', 'soon'], '--expires: write a time such as 30d'],
  [['keys', 'create', 'a', '--models', '!x'], 'add "*"'],
  [['keys', 'create', 'a', '--from', 'here'], 'expected an address or a range'],
  [['keys', 'create', 'a', '--role', 'king'], 'expected one of owner, admin'],
  [['keys', 'rotate', 'a', '--overlap', '5'], '--overlap: write a time'],
])('%j fails with the way out', async (words, wayOut) => {
  await expect(sluice(words, { SLUICE_DATA_DIR: folder() })).rejects.toThrow(wayOut)
})

test('a site is made with its own provider and key, of which nothing is shown', async () => {
  const environment = {
    SLUICE_DATA_DIR: folder(),
    SLUICE_MASTER_KEY: 'master key of at least 32 characters',
    SHOP_KEY: 'sk-of-the-shop',
  }
  const made = await sluice(
    ['sites', 'create', 'shop', '--provider-key', 'openai=SHOP_KEY', '--model', 'gpt-6-sol'],
    environment,
  )
  expect(made).toMatch(/Own keys +openai\nModel +gpt-6-sol\n/)
  expect(made).not.toContain('sk-of')
  const id = /ws_\w+/.exec(made)?.[0] ?? ''
  expect(made).toContain(`sluice keys create NAME --workspace ${id}`)
  expect(await sluice(['sites', 'list'], environment)).toContain(`${id}  shop`)
  await sluice(['keys', 'create', 'shop-key', '--workspace', id], environment)
  expect(await sluice(['sites', 'set', id, '--provider', 'openai'], environment)).toMatch(/Provider +openai/)
  await expect(sluice(['sites', 'delete', id], environment)).rejects.toThrow('remove or move that first')
  await sluice(['keys', 'delete', 'shop-key'], environment)
  await expect(sluice(['sites', 'set', id, '--provider-key', 'openai'], environment)).rejects.toThrow(
    'has no key for it',
  )
  expect(await sluice(['sites', 'delete', id], environment)).toContain('is gone')
  const wrong = ['sites', 'create', 'den', '--provider', 'mistral']
  await expect(sluice(wrong, environment)).rejects.toThrow('has no key for it')
  await expect(sluice(['sites', 'create', 'den', '--provider-key', 'openai=NONE'], environment)).rejects.toThrow(
    'NONE is not set',
  )
  expect(await sluice(['sites', 'list'], environment)).toContain('no sites')
})

function keyIn(text: string): string {
  return /sk-sl-[\w-]{43}/.exec(text)?.[0] ?? ''
}

function sluice(words: readonly string[], environment: Environment): Promise<string> {
  return printed(words, environment, folder())
}

test('a site is found by its id or name, and nothing else is taken for one', async () => {
  const environment = { SLUICE_DATA_DIR: folder(), OPENAI_API_KEY: 'k' }
  const site = async (...words: readonly string[]): Promise<string> => sluice(['sites', ...words], environment)
  const { id } = JSON.parse(await site('create', 'shop', '--json')) as Readonly<Record<string, string>>
  expect(await site('show', 'shop')).toContain(id)
  expect(await site('set', 'shop', '--provider', 'openai')).toMatch(/Provider +openai/)
  for (const words of [
    ['show', 'den'],
    ['set', 'ws_0', '--provider', 'openai'],
    ['delete', 'ws_0'],
  ])
    await expect(site(...words)).rejects.toThrow(/^There is no site "(den|ws_0)"; sluice sites list shows them all\.$/m)
  await site('create', 'shop')
  await expect(site('show', 'shop')).rejects.toThrow(`Several sites are called "shop"; give an id: `)
  expect(await site('delete', id ?? '')).toBe(`${id} is gone.\n`)
  expect(await site('show', 'shop')).toContain('those of the gateway')
})
