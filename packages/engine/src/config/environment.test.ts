import { describe, expect, test } from 'vitest'
import { providers as presets } from '../providers.generated.ts'
import { readConfig } from './build-config.ts'
import { formatProblem } from './config-problem.ts'
import { environmentVariables } from './environment-variables.ts'
import type { Environment } from './interpolate.ts'
import type { ConfigInput } from './schema.ts'

interface Outcome {
  readonly providers: Readonly<Record<string, unknown>>
  readonly defaultProvider: string | undefined
  readonly server: unknown
  readonly logLevel: string | undefined
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

function outcomeOf(environment: Environment, input?: ConfigInput): Outcome {
  const { config, problems, warnings } = readConfig({ presets, environment, input })
  const providers = Object.fromEntries(
    (config?.providers ?? []).map((provider) => [
      provider.id,
      { ...provider, preset: provider.preset.id, apiKey: provider.apiKey?.reveal() },
    ]),
  )
  return {
    providers,
    defaultProvider: config?.defaultProvider,
    server: config?.server,
    logLevel: config?.logLevel,
    problems: problems.map(formatProblem),
    warnings: warnings.map(formatProblem),
  }
}

describe('OpenRouter and the generic provider', () => {
  const openrouter = {
    OPENROUTER_API_KEY: 'old',
    OPENROUTER_DEFAULT_MODEL: 'anthropic/claude',
    OPENROUTER_HTTP_REFERER: 'https://site.test',
    OPENROUTER_APP_NAME: 'Site',
  }
  const itsHeaders = { 'http-referer': 'https://site.test', 'x-title': 'Site' }

  test('OPENROUTER_* alone is the provider openrouter', () => {
    expect(outcomeOf({ ...openrouter, OPENROUTER_BASE_URL: 'http://127.0.0.1:1/v1' }).providers).toMatchObject({
      openrouter: {
        name: 'OpenRouter',
        apiKey: 'old',
        baseUrl: 'http://127.0.0.1:1/v1',
        defaultModel: 'anthropic/claude',
        headers: itsHeaders,
        preset: 'openrouter',
      },
    })
  })

  test('OPENAI_COMPATIBLE_* without a base URL is OpenRouter, and the only one', () => {
    const { providers } = outcomeOf({
      ...openrouter,
      OPENAI_COMPATIBLE_API_KEY: 'new',
      OPENAI_COMPATIBLE_MAX_RETRIES: '5',
    })
    expect(Object.keys(providers)).toEqual(['openai-compatible'])
    expect(providers).toMatchObject({
      'openai-compatible': {
        name: 'OpenRouter',
        apiKey: 'new',
        baseUrl: 'https://openrouter.ai/api/v1',
        defaultModel: 'anthropic/claude',
        headers: itsHeaders,
        maxRetries: 5,
        preset: 'openrouter',
      },
    })
  })

  test('what is unset is taken from the old names, the base URL too', () => {
    const { providers } = outcomeOf({
      ...openrouter,
      OPENROUTER_BASE_URL: 'http://127.0.0.1:1/v1',
      OPENAI_COMPATIBLE_DEFAULT_MODEL: 'm',
    })
    expect(providers).toMatchObject({
      'openai-compatible': { apiKey: 'old', baseUrl: 'http://127.0.0.1:1/v1', defaultModel: 'm' },
    })
  })

  test('with another base URL both exist, and no key or header of the one goes to the other', () => {
    const { providers } = outcomeOf({ ...openrouter, OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:2/v1' })
    expect(providers).toMatchObject({
      'openai-compatible': { apiKey: undefined, headers: {}, name: 'OpenAI Compatible', preset: 'openai-compatible' },
      openrouter: { apiKey: 'old', headers: itsHeaders },
    })
  })

  test('every OPENAI_COMPATIBLE_ variable', () => {
    const { providers } = outcomeOf({
      OPENAI_COMPATIBLE_ENABLED: 'true',
      OPENAI_COMPATIBLE_API_KEY: ' key ',
      OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:2/v1/',
      OPENAI_COMPATIBLE_DEFAULT_MODEL: 'm',
      OPENAI_COMPATIBLE_PROVIDER_NAME: 'House',
      OPENAI_COMPATIBLE_TIMEOUT: '2.5',
      OPENAI_COMPATIBLE_CUSTOM_HEADERS: '{"X-Team":"search","X-Count":3}',
      OPENAI_COMPATIBLE_MAX_RETRIES: '0',
    })
    expect(providers).toMatchObject({
      'openai-compatible': {
        apiKey: 'key',
        baseUrl: 'http://127.0.0.1:2/v1',
        defaultModel: 'm',
        name: 'House',
        timeout: 2500,
        maxRetries: 0,
        headers: { 'x-team': 'search', 'x-count': '3' },
      },
    })
  })

  test('API_BASE is another name of BASE_URL, which wins', () => {
    const alias = { OPENAI_COMPATIBLE_API_BASE: 'http://127.0.0.1:3' }
    expect(outcomeOf(alias).providers).toMatchObject({ 'openai-compatible': { baseUrl: 'http://127.0.0.1:3' } })
    expect(outcomeOf({ ...alias, OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:4' }).providers).toMatchObject({
      'openai-compatible': { baseUrl: 'http://127.0.0.1:4' },
    })
  })

  test('ENABLED=false switches it off and leaves OpenRouter', () => {
    const environment = { ...openrouter, OPENAI_COMPATIBLE_API_KEY: 'new', OPENAI_COMPATIBLE_ENABLED: 'false' }
    expect(Object.keys(outcomeOf(environment).providers)).toEqual(['openrouter'])
  })

  test('ENABLED=true without a key is a mistake; a leftover setting is only warned of', () => {
    expect(outcomeOf({ OPENAI_COMPATIBLE_ENABLED: 'true' }).problems).toEqual([
      'providers.openai-compatible.api_key: OpenRouter needs a key: give api_key, or set OPENAI_COMPATIBLE_API_KEY (or OPENROUTER_API_KEY)',
    ])
    const { problems, warnings } = outcomeOf({ OPENAI_COMPATIBLE_TIMEOUT: '5' })
    expect(problems).toEqual([])
    expect(warnings).toEqual([
      'OPENAI_COMPATIBLE_TIMEOUT: without effect until OPENAI_COMPATIBLE_API_KEY or OPENAI_COMPATIBLE_BASE_URL is set',
    ])
  })

  test('a file wins over the variables of its provider', () => {
    const environment = {
      OPENAI_COMPATIBLE_API_KEY: 'env',
      OPENAI_COMPATIBLE_TIMEOUT: '5',
      OPENAI_COMPATIBLE_BASE_URL: 'http://a/v1',
    }
    expect(outcomeOf(environment, { providers: { openai_compatible: { timeout: 7 } } }).providers).toMatchObject({
      'openai-compatible': { apiKey: 'env', timeout: 7000, baseUrl: 'http://a/v1' },
    })
  })
})

describe('which provider by default', () => {
  const keys = { OPENAI_API_KEY: 'o', GROQ_API_KEY: 'g', MISTRAL_API_KEY: 'm' }
  test.each<[name: string, environment: Environment, expected: string | undefined]>([
    ['the only one', { GROQ_API_KEY: 'g' }, 'groq'],
    ['none of several', keys, undefined],
    ['the preferred', { ...keys, PREFERRED_PROVIDER: 'groq' }, 'groq'],
    ['in capitals', { ...keys, AI_PROVIDER: 'GROQ' }, 'groq'],
    [
      'PREFERRED_PROVIDER before AI_PROVIDER',
      { ...keys, PREFERRED_PROVIDER: 'mistral', AI_PROVIDER: 'groq' },
      'mistral',
    ],
    ['auto: OpenRouter first', { ...keys, OPENROUTER_API_KEY: 'r', AI_PROVIDER: 'auto' }, 'openrouter'],
    [
      'auto: OpenRouter by its new name',
      { ...keys, OPENAI_COMPATIBLE_API_KEY: 'r', AI_PROVIDER: 'auto' },
      'openai-compatible',
    ],
    ['auto: then OpenAI', { ...keys, AI_PROVIDER: 'auto' }, 'openai'],
    ['auto: then any', { GROQ_API_KEY: 'g', MISTRAL_API_KEY: 'm', AI_PROVIDER: 'auto' }, 'groq'],
    ['auto with nothing', { AI_PROVIDER: 'auto' }, undefined],
    [
      'openrouter means openai_compatible',
      { ...keys, OPENAI_COMPATIBLE_BASE_URL: 'http://a', OPENROUTER_API_KEY: 'r', PREFERRED_PROVIDER: 'openrouter' },
      'openai-compatible',
    ],
    [
      'or openrouter, where that is what is configured',
      { ...keys, OPENROUTER_API_KEY: 'r', PREFERRED_PROVIDER: 'openrouter' },
      'openrouter',
    ],
    [
      'openai_compatible finds openrouter too',
      { ...keys, OPENROUTER_API_KEY: 'r', PREFERRED_PROVIDER: 'openai_compatible' },
      'openrouter',
    ],
    [
      'AI_PROVIDER=openrouter means OpenRouter',
      { ...keys, OPENAI_COMPATIBLE_BASE_URL: 'http://a', OPENROUTER_API_KEY: 'r', AI_PROVIDER: 'openrouter' },
      'openrouter',
    ],
  ])('%s', (_, environment, expected) => {
    const { defaultProvider, problems } = outcomeOf(environment)
    expect(problems).toEqual([])
    expect(defaultProvider).toBe(expected)
  })

  test('a file wins over both', () => {
    const environment = { ...keys, PREFERRED_PROVIDER: 'mistral', AI_PROVIDER: 'nonsense' }
    expect(outcomeOf(environment, { default_provider: 'groq' }).defaultProvider).toBe('groq')
  })

  test('one that is not configured is a mistake that says the way out', () => {
    expect(outcomeOf({ ...keys, AI_PROVIDER: 'together' }).problems).toEqual([
      'environment variable AI_PROVIDER: names together, which is not configured; set TOGETHER_API_KEY, or add it to providers',
    ])
    expect(outcomeOf({ ...keys, AI_PROVIDER: 'grqo' }).problems).toEqual([
      'environment variable AI_PROVIDER: names grqo, which is no configured provider; did you mean groq?',
    ])
  })
})

describe('presets', () => {
  const offered = presets.filter(
    ({ local, retired, env, baseUrl }) => !local && !retired && env?.apiKey && !baseUrl?.includes('{'),
  )
  test.each(
    offered.flatMap(({ id, env, generic }) => (generic ? [] : (env?.apiKey ?? []).map((name) => [name, id] as const))),
  )('%s alone configures %s', (variable, id) => {
    const { providers, defaultProvider, problems, warnings } = outcomeOf({ [variable]: 'key' })
    expect(providers).toMatchObject({ [id]: { apiKey: 'key', preset: id } })
    expect(Object.keys(providers)).toEqual([id])
    expect({ defaultProvider, problems, warnings }).toEqual({ defaultProvider: id, problems: [], warnings: [] })
  })

  test.each([
    ['OLLAMA_BASE_URL', 'http://gpu:9999', 'http://gpu:9999/v1'],
    ['OLLAMA_BASE_URL', 'http://gpu:9999/v1/', 'http://gpu:9999/v1'],
    ['OLLAMA_HOST', 'gpu', 'http://gpu:11434/v1'],
    ['OLLAMA_HOST', 'gpu:1234', 'http://gpu:1234/v1'],
    ['OLLAMA_HOST', '0.0.0.0', 'http://127.0.0.1:11434/v1'],
    ['OLLAMA_HOST', '[::]:1234', 'http://[::1]:1234/v1'],
    ['OLLAMA_HOST', 'https://gpu.test', 'https://gpu.test/v1'],
  ])('%s=%s', (variable, value, baseUrl) => {
    expect(outcomeOf({ [variable]: value }).providers).toMatchObject({ ollama: { baseUrl, apiKey: undefined } })
  })

  test('a base URL in the environment is used with its key, and warned of without', () => {
    expect(
      outcomeOf({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://proxy/v1', OPENAI_ORG_ID: 'org' }).providers,
    ).toMatchObject({
      openai: { baseUrl: 'http://proxy/v1', headers: { 'openai-organization': 'org' } },
    })
    const { providers, warnings } = outcomeOf({ OPENAI_BASE_URL: 'http://proxy/v1' })
    expect(providers).toEqual({})
    expect(warnings).toEqual(['environment variable OPENAI_BASE_URL: without effect until OPENAI_API_KEY is set'])
  })

  test('a preset whose base URL lacks a part is left out with a warning', () => {
    const half = outcomeOf({ CLOUDFLARE_API_TOKEN: 't' })
    expect(half.providers).toEqual({})
    expect(half.warnings).toEqual([
      'environment variable CLOUDFLARE_API_TOKEN: without effect until CLOUDFLARE_ACCOUNT_ID is set',
    ])
    expect(outcomeOf({ CLOUDFLARE_API_TOKEN: 't', CLOUDFLARE_ACCOUNT_ID: 'abc' }).providers).toMatchObject({
      'cloudflare-workers-ai': { baseUrl: 'https://api.cloudflare.com/client/v4/accounts/abc/ai/v1' },
    })
  })

  test('a retired preset is left out with a warning', () => {
    const { providers, warnings } = outcomeOf({ ANYSCALE_API_KEY: 'k' })
    expect(providers).toEqual({})
    expect(warnings).toHaveLength(1)
  })
})

describe('the gateway', () => {
  test('every variable', () => {
    const environment = {
      SLUICE_HOST: '::1',
      SLUICE_PORT: '1',
      PORT: '2',
      SLUICE_KEYS: 'a, b,,',
      SLUICE_DATA_DIR: '/d',
      SLUICE_FAST_PATH: 'off',
      LOG_LEVEL: 'WARNING',
    }
    const { server, logLevel } = outcomeOf(environment, {
      server: { host: 'x', port: 3, fast_path: true },
      log_level: 'info',
    })
    expect(server).toMatchObject({ host: '::1', port: 1, dataDir: '/d', fastPath: false })
    expect((server as { keys: readonly { reveal(): string }[] }).keys.map((key) => key.reveal())).toEqual(['a', 'b'])
    expect(logLevel).toBe('warn')
    expect(outcomeOf({ PORT: '2' }).server).toMatchObject({ port: 2 })
  })

  test('an empty variable counts as unset', () => {
    const names = environmentVariables(presets).map(({ name }) => name)
    const { providers, problems, warnings } = outcomeOf(Object.fromEntries(names.map((name) => [name, ' '])))
    expect({ providers, problems, warnings }).toEqual({ providers: {}, problems: [], warnings: [] })
  })

  test.each([
    ['SLUICE_PORT', '99999', 'expected a whole number from 0 to 65535'],
    ['PORT', '80a', 'expected a whole number from 0 to 65535'],
    ['SLUICE_FAST_PATH', 'maybe', 'expected true or false'],
    ['LOG_LEVEL', 'loud', 'expected one of trace, debug, info, warn, error, silent'],
    ['OPENAI_COMPATIBLE_TIMEOUT', 'abc', 'expected a number of seconds from 0 to 86400, such as 30'],
    ['OPENAI_COMPATIBLE_MAX_RETRIES', '1.5', 'expected a whole number from 0 to 100'],
    ['OPENAI_COMPATIBLE_ENABLED', '2', 'expected true or false'],
    ['OPENAI_COMPATIBLE_CUSTOM_HEADERS', '{x', 'expected a JSON object of texts, such as {"X-Team":"search"}'],
    ['OPENAI_COMPATIBLE_CUSTOM_HEADERS', '["a"]', 'expected a JSON object of texts, such as {"X-Team":"search"}'],
    ['OPENAI_COMPATIBLE_CUSTOM_HEADERS', '{"a":{}}', 'expected a JSON object of texts, such as {"X-Team":"search"}'],
    ['OPENAI_COMPATIBLE_BASE_URL', 'here', 'expected a URL that starts with http:// or https://'],
    ['OPENROUTER_BASE_URL', 'ftp://x', 'expected a URL that starts with http:// or https://'],
  ])('%s=%s is a mistake', (name, value, message) => {
    const key = name.startsWith('OPENROUTER') ? { OPENROUTER_API_KEY: 'k' } : {}
    expect(outcomeOf({ ...key, [name]: value }).problems).toEqual([`environment variable ${name}: ${message}`])
  })
})
