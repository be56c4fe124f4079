import { type ChatDialect, SluiceError } from '@sluice/protocol'
import { expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import type { ConfigInput, ProviderInput } from '../config/schema.ts'
import { createModelCatalog } from '../models/model-catalog.ts'
import { createModelRegistry } from '../models/model-registry.ts'
import { createModelResolver } from '../models/resolve-model.ts'
import { providers as presets } from '../providers.generated.ts'
import { planWithoutTranslation } from '../dispatch/plan.ts'
import { compileCondition } from './condition.ts'
import { createRouteFinder } from './find-route.ts'
import type { Route } from './route-plan.ts'
import { factsOf } from './route-request.ts'
import { createTargetStates, type TargetState } from './target-state.ts'
import { strategies } from '../strategies.generated.ts'

// Of a dialect only its id and path are looked at.
const dialect = { id: 'openai-chat', operation: 'chat', path: () => '/chat/completions' } as unknown as ChatDialect

function setUp(
  lists: { models: string[] },
  routes: NonNullable<ConfigInput['routes']> = {},
  options: ProviderInput = {},
) {
  const lab = {
    type: 'openai_compatible',
    base_url: 'http://127.0.0.1:9/api/v1',
    api_key: 'k',
    timeout: 3,
    max_retries: 4,
  }
  const input = { providers: { lab: { ...lab, ...options } }, routes }
  const config = buildConfig({ presets, input, condition: compileCondition })
  const { providers, models } = config
  const catalog = createModelCatalog({ providers, fetchModels: () => Promise.resolve(lists.models), now: () => 0 })
  const resolver = createModelResolver({ registry: createModelRegistry({ providers, models, catalog }), presets })
  const findRoute = createRouteFinder({
    resolver,
    routes: config.routes,
    dialect,
    findPlan: planWithoutTranslation,
    states: createTargetStates({}),
    strategies,
    context: { random: () => 0 },
    queue: { queue: 1, patience: 1 },
    // Models are called by what they cost.
    estimateCost: ({ model }) => (/^\d+$/.test(model) ? Number(model) : undefined),
  })
  return { catalog, findRoute, find: (name: string) => onlyOf(findRoute(name)) }
}

function onlyOf({ only }: Route) {
  if (only === undefined) throw new Error('there is a choice')
  return only
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

it('finds a route of config before any model, with its targets and those of routes below', () => {
  const { findRoute } = setUp(
    { models: [] },
    {
      smart: {
        strategy: 'weighted',
        targets: [{ model: 'lab/a', weight: 3, when: 'stream', max_concurrent: 2 }, 'cheap'],
        retries: 0,
        timeout: 20,
        on_error: { overloaded: 'fail' },
        fallbacks: { context_window: ['lab/long', 'lab/longer'] },
        hedge: true,
      },
      cheap: { targets: ['lab/b', 'lab/c'] },
      alone: { targets: ['lab/a'] },
    },
  )
  const smart = findRoute('smart')
  expect(smart.only).toBeUndefined()
  expect(smart.candidates.map(({ name, weight, condition }) => [name, weight, condition?.text])).toEqual([
    ['lab/a', 3, 'stream'],
    ['cheap', 1, undefined],
  ])
  expect(smart.candidates[1]?.route?.candidates.map(({ name }) => name)).toEqual(['lab/b', 'lab/c'])
  expect(smart.policy).toMatchObject({ maxRetries: 0, timeout: 20_000, onError: { overloaded: 'fail' } })
  expect(smart.policy.fallbacks['context-window']?.candidates.map(({ name }) => name)).toEqual([
    'lab/long',
    'lab/longer',
  ])
  expect(smart.policy.hedge).toMatchObject({ delay: undefined, maxExtra: 0.05 })
  expect(smart.candidates[0]?.target?.state.limit?.full).toBe(false)
  // Nothing is to be chosen, so nothing is spent on it; and the same target has the same state by every name.
  expect(findRoute('alone').only?.state).toBe(smart.candidates[0]?.target?.state)
})

it('takes a route below another for as cheap as the cheapest of its targets, where the price of one is known', () => {
  const routes = {
    smart: { targets: ['mixed', 'unknown'] },
    mixed: { targets: ['lab/9', 'lab/3', 'lab/x'] },
    unknown: { targets: ['lab/x'] },
  }
  const { candidates } = setUp({ models: [] }, routes).findRoute('smart')
  const request = factsOf({
    dialect,
    peek: { stream: false },
    body: new Uint8Array(),
    callerHeaders: {},
    principal: 'local',
    facts: undefined,
  })
  expect(candidates.map((candidate) => candidate.estimatedCost(request))).toEqual([3, undefined])
})

it('learns how long every target takes of a route that hedges, also those below a candidate', () => {
  const routes = { smart: { targets: ['lab/a', 'cheap'], hedge: true }, cheap: { targets: ['lab/b'] } }
  const { candidates } = setUp({ models: [] }, routes, { api_keys: ['l'] }).findRoute('smart')
  const states = (all: Route['candidates']): TargetState[] =>
    all.flatMap(({ target, route }) => (target === undefined ? states(route?.candidates ?? []) : [target.state]))
  expect(states(candidates).map(({ id, recent }) => [id, recent !== undefined])).toEqual([
    ['lab/a', true],
    ['lab/a#2', true],
    ['lab/b', true],
    ['lab/b#2', true],
  ])
})

it.for<[string, NonNullable<ConfigInput['routes']>, string]>([
  ['a strategy that there is not', { a: { strategy: 'luck', targets: ['x'] } }, 'there is no strategy luck'],
  ['an option that a strategy has not', { a: { strategy: { name: 'sticky', by: 'mood' }, targets: ['x'] } }, 'by: exp'],
  ['a circle', { a: { targets: ['b'] }, b: { targets: ['a'] } }, 'leads back to itself: a → b → a'],
  ['a circle by a fallback', { a: { targets: ['x'], fallbacks: { content_policy: 'a' } } }, 'a → a'],
  [
    'places at a route, which has none of its own',
    { a: { targets: [{ model: 'b', max_concurrent: 2 }] }, b: { targets: ['x'] } },
    'routes.a.targets[0].max_concurrent: b is a route',
  ],
  ['no expression', { a: { targets: [{ model: 'x', when: 'stream &&' }] } }, 'cannot be read'],
  ['an expression that is no question', { a: { targets: [{ model: 'x', when: 'model' }] } }, 'not true or false'],
  ['an unknown variable', { a: { targets: [{ model: 'x', when: 'secret == 1' }] } }, 'cannot be read'],
  ['an unknown error', { a: { targets: ['x'], on_error: { sadness: 'retry' } } }, 'names no error code'],
])('refuses %s', ([, routes, expected]) => {
  expect(() => buildConfig({ presets, input: { routes }, condition: compileCondition })).toThrow(expected)
})
