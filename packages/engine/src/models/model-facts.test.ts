import { noUsage } from '@sluice/protocol'
import { expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import { costOf } from '../money/cost-of.ts'
import { rateFor } from '../money/model-price.ts'
import { providers as presets } from '../providers.generated.ts'
import { createModelCatalog } from './model-catalog.ts'
import { createModelFacts, type ModelFactsSource } from './model-facts.ts'
import { createModelRegistry, type ModelRegistry } from './model-registry.ts'

const lists: Record<string, unknown> = {
  openai: { data: [{ id: 'gpt-6-sol' }, { id: 'gpt-4o' }, { id: 'text-embedding-3-small' }, { id: 'wizard-9' }] },
  lab: {
    data: [
      {
        id: 'priced',
        pricing: { prompt: '0.000002', completion: '0.00001', input_cache_read: '0.0000002', image: '0' },
      },
      { id: 'free', pricing: { prompt: '0', completion: '0' } },
      { id: 'not-by-token', pricing: { hourly: 0, input: 0, output: 0 } },
    ],
  },
}

async function setUp(): Promise<{ facts: ModelFactsSource; registry: ModelRegistry }> {
  const { providers, defaultProvider, models } = buildConfig({
    presets,
    environment: {},
    input: {
      default_provider: 'openai',
      providers: { openai: { api_key: 'k' }, groq: { api_key: 'k' }, lab: { base_url: 'http://127.0.0.1:9/v1' } },
      models: [
        { id: 'openai/gpt-4o', capabilities: ['chat'], context_window: 1000, price: { input: 0.0375, output: 9 } },
      ],
    },
  })
  const catalog = createModelCatalog({ providers, now: () => 0, fetchModels: ({ id }) => Promise.resolve(lists[id]) })
  const facts = createModelFacts()
  await catalog.refreshAll()
  return { facts, registry: createModelRegistry({ providers, defaultProvider, models, catalog, facts }) }
}

const model = (registry: ModelRegistry, id: string) => registry.snapshot().models.find((entry) => entry.id === id)

it('knows context, output and price of bundled models once the table is loaded', async () => {
  const { facts, registry } = await setUp()
  const before = registry.revision()
  expect(model(registry, 'openai/gpt-6-sol')).toMatchObject({ contextWindow: undefined, price: undefined })
  await facts.load()
  expect(registry.revision()).not.toBe(before)
  expect(model(registry, 'openai/gpt-6-sol')).toMatchObject({
    contextWindow: 1_050_000,
    capabilities: ['chat', 'streaming', 'tools', 'json-schema', 'vision', 'reasoning'],
  })
  const input = model(registry, 'openai/gpt-6-sol')?.price?.periods[0]?.rates.input ?? 0
  expect([rateFor(input, 272_000), rateFor(input, 272_001)]).toEqual([2_000_000, 4_000_000])
})

it('says nothing of a model that nobody knows', async () => {
  const { facts, registry } = await setUp()
  await facts.load()
  expect(model(registry, 'openai/wizard-9')).toMatchObject({
    price: undefined,
    contextWindow: undefined,
    capabilities: [],
  })
  expect(model(registry, 'openai/text-embedding-3-small')).toMatchObject({ capabilities: ['embeddings'] })
})

it('lets config win over all, and the provider over the table', async () => {
  const { facts, registry } = await setUp()
  await facts.load()
  expect(model(registry, 'openai/gpt-4o')).toMatchObject({
    contextWindow: 1000,
    capabilities: ['chat'],
    price: { version: 'config', periods: [{ rates: { input: 37_500, output: 9_000_000 } }] },
  })
  expect(model(registry, 'lab/priced')?.price).toMatchObject({
    version: 'provider list',
    periods: [{ rates: { input: 2_000_000, output: 10_000_000, cacheRead: 200_000 } }],
  })
})

it('tells a free model from one whose price is not told', async () => {
  const { registry } = await setUp()
  expect(model(registry, 'lab/free')?.price?.periods[0]?.rates).toEqual({ input: 0, output: 0 })
  expect(model(registry, 'lab/not-by-token')?.price).toBeUndefined()
})

it('prices a model that is sent without being listed', async () => {
  const { facts, registry } = await setUp()
  await facts.load()
  const [openai] = registry.providers
  if (openai === undefined) throw new Error('no provider')
  expect(registry.priceOf(openai, 'gpt-4.1-2025-04-14')?.periods[0]?.rates.input).toBe(2_000_000)
  expect(registry.priceOf(openai, 'gpt-4o')?.version).toBe('config')
  expect(registry.priceOf(openai, 'wizard-10')).toBeUndefined()
})

it('bills audio for as much as the provider does at the least', async () => {
  const { facts, registry } = await setUp()
  await facts.load()
  const groq = registry.providers.find(({ id }) => id === 'groq')!
  const price = registry.priceOf(groq, 'whisper-large-v3-turbo')
  const cost = (audioSeconds: number): number | null =>
    costOf({ ...noUsage, audioSeconds }, price, { when: 1_790_000_000_000 }).nanoDollars
  expect(cost(1)).toBe(cost(10))
  expect(cost(3600)).toBe(40_000_000)
  expect(cost(0)).toBe(0)
})

it('knows families in every spelling of their names', () => {
  const { find } = createModelFacts()
  for (const name of ['claude-sonnet-5', 'anthropic/claude-sonnet-5', 'us.anthropic.claude-sonnet-5-v1:0']) {
    expect(find('any', name).capabilities).toContain('vision')
  }
  expect(find('any', 'ft:gpt-4o:acme::id').capabilities).toContain('tools')
  expect(find('any', '@cf/openai/gpt-oss-120b').capabilities).toContain('reasoning')
  expect(['o3', 'gpt-4o', 'gpt-4.1-mini', 'gpt-6-sol', 'own'].map((name) => find('any', name).maxOutput)).toEqual([
    100_000,
    16_384,
    32_768,
    128_000,
    undefined,
  ])
})
