import { SluiceError } from '@sluice/protocol'
import { expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import { providers as presets } from '../providers.generated.ts'
import { createModelCatalog, type ModelCatalogOptions } from './model-catalog.ts'

const minute = 60_000
const { providers } = buildConfig({
  presets,
  environment: {},
  input: {
    providers: { groq: { api_key: 'k' }, perplexity: { api_key: 'k' }, lab: { base_url: 'http://127.0.0.1:9/v1' } },
  },
})
const fallback = presets.find(({ id }) => id === 'groq')?.models?.fallback

/** A catalog with a clock in the test's hands and a provider that answers what the test says. */
function setUp(answer: (id: string) => unknown, options: Partial<ModelCatalogOptions> = {}) {
  const clock = { time: 1_000_000 }
  const calls: string[] = []
  const catalog = createModelCatalog({
    providers,
    now: () => clock.time,
    fetchModels: (provider) => {
      calls.push(provider.id)
      return Promise.resolve(answer(provider.id))
    },
    ...options,
  })
  const idsOf = (id: string): string[] => catalog.models(id).models.map((model) => model.id)
  return { catalog, clock, calls, idsOf }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

it('answers at once with the fallback list, then with what the provider said', async () => {
  const { catalog, idsOf } = setUp(() => ['a', 'b'])
  expect(catalog.models('groq')).toMatchObject({ source: 'fallback', authoritative: false, fetchedAt: undefined })
  expect(idsOf('groq')).toEqual(fallback)
  await settle()
  expect(catalog.models('groq')).toMatchObject({ source: 'live', authoritative: true, fetchedAt: 1_000_000 })
  expect(idsOf('groq')).toEqual(['a', 'b'])
})

it('asks once for a list while it is fresh, and serves it stale while it asks again', async () => {
  let list = ['old']
  const { catalog, clock, calls, idsOf } = setUp(() => list)
  await catalog.refreshAll()
  list = ['new']
  clock.time += 9 * minute
  expect(idsOf('groq')).toEqual(['old'])
  await settle()
  expect(calls.filter((id) => id === 'groq')).toHaveLength(1)

  clock.time += 2 * minute
  expect(idsOf('groq')).toEqual(['old'])
  await settle()
  expect(idsOf('groq')).toEqual(['new'])
  expect(calls.filter((id) => id === 'groq')).toHaveLength(2)
})

it('asks nobody while it is told not to', async () => {
  const { catalog, calls, idsOf } = setUp(() => ['a'])
  expect(catalog.unasked(() => [idsOf('groq'), catalog.revision()])).toEqual([fallback, 0])
  expect(calls).toEqual([])
  expect(() =>
    catalog.unasked(() => {
      throw new Error('No.')
    }),
  ).toThrow('No.')
  catalog.revision()
  await settle()
  expect(idsOf('groq')).toEqual(['a'])
})

it('makes one call of many wishes', async () => {
  const { catalog, calls } = setUp(() => ['a'])
  const all = await Promise.all([catalog.refresh('groq'), catalog.refresh('groq'), catalog.refreshAll()])
  catalog.models('groq')
  expect(calls.filter((id) => id === 'groq')).toHaveLength(1)
  expect(all[0]?.source).toBe('live')
})

it('never asks a provider that has no list', async () => {
  const { catalog, calls } = setUp(() => ['a'])
  catalog.models('perplexity')
  await catalog.refresh('perplexity')
  expect(calls).not.toContain('perplexity')
  expect(catalog.models('perplexity')).toMatchObject({ source: 'fallback', authoritative: false, problem: undefined })
})

it.each<[string, () => unknown, RegExp]>([
  ['fails', () => Promise.reject(new SluiceError('upstream_unreachable', 'No connection.')), /^No connection\.$/],
  [
    'fails with what may hold secrets',
    () => Promise.reject(new Error('sk-secret')),
    /^Its list of models could not be fetched\.$/,
  ],
  ['answers with something else', () => '<html>', /no list of models/],
  ['lists nothing', () => ({ data: [] }), /is empty/],
])('keeps the fallback list when the provider %s', async (_, answer, problem) => {
  const { catalog, idsOf } = setUp(answer)
  const refreshed = await catalog.refresh('groq')
  expect(refreshed).toMatchObject({ source: 'fallback', authoritative: false })
  expect(refreshed.problem).toMatch(problem)
  expect(idsOf('groq')).toEqual(fallback)
})

it('survives a fetcher that throws at once', async () => {
  const { catalog } = setUp(() => undefined, {
    fetchModels: () => {
      throw new Error('not even a promise')
    },
  })
  await expect(catalog.refreshAll()).resolves.toBeUndefined()
  expect(catalog.models('groq').source).toBe('fallback')
})

it('keeps a list that it has when the provider goes down, and asks ever less often', async () => {
  let up = true
  const { catalog, clock, calls, idsOf } = setUp(() => (up ? ['a'] : Promise.reject(new Error('down'))))
  await catalog.refresh('groq')
  up = false
  clock.time += 11 * minute
  const attempts: number[] = []
  for (let second = 0; second < 300; second += 10, clock.time += 10_000) {
    const before = calls.filter((id) => id === 'groq').length
    expect(idsOf('groq')).toEqual(['a'])
    await settle()
    if (calls.filter((id) => id === 'groq').length > before) attempts.push(second)
  }
  expect(attempts).toEqual([0, 30, 90, 210])
  expect(catalog.models('groq')).toMatchObject({ source: 'live', authoritative: true })
  expect(catalog.models('groq').problem).toBeDefined()
})

it('changes its revision when a list changes, and only then', async () => {
  let list = ['a']
  const { catalog } = setUp((id) => (id === 'groq' ? list : Promise.reject(new Error('down'))))
  await catalog.refreshAll()
  const first = catalog.revision()
  await catalog.refreshAll()
  expect(catalog.revision()).toBe(first)
  list = ['a', 'b']
  await catalog.refreshAll()
  expect(catalog.revision()).not.toBe(first)
})

it('asking for the revision is enough to keep lists fresh', async () => {
  const { catalog, clock, calls } = setUp(() => ['a'])
  catalog.revision()
  await settle()
  clock.time += 11 * minute
  catalog.revision()
  await settle()
  expect(calls.filter((id) => id === 'lab')).toHaveLength(2)
})

it('takes part of a list for what it is', async () => {
  const { catalog } = setUp(() => ({ data: ['a'], has_more: true }))
  expect(await catalog.refresh('groq')).toMatchObject({ source: 'live', authoritative: false })
})

it('refuses a provider that is not configured', () => {
  const { catalog } = setUp(() => [])
  expect(() => catalog.models('nobody')).toThrow(expect.objectContaining({ code: 'provider_not_found' }))
})
