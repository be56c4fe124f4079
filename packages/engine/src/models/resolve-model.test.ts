import { SluiceError } from '@sluice/protocol'
import { describe, expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import type { ConfigInput } from '../config/schema.ts'
import { providers as presets } from '../providers.generated.ts'
import { createModelCatalog } from './model-catalog.ts'
import { createModelRegistry } from './model-registry.ts'
import { createModelResolver, type ModelResolver } from './resolve-model.ts'

const key = { api_key: 'k' }
const openRouterList = [
  'openrouter/auto',
  'anthropic/claude-sonnet-5',
  'openai/gpt-4o',
  'openai/gpt-oss-120b',
  'x-ai/grok-4.7',
]
const lists: Record<string, readonly unknown[]> = {
  openai: ['gpt-6-sol', 'gpt-4o', 'o3-mini'],
  openrouter: openRouterList,
  groq: ['openai/gpt-oss-120b', 'llama-3.3-70b-versatile'],
  mistral: [{ id: 'mistral-medium-2508', aliases: ['mistral-medium-latest'] }],
  ollama: ['mistral:7b', 'llama3.2:latest'],
  lab: ['qwen', 'Kimi-K3'],
  fireworks: ['accounts/fireworks/models/kimi-k3'],
}

type Settings = Omit<ConfigInput, 'providers'> & { providers: NonNullable<ConfigInput['providers']> }

/** A resolver over these settings; `live` are the providers whose lists have arrived. */
async function resolverOf(settings: Settings, live: readonly string[] = []): Promise<ModelResolver> {
  const { providers, defaultProvider, models } = buildConfig({ presets, input: settings, environment: {} })
  const catalog = createModelCatalog({
    providers,
    now: () => 0,
    fetchModels: ({ id }) => (live.includes(id) ? Promise.resolve(lists[id]) : Promise.reject(new Error('down'))),
  })
  await catalog.refreshAll()
  return createModelResolver({
    registry: createModelRegistry({ providers, defaultProvider, models, catalog }),
    presets,
  })
}

/** `provider model rule`, or the error's code. */
function outcome(resolver: ModelResolver, name?: string): string {
  const { resolution, error, steps } = resolver.explain(name)
  return resolution === undefined
    ? (error?.code ?? '')
    : `${resolution.provider.id} ${resolution.model} by ${steps.at(-1)?.rule}`
}

function errorOf(resolver: ModelResolver, name?: string): SluiceError {
  try {
    resolver.resolve(name)
  } catch (error) {
    if (error instanceof SluiceError) return error
    throw error
  }
  throw new Error('it resolved')
}

describe('the rules, in their order', () => {
  const providers = {
    openai: key,
    openrouter: key,
    groq: key,
    mistral: key,
    ollama: {},
    lab: { base_url: 'http://127.0.0.1:9/v1' },
  }
  const models = [
    { id: 'lab/qwen', aliases: ['house-model', 'gpt-6-sol-cheap', 'v98store/gpt-4o-mini', 'llama-3.3-70b-versatile'] },
    { id: 'groq/openai/gpt-oss-120b', aliases: ['oss'] },
  ]
  const all = Object.keys(lists)

  it.each([
    // 1. config
    ['house-model', 'lab qwen by config'],
    ['v98store/gpt-4o-mini', 'lab qwen by config'],
    ['llama-3.3-70b-versatile', 'lab qwen by config'],
    ['lab/qwen', 'lab qwen by config'],
    ['oss', 'groq openai/gpt-oss-120b by config'],
    // 2. provider:model
    ['groq:llama-3.3-70b-versatile', 'groq llama-3.3-70b-versatile by provider:model'],
    ['openrouter:openai/gpt-4o', 'openrouter openai/gpt-4o by provider:model'],
    ['openrouter:gpt-4o', 'openrouter openai/gpt-4o by provider:model'],
    ['GROQ:not-listed', 'groq not-listed by provider:model'],
    // 3. provider/model
    ['openai/gpt-4o', 'openai gpt-4o by provider/model'],
    ['openrouter/openai/gpt-4o', 'openrouter openai/gpt-4o by provider/model'],
    ['openrouter/anthropic/claude-sonnet-5', 'openrouter anthropic/claude-sonnet-5 by provider/model'],
    ['openrouter/auto', 'openrouter openrouter/auto by provider/model'],
    ['openrouter/openai/gpt-4o:nitro', 'openrouter openai/gpt-4o:nitro by provider/model'],
    ['groq/openai/gpt-oss-120b', 'groq openai/gpt-oss-120b by config'],
    ['groq/groq/llama-3.3-70b-versatile', 'groq llama-3.3-70b-versatile by provider/model'],
    ['lab/kimi-k3', 'lab Kimi-K3 by provider/model'],
    ['openai/gpt-not-listed', 'openai gpt-not-listed by provider/model'],
    // 4. catalog: also where a provider named before the separator lacks it
    ['openai/gpt-oss-120b', 'openrouter openai/gpt-oss-120b by catalog'],
    ['mistral:7b', 'ollama mistral:7b by catalog'],
    ['anthropic/claude-sonnet-5', 'openrouter anthropic/claude-sonnet-5 by catalog'],
    ['mistral-medium-latest', 'mistral mistral-medium-latest by catalog'],
    ['gpt-4o', 'openai gpt-4o by catalog'],
    ['qwen', 'lab qwen by catalog'],
    // 5. owner: its list may spell it otherwise
    ['GPT-4o', 'openai gpt-4o by owner'],
    // 7. other providers, under another form of the name
    ['claude-sonnet-5', 'openrouter anthropic/claude-sonnet-5 by other-providers'],
    ['grok-4.7', 'openrouter x-ai/grok-4.7 by other-providers'],
    ['llama3.2', 'ollama llama3.2:latest by other-providers'],
    // Nothing
    ['gpt-5-typo', 'model_not_found'],
    ['groq:', 'model_not_found'],
    [':groq', 'model_not_found'],
    ['../groq', 'invalid_model_name'],
    ['https://evil.test/gpt-4o', 'invalid_model_name'],
    ['', 'invalid_model_name'],
  ])('%s → %s', async (name, expected) => {
    expect(outcome(await resolverOf({ providers, models }, all), name)).toBe(expected)
  })

  it('tells each step and why', async () => {
    const { steps } = (await resolverOf({ providers, models }, all)).explain('claude-sonnet-5')
    expect(steps.map(({ rule, outcome: result }) => `${rule} ${result}`)).toEqual([
      'config passed',
      'provider:model passed',
      'provider/model passed',
      'catalog passed',
      'provider passed',
      'owner passed',
      'default-provider passed',
      'other-providers matched',
    ])
    expect(steps.at(-1)?.detail).toBe('openrouter lists it as anthropic/claude-sonnet-5')
    for (const { detail } of steps) expect(detail).not.toBe('')
  })
})

describe('while lists are not known', () => {
  const providers = { openai: key, openrouter: key, mistral: key }

  it.each([
    ['gpt-9-brand-new', 'openai gpt-9-brand-new by owner'],
    ['openai/gpt-9-brand-new', 'openai gpt-9-brand-new by provider/model'],
    ['mistralai/mistral-new', 'mistral mistral-new by owner'],
    ['codestral-new', 'mistral codestral-new by owner'],
    ['claude-sonnet-9', 'openrouter anthropic/claude-sonnet-9 by other-providers'],
    ['anthropic/claude-sonnet-9', 'openrouter anthropic/claude-sonnet-9 by other-providers'],
    ['gpt-oss-120b', 'openrouter openai/gpt-oss-120b by other-providers'],
    ['something-else', 'model_not_found'],
  ])('%s → %s', async (name, expected) => {
    expect(outcome(await resolverOf({ providers }), name)).toBe(expected)
  })

  it('does not give another vendor’s model to a default provider that has its own', async () => {
    const resolver = await resolverOf({ providers, default_provider: 'openai' })
    expect(outcome(resolver, 'claude-sonnet-9')).toBe('openrouter anthropic/claude-sonnet-9 by other-providers')
    expect(outcome(resolver, 'gpt-oss-120b')).toBe('openrouter openai/gpt-oss-120b by other-providers')
    expect(outcome(resolver, 'something-else')).toBe('openai something-else by default-provider')
  })

  it('keeps bare names of no known family at a default provider of the user’s own', async () => {
    const lab = { base_url: 'http://127.0.0.1:9/v1' }
    const resolver = await resolverOf({ providers: { ...providers, lab }, default_provider: 'lab' })
    expect(outcome(resolver, 'llama-3.3-70b')).toBe('lab llama-3.3-70b by default-provider')
  })
})

describe('the default provider', () => {
  it('is the only one that is configured', async () => {
    const resolver = await resolverOf({ providers: { openrouter: key } })
    expect(outcome(resolver, 'gpt-4o')).toBe('openrouter openai/gpt-4o by default-provider')
    expect(outcome(resolver, 'openai/gpt-4o')).toBe('openrouter openai/gpt-4o by default-provider')
    expect(outcome(resolver, 'openai-compatible/gpt-4o')).toBe('openrouter openai/gpt-4o by provider/model')
    expect(outcome(resolver, 'openai_compatible:gpt-4o')).toBe('openrouter openai/gpt-4o by provider:model')
  })

  it('is not asked for what its known list lacks', async () => {
    const resolver = await resolverOf({ providers: { openrouter: key } }, ['openrouter'])
    expect(outcome(resolver, 'gpt-4o')).toBe('openrouter openai/gpt-4o by default-provider')
    const error = errorOf(resolver, 'gpt-4oo')
    expect(error).toMatchObject({ code: 'model_not_found', status: 404, param: 'model' })
    expect(error.message).toMatch(/Did you mean openrouter\/openai\/gpt-4o\b/)
  })

  it('goes first among those that list a model', async () => {
    const providers = { groq: key, openrouter: key }
    const live = ['groq', 'openrouter']
    expect(outcome(await resolverOf({ providers }, live), 'openai/gpt-oss-120b')).toBe(
      'groq openai/gpt-oss-120b by catalog',
    )
    const chosen = await resolverOf({ providers, default_provider: 'openrouter' }, live)
    expect(outcome(chosen, 'openai/gpt-oss-120b')).toBe('openrouter openai/gpt-oss-120b by catalog')
  })

  it('strips what only addresses a generic provider', async () => {
    const store = { type: 'openai_compatible', base_url: 'https://api.v98store.test/v1', ...key }
    const resolver = await resolverOf({ providers: { openai_compatible: store } })
    for (const name of ['gpt-4o', 'openai_compatible:gpt-4o', 'openai-compatible/gpt-4o', 'openrouter/gpt-4o']) {
      expect(resolver.resolve(name).model).toBe('gpt-4o')
    }
    expect(resolver.resolve('vendor/own-model').model).toBe('vendor/own-model')
  })

  it('gets the full name where it has a namespace', async () => {
    const waiting = await resolverOf({ providers: { fireworks: key } })
    expect(waiting.resolve('brand-new').model).toBe('accounts/fireworks/models/brand-new')
    expect(waiting.resolve('accounts/me/models/own').model).toBe('accounts/me/models/own')
    const live = await resolverOf({ providers: { fireworks: key } }, ['fireworks'])
    expect(live.resolve('kimi-k3').model).toBe('accounts/fireworks/models/kimi-k3')
    expect(live.resolve('accounts/fireworks/models/kimi-k3').model).toBe('accounts/fireworks/models/kimi-k3')
    expect(live.resolve('fireworks/kimi-k3').model).toBe('accounts/fireworks/models/kimi-k3')
  })
})

describe('without a name', () => {
  it.each<[string, Settings, string[], string]>([
    [
      'the config’s',
      { providers: { groq: { ...key, default_model: 'mine' } } },
      ['groq'],
      'groq mine by default-model',
    ],
    ['the preset’s', { providers: { groq: key } }, [], 'groq openai/gpt-oss-120b by default-model'],
    ['what the list still has', { providers: { openai: key } }, ['openai'], 'openai gpt-6-sol by default-model'],
    ['the first that is listed', { providers: { ollama: {} } }, ['ollama'], 'ollama mistral:7b by default-model'],
    [
      'stripped of its address',
      { providers: { groq: { ...key, default_model: 'groq/mine' } } },
      [],
      'groq mine by default-model',
    ],
    ['none', { providers: { ollama: {} } }, [], 'invalid_request'],
    ['no default provider', { providers: { groq: key, openai: key } }, [], 'invalid_request'],
    [
      'chosen among several',
      { providers: { groq: key, openai: key }, default_provider: 'openai' },
      [],
      'openai gpt-6-sol by default-model',
    ],
  ])('%s', async (_, settings, live, expected) => {
    expect(outcome(await resolverOf(settings, live))).toBe(expected)
  })
})

describe('demo', () => {
  const demo = { base_url: 'http://127.0.0.1:9/v1' }

  it('answers to its own names only', async () => {
    const resolver = await resolverOf({ providers: { demo } })
    expect(resolver.resolve().model).toBe('demo')
    for (const name of ['demo', 'demo/demo', 'demo:demo']) expect(resolver.resolve(name).provider.id).toBe('demo')
    for (const name of ['demo/gpt-4o', 'gpt-4o', 'anything']) expect(outcome(resolver, name)).toBe('model_not_found')
  })

  it('says which key is missing', async () => {
    const resolver = await resolverOf({ providers: { demo } })
    expect(errorOf(resolver, 'gpt-6-sol').message).toMatch(/Set OPENAI_API_KEY to use OpenAI, or OPENROUTER_API_KEY/)
    expect(errorOf(resolver, 'groq/llama').message).toMatch(/Set GROQ_API_KEY to use Groq/)
    expect(errorOf(resolver, 'claude-sonnet-5').message).toMatch(/OPENROUTER_API_KEY to use OpenRouter/)
    expect(errorOf(resolver, 'whatever').message).toMatch(/No AI provider is configured/)
  })

  it('shadows no real provider', async () => {
    const lab = { base_url: 'http://127.0.0.1:9/v1', models: ['demo'] }
    const resolver = await resolverOf({ providers: { demo, lab } })
    expect(outcome(resolver, 'demo')).toBe('lab demo by catalog')
    expect(outcome(resolver, 'anything')).toBe('lab anything by default-provider')
    expect(resolver.resolve('demo/demo').provider.id).toBe('demo')
  })
})

describe('config’s models', () => {
  it('exist though the provider does not list them', async () => {
    const models = [{ id: 'groq/hidden', aliases: ['secret-one'] }]
    const resolver = await resolverOf({ providers: { groq: key }, models }, ['groq'])
    expect(outcome(resolver, 'hidden')).toBe('groq hidden by catalog')
    expect(outcome(resolver, 'secret-one')).toBe('groq hidden by config')
  })

  it('reach servers that name a model after its file', async () => {
    const models = [{ id: 'lab//models/qwen.gguf', aliases: ['qwen-file'] }]
    const resolver = await resolverOf({ providers: { lab: { base_url: 'http://127.0.0.1:9/v1' } }, models })
    expect(resolver.resolve('qwen-file').model).toBe('/models/qwen.gguf')
  })

  it('describe the model', async () => {
    const models = [{ id: 'lab/qwen', name: 'Qwen (lab)', context_window: 128_000, capabilities: ['chat', 'tools'] }]
    const resolver = await resolverOf({ providers: { lab: { base_url: 'http://127.0.0.1:9/v1' } }, models }, ['lab'])
    expect(resolver.resolve('qwen').entry).toMatchObject({
      id: 'lab/qwen',
      name: 'Qwen (lab)',
      contextWindow: 128_000,
      capabilities: ['chat', 'tools'],
      source: 'config',
    })
  })
})

it('knows what a provider declared in config owns', async () => {
  const acme = {
    type: 'openai_compatible',
    name: 'Acme',
    base_url: 'https://api.acme.test/v1',
    models: ['rocket-2', 'rocket-2-mini'],
    owns: ['rocket-*'],
    ...key,
  }
  const resolver = await resolverOf({ providers: { acme, groq: key } }, ['groq'])
  expect(outcome(resolver, 'rocket-2')).toBe('acme rocket-2 by catalog')
  expect(outcome(resolver, 'rocket-3')).toBe('acme rocket-3 by owner')
  expect(outcome(resolver, 'acme/rocket-2')).toBe('acme rocket-2 by provider/model')
})

it('says so when there is no provider at all', async () => {
  const resolver = await resolverOf({ providers: {} })
  expect(outcome(resolver, 'gpt-4o')).toBe('no_provider_configured')
  expect(outcome(resolver)).toBe('no_provider_configured')
})

it('gives the same answer for the same revision', async () => {
  const resolver = await resolverOf({ providers: { openai: key, openrouter: key } }, ['openai', 'openrouter'])
  const revision = resolver.revision()
  expect(resolver.explain('gpt-4o').resolution).toEqual(resolver.explain('gpt-4o').resolution)
  expect(resolver.revision()).toBe(revision)
})
