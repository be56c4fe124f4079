import { expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import type { ConfigInput } from '../config/schema.ts'
import { providers as presets } from '../providers.generated.ts'
import { createModelCatalog, type ModelCatalog } from './model-catalog.ts'
import { createModelRegistry, type ModelRegistry } from './model-registry.ts'

const input: ConfigInput = {
  default_provider: 'lab',
  providers: {
    demo: { base_url: 'http://127.0.0.1:9/v1' },
    fireworks: { api_key: 'k' },
    lab: { base_url: 'http://127.0.0.1:9/v1', default_model: 'lab/spare' },
  },
  models: [
    { id: 'lab/qwen', name: 'Qwen (lab)', aliases: ['house-model'], context_window: 128_000 },
    { id: 'elsewhere/model', aliases: ['lost'] },
  ],
}

const lists: Record<string, unknown> = {
  fireworks: { data: [{ id: 'accounts/fireworks/models/kimi-k3', owned_by: 'fireworks', context_length: 1000 }] },
  lab: { data: [{ id: 'qwen', max_model_len: 32_768 }, { id: 'other' }] },
}

function setUp(): { catalog: ModelCatalog; registry: ModelRegistry } {
  const { providers, defaultProvider, models } = buildConfig({ presets, input, environment: {} })
  const catalog = createModelCatalog({ providers, now: () => 0, fetchModels: ({ id }) => Promise.resolve(lists[id]) })
  return { catalog, registry: createModelRegistry({ providers, defaultProvider, models, catalog }) }
}

it('lists every model under its provider: the default one first, the stand-in last', async () => {
  const { catalog, registry } = setUp()
  expect(registry.snapshot().models.map(({ id }) => id)).toContain('lab/spare')
  await catalog.refreshAll()
  expect(registry.snapshot().models.map(({ id, source }) => `${id} ${source}`)).toEqual([
    'lab/qwen config',
    'lab/other live',
    'fireworks/kimi-k3 live',
    'demo/demo fallback',
  ])
})

it('lays config over what providers tell', async () => {
  const { catalog, registry } = setUp()
  await catalog.refreshAll()
  const [qwen, , kimi] = registry.snapshot().models
  expect(qwen).toMatchObject({ upstreamId: 'qwen', contextWindow: 128_000 })
  expect(kimi).toMatchObject({
    name: 'kimi-k3',
    upstreamId: 'accounts/fireworks/models/kimi-k3',
    ownedBy: 'fireworks',
    contextWindow: 1000,
    maxOutput: undefined,
  })
})

it('knows every alias, and which of them lead nowhere', () => {
  const { configured, orphaned } = setUp().registry.snapshot()
  for (const name of ['lab/qwen', 'house-model']) expect(configured.get(name)?.id).toBe('lab/qwen')
  expect(orphaned.get('lost')).toBe('elsewhere/model')
})

it('works its maps out once for each revision', async () => {
  const { catalog, registry } = setUp()
  const first = registry.snapshot()
  expect(registry.snapshot()).toBe(first)
  await catalog.refreshAll()
  expect(registry.snapshot()).not.toBe(first)
})
