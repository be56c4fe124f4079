import { type ChatDialect, SluiceError } from '@sluice/protocol'
import { expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import { createModelCatalog } from '../models/model-catalog.ts'
import { createModelRegistry } from '../models/model-registry.ts'
import { createModelResolver } from '../models/resolve-model.ts'
import { providers as presets } from '../providers.generated.ts'
import { createTargetFinder } from './find-target.ts'

// Of a dialect only its id and path are looked at.
const dialect = { id: 'openai-chat', operation: 'chat', path: () => '/chat/completions' } as unknown as ChatDialect

function setUp(lists: { models: string[] }) {
  const lab = {
    type: 'openai_compatible',
    base_url: 'http://127.0.0.1:9/api/v1',
    api_key: 'k',
    timeout: 3,
    max_retries: 4,
  }
  const { providers, models } = buildConfig({ presets, input: { providers: { lab } } })
  const catalog = createModelCatalog({ providers, fetchModels: () => Promise.resolve(lists.models), now: () => 0 })
  const resolver = createModelResolver({ registry: createModelRegistry({ providers, models, catalog }), presets })
  return { catalog, find: createTargetFinder(resolver, dialect, new Map()) }
}

it('finds a target ready to be called, once for each name', () => {
  const { find } = setUp({ models: [] })
  const target = find('lab/qwen')
  expect(target).toMatchObject({
    model: 'qwen',
    maxRetries: 4,
    timeouts: { connect: 3000, firstByte: 3000, idle: 3000 },
  })
  expect(target.destination).toMatchObject({ origin: 'http://127.0.0.1:9', path: '/api/v1/chat/completions' })
  expect(target.destination.headers).toContain('Bearer k')
  expect(find('lab/qwen')).toBe(target)
  expect(find('qwen').model).toBe('qwen')
})

it('finds anew when the models have changed', async () => {
  const lists = { models: ['small'] }
  const { catalog, find } = setUp(lists)
  expect(find('large').model).toBe('large')
  await catalog.refreshAll()
  expect(() => find('large')).toThrow(SluiceError)
  lists.models = ['small', 'large']
  await catalog.refreshAll()
  expect(find('large').model).toBe('large')
})

it('forgets names before they fill the memory, and goes on', () => {
  const { find } = setUp({ models: [] })
  const first = find('model-0')
  for (let index = 1; index < 3_000; index++) expect(find(`model-${index}`).model).toBe(`model-${index}`)
  expect(find('model-0')).not.toBe(first)
})
