import { SluiceError } from '@sluice/protocol'
import { expect, test } from 'vitest'
import { providers as presets } from '../providers.generated.ts'
import { buildConfig, type ConfigSources, readConfig } from './build-config.ts'
import type { Config } from './config.ts'
import { formatProblem } from './config-problem.ts'
import type { ConfigInput } from './schema.ts'

const example = {
  server: { host: '127.0.0.1', port: 8090, keys: ['sk-caller-1'] },
  default_provider: 'lab',
  providers: {
    groq: { api_key: '${GROQ_API_KEY}' },
    lab: {
      type: 'openai_compatible',
      name: 'Lab vLLM',
      base_url: 'http://127.0.0.1:8000/v1/',
      api_key: '${LAB_KEY:-none}',
      headers: { 'X-Team': 'search' },
      timeout: 12.5,
      max_retries: 2,
      default_model: 'qwen',
    },
  },
  models: [
    {
      id: 'lab/qwen',
      name: 'Qwen (lab)',
      aliases: ['qwen', 'house-model'],
      context_window: 128_000,
      capabilities: ['chat'],
    },
  ],
} satisfies ConfigInput

/** Unchecked input, as a file gives it. */
function read(input: unknown, sources: Omit<Partial<ConfigSources>, 'input'> = {}): ReturnType<typeof readConfig> {
  return readConfig({ presets, input: input as ConfigInput, ...sources })
}

function problemsOf(input: unknown, environment: Record<string, string> = {}): string[] {
  return read(input, { environment }).problems.map(formatProblem)
}

function configOf(input: unknown, environment: Record<string, string> = {}): Config {
  const { config, problems } = read(input, { environment })
  expect(problems.map(formatProblem)).toEqual([])
  if (config === undefined) throw new Error('no config')
  return config
}

function providerOf(input: unknown, id: string, environment: Record<string, string> = {}): Config['providers'][number] {
  const provider = configOf(input, environment).providers.find((candidate) => candidate.id === id)
  if (provider === undefined) throw new Error(`no provider ${id}`)
  return provider
}

test('the example of the documentation', () => {
  const config = configOf(example, { GROQ_API_KEY: 'gsk' })
  expect(config.defaultProvider).toBe('lab')
  expect(config.providers.map(({ id }) => id)).toEqual(['groq', 'lab'])
  expect(config.server.keys.map((key) => key.reveal())).toEqual(['sk-caller-1'])
  const [groq, lab] = config.providers
  expect(groq).toMatchObject({
    name: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    timeout: 30_000,
    maxRetries: 3,
  })
  expect(groq?.apiKey?.reveal()).toBe('gsk')
  expect(lab).toMatchObject({
    name: 'Lab vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    headers: { 'x-team': 'search' },
    timeout: 12_500,
    maxRetries: 2,
    defaultModel: 'qwen',
    auth: { type: 'bearer' },
    preset: { id: 'openai-compatible' },
  })
  expect(config.models).toEqual([
    {
      id: 'lab/qwen',
      name: 'Qwen (lab)',
      aliases: ['qwen', 'house-model'],
      contextWindow: 128_000,
      maxOutput: undefined,
      capabilities: ['chat'],
    },
  ])
})

test('nothing written and nothing in the environment is a whole configuration', () => {
  const defaults = {
    host: '127.0.0.1',
    port: 8090,
    workers: 1,
    keys: [],
    adminKey: undefined,
    managedKeys: false,
    keyPepper: undefined,
    masterKeys: [],
    publicUrl: undefined,
    oidc: undefined,
    sessionLifetime: 43_200_000,
    sessionIdleTimeout: 3_600_000,
    trustedProxies: [],
    outbound: { allow: [], http: false, ports: [443] },
    insecure: false,
    dataDir: '.sluice',
    databaseConnections: 10,
    databaseMigrate: true,
    pollInterval: 500,
    maxBodyBytes: 33_554_432,
    requestTimeout: 60_000,
    drainTimeout: 30_000,
    fastPath: true,
    findLocalServers: true,
    overrides: true,
  }
  for (const input of [undefined, null, {}, { server: null, providers: null, models: null }]) {
    expect(configOf(input)).toEqual({
      server: defaults,
      providers: [],
      routes: new Map(),
      strategies: expect.any(Map) as Map<string, unknown>,
      routing: {
        retryShare: 0.2,
        retryReserve: 20,
        breaker: {
          window: 30_000,
          minimumCalls: 10,
          failureRate: 0.5,
          consecutiveFailures: 5,
          slowCall: 0,
          slowRate: 0.5,
          openFor: 5_000,
          longestOpen: 60_000,
        },
        degradation: { factor: 2, recovery: 1.3, samples: 5, minimumCalls: 20, memory: 3_600_000 },
        queue: { queue: 100, patience: 10_000 },
      },
      health: { probeInterval: 30_000, probeIdle: false },
      alerts: [],
      switchedOff: [],
      defaultProvider: undefined,
      models: [],
      selectors: new Map(),
      logLevel: 'info',
      responses: { store: true, ttl: 2_592_000_000, maxBytes: 1_073_741_824 },
      batches: { concurrency: 4, maxFileBytes: 536_870_912 },
      ledger: {
        enabled: true,
        maxJournalBytes: 1_073_741_824,
        whenFull: 'drop-oldest',
        keepRecords: 7_776_000_000,
        keepSums: 0,
      },
      limits: { rules: [], replicas: 1, whenLost: 'fail-open' },
      budgets: { rules: [], unpriced: 'allow', overrun: 'extend', assumedOutput: 4096 },
      prompts: [],
      strict: false,
    })
  }
})

test('a configuration cannot be changed', () => {
  const config = configOf(example, { GROQ_API_KEY: 'gsk' })
  const frozen = [
    config,
    config.server,
    config.server.keys,
    config.providers,
    config.providers[1]?.headers,
    config.models[0]?.aliases,
  ]
  expect([...frozen, ...config.providers].every((part) => Object.isFrozen(part))).toBe(true)
})

test('a retired provider needs a base URL of its own', () => {
  const [problem, ...others] = problemsOf({ providers: { anyscale: { api_key: 'k' } } })
  expect(problem).toMatch(/^providers\.anyscale\.base_url: .*closed.*base URL/)
  expect(others).toEqual([])
  expect(
    providerOf({ providers: { anyscale: { api_key: 'k', base_url: 'https://ray.test/v1' } } }, 'anyscale').baseUrl,
  ).toBe('https://ray.test/v1')
})

test('all mistakes are told at once, and buildConfig throws them as one error', () => {
  const input = { server: { port: -1 }, providers: { x: { base_url: 7 } }, extra: true } as unknown as ConfigInput
  expect(problemsOf(input)).toHaveLength(3)
  expect(() => buildConfig({ presets, input })).toThrow(SluiceError)
  expect(() => buildConfig({ presets, input })).toThrow(/^The configuration has 3 problems:\n {2}server\.port/)
})

test('mistakes in the file and in the environment are told together', () => {
  const problems = problemsOf({ providers: { groq: {} } }, { SLUICE_PORT: 'x', OPENAI_COMPATIBLE_TIMEOUT: 'abc' })
  expect(problems).toHaveLength(3)
})

test('numbers and booleans may come from the environment', () => {
  const { server } = configOf(
    { server: { port: '${GATEWAY_PORT}', insecure: '${OPEN:-no}', request_timeout: '${WAIT:-1.5}' } },
    { GATEWAY_PORT: '1234' },
  )
  expect(server).toMatchObject({ port: 1234, insecure: false, requestTimeout: 1500 })
})

test('the nested form says the same as the flat one', () => {
  const nested = { type: 'openai_compatible', config: { provider: 'together', api_key: 'k', default_model: 'm' } }
  expect(providerOf({ providers: { mine: nested } }, 'mine')).toMatchObject({
    name: 'Together AI',
    preset: { id: 'together' },
    defaultModel: 'm',
    baseUrl: 'https://api.together.ai/v1',
  })
  const own = { type: 'openai_compatible', config: { provider: 'House', base_url: 'http://x/v1' } }
  expect(providerOf({ providers: { mine: own } }, 'mine')).toMatchObject({ name: 'House', baseUrl: 'http://x/v1' })
  const typo = { type: 'openai_compatible', config: { provider: 'togetherr', api_key: 'k' } }
  expect(problemsOf({ providers: { mine: typo } })).toEqual([
    'providers.mine.config.provider: no provider of this name is known; did you mean together? For one of your own give base_url',
  ])
})

test.each([
  ['https://openrouter.ai/api/v1', 'OpenRouter', 'openrouter'],
  ['https://api.together.xyz/v1', 'Together AI', 'together'],
  ['https://evil.test/openrouter.ai', 'OpenAI Compatible', 'openai-compatible'],
  ['https://my.openai.azure.com/openai/v1', 'Azure OpenAI', 'azure-openai'],
])('openai_compatible at %s is %s', (base_url, name, preset) => {
  const input = { providers: { x: { type: 'openai_compatible', base_url, api_key: 'k' } } }
  expect(providerOf(input, 'x')).toMatchObject({ name, preset: { id: preset } })
})

test('a key in the environment goes only where its provider is', () => {
  const environment = { GROQ_API_KEY: 'gsk', OPENAI_COMPATIBLE_API_KEY: 'generic' }
  const input = {
    providers: {
      again: { type: 'groq' },
      other: { type: 'openai_compatible', base_url: 'https://elsewhere.test/v1' },
    },
  }
  expect(providerOf(input, 'again', environment).apiKey?.reveal()).toBe('gsk')
  expect(providerOf(input, 'other', environment).apiKey).toBeUndefined()
})

test('a key is not asked for where none is needed', () => {
  const input = {
    providers: {
      ollama: {},
      lab: { base_url: 'http://10.0.0.1/v1' },
      groq: { base_url: 'http://127.0.0.1:9999/v1' },
      mistral: { headers: { Authorization: 'Bearer other' } },
      together: { auth: 'none' },
    },
  }
  expect(configOf(input).providers.map(({ id }) => id)).toEqual(['ollama', 'lab', 'groq', 'mistral', 'together'])
})

test('what a file says about a preset is laid over it', () => {
  const provider = providerOf(
    {
      providers: {
        lab: {
          base_url: 'http://x/v1',
          auth: { type: 'header', name: 'X-Key', prefix: 'Key ' },
          models: ['a', 'b'],
          models_path: null,
          health_path: '../health',
          speaks: [{ dialect: 'openai-chat', path: '/chat' }],
          owns: ['a*'],
          vendor_prefixed: true,
        },
      },
    },
    'lab',
  )
  expect(provider.auth).toEqual({ type: 'header', name: 'x-key', prefix: 'Key ' })
  expect(provider.preset).toMatchObject({
    models: { fallback: ['a', 'b'] },
    modelsPath: null,
    healthPath: '../health',
    owns: ['a*'],
    vendorPrefixed: true,
    speaks: [{ dialect: 'openai-chat', path: '/chat' }],
  })
  expect(provider.defaultModel).toBe('a')
})

test('a provider that is switched off is not there, also when the environment has its key', () => {
  expect(configOf({ providers: { groq: { enabled: false } } }, { GROQ_API_KEY: 'k' }).providers).toEqual([])
})

test('providers of the environment stand beside those of the file unless that is switched off', () => {
  const input = { providers: { lab: { base_url: 'http://x/v1' }, groq: { api_key: 'own' } } }
  const environment = { OPENAI_API_KEY: 'o', GROQ_API_KEY: 'g' }
  expect(configOf(input, environment).providers.map(({ id }) => id)).toEqual(['lab', 'groq', 'openai'])
  expect(providerOf(input, 'groq', environment).apiKey?.reveal()).toBe('own')
  expect(configOf({ ...input, environment_providers: false }, environment).providers.map(({ id }) => id)).toEqual([
    'lab',
    'groq',
  ])
})

test('the demo can be the default without being configured', () => {
  expect(configOf({ default_provider: 'demo' }).defaultProvider).toBe('demo')
  expect(configOf({}, { OPENAI_API_KEY: 'k', AI_PROVIDER: 'demo' }).defaultProvider).toBe('demo')
})

test('a model of a provider that is not there is only warned of', () => {
  const { warnings, problems } = read({ models: [{ id: 'gone/model' }] })
  expect(problems).toEqual([])
  expect(warnings.map(formatProblem)).toEqual([
    'models[0].id: no provider gone is configured, so this model cannot be reached',
  ])
})

test('a model of a provider that is added is reached, unless that is switched off', () => {
  const input: ConfigInput = { models: [{ id: 'demo/demo' }] }
  const added = ['demo']
  expect(readConfig({ presets, added, input }).warnings).toEqual([])
  const off = readConfig({ presets, added, input: { ...input, providers: { demo: { enabled: false } } } })
  expect(off.warnings.map(formatProblem)).toEqual([
    'models[0].id: no provider demo is configured, so this model cannot be reached',
  ])
})

test('tells where each setting came from', () => {
  const { origins } = readConfig({
    presets,
    input: { server: { data_dir: '/data', drain_timeout: '${DRAIN:-5}' }, providers: { groq: { timeout: 9 } } },
    environment: { GROQ_API_KEY: 'k', SLUICE_HOST: 'localhost', PORT: '1', LOG_LEVEL: 'debug' },
    flags: { port: 2 },
  })
  expect(Object.fromEntries(origins)).toMatchObject({
    'server.host': 'environment variable SLUICE_HOST',
    'server.port': 'flag --port',
    'server.data_dir': 'config',
    'server.drain_timeout': 'config (default of DRAIN)',
    'server.fast_path': 'default',
    log_level: 'environment variable LOG_LEVEL',
    default_provider: 'the only provider',
    'providers.groq.api_key': 'environment variable GROQ_API_KEY',
    'providers.groq.base_url': 'preset groq',
    'providers.groq.timeout': 'config',
    'providers.groq.max_retries': 'default',
  })
})

test('the URLs of a database and of Redis are secrets, the own names first', () => {
  const environment = {
    DATABASE_URL: 'postgres://a:pass@b/c',
    REDIS_URL: 'redis://:pass@b',
    SLUICE_REDIS_URL: 'redis://mine',
  }
  const { server } = configOf({ server: { database_url: 'postgres://file' } }, environment)
  expect([server.databaseUrl?.reveal(), server.redisUrl?.reveal()]).toEqual(['postgres://a:pass@b/c', 'redis://mine'])
  expect(JSON.stringify(server)).not.toContain('pass')
  expect(configOf({}).server).toMatchObject({ databaseUrl: undefined, redisUrl: undefined })
})

test('answers are kept in Redis where there is one, else in memory, unless config says where', () => {
  const server = { redis_url: 'redis://a' }
  expect(configOf({ cache: {} }).cache?.store).toBe('memory')
  expect(configOf({ cache: {}, server }).cache?.store).toBe('redis')
  expect(configOf({ cache: {} }, { REDIS_URL: 'redis://a' }).cache?.store).toBe('redis')
  for (const store of ['memory', 'database', 'redis'] as const)
    expect(configOf({ cache: { store }, server }).cache?.store).toBe(store)
  expect(configOf({ cache: { store: 'database' } }).cache?.store).toBe('database')
  expect(read({ cache: { store: 'redis' } }).problems.map(formatProblem)).toEqual([
    'cache.store: redis needs the address of one: set server.redis_url (REDIS_URL), or choose memory or database',
  ])
})

test('a database that is not PostgreSQL is refused without showing its password', () => {
  const { problems } = read({ server: { database_url: 'mysql://a:pass@b/c', redis_url: 'http://:pass@b' } })
  expect(problems.map(formatProblem)).toEqual([
    'server.database_url: expected postgres://user:password@host/database; found a text',
    'server.redis_url: expected redis://:password@host/0; found a text',
  ])
})
