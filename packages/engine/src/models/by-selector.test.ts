import { describe, expect, it } from 'vitest'
import { buildConfig } from '../config/build-config.ts'
import type { ConfigInput } from '../config/schema.ts'
import { providers as presets } from '../providers.generated.ts'
import { createModelCatalog } from './model-catalog.ts'
import { createModelRegistry } from './model-registry.ts'
import { createModelResolver, type ModelResolver } from './resolve-model.ts'

const key = { api_key: 'k' }

function resolverOf(input: ConfigInput): ModelResolver {
  const { providers, defaultProvider, models, selectors } = buildConfig({ presets, input, environment: {} })
  const catalog = createModelCatalog({ providers, now: () => 0, fetchModels: () => Promise.reject(new Error('down')) })
  return createModelResolver({
    registry: createModelRegistry({ providers, defaultProvider, models, catalog }),
    presets,
    selectors,
  })
}

const chosen = (resolver: ModelResolver, name: string): string => {
  const { resolution, error } = resolver.explain(name)
  return resolution === undefined ? (error?.code ?? '') : `${resolution.provider.id} ${resolution.model}`
}

describe('tiers and tasks as model names', () => {
  it('mean a model of the provider at hand', () => {
    expect(chosen(resolverOf({ providers: { openai: key } }), 'tier:fast')).toBe('openai gpt-6-luna')
    expect(chosen(resolverOf({ providers: { groq: key } }), 'tier:powerful')).toBe('groq openai/gpt-oss-120b')
    expect(chosen(resolverOf({ providers: { mistral: key } }), 'tier:balanced')).toBe('mistral mistral-medium-latest')
    expect(chosen(resolverOf({ providers: { openai: key } }), 'task:code')).toBe('openai gpt-6-astra')
    expect(chosen(resolverOf({ providers: { openai: key } }), 'task:simple')).toBe('openai gpt-6-luna')
  })

  it('prefer the default provider, and fall back to its default model', () => {
    const both = { groq: key, openai: key }
    expect(chosen(resolverOf({ providers: both, default_provider: 'openai' }), 'tier:fast')).toBe('openai gpt-6-luna')
    const lab = { lab: { base_url: 'http://127.0.0.1:9/v1', default_model: 'qwen' } }
    const { resolution } = resolverOf({ providers: lab }).explain('tier:fast')
    expect(resolution?.model).toBe('qwen')
    expect(resolution?.steps).toEqual([
      {
        rule: 'tier-or-task',
        outcome: 'matched',
        detail: 'no provider lists a model of tier:fast; this is the default model of lab',
      },
    ])
  })

  it("are config's where it says so, in any name that callers may use", () => {
    const resolver = resolverOf({
      providers: { openai: key, groq: key },
      models: [{ id: 'groq/openai/gpt-oss-20b', aliases: ['little'] }],
      tiers: { fast: 'little', balanced: ['absent:model', 'groq/openai/gpt-oss-120b'], house: 'openai:gpt-6-sol' },
      tasks: { code: 'tier:balanced', complex: 'tier:powerful' },
    })
    expect(chosen(resolver, 'tier:fast')).toBe('groq openai/gpt-oss-20b')
    expect(chosen(resolver, 'tier:balanced')).toBe('groq openai/gpt-oss-120b')
    expect(chosen(resolver, 'tier:house')).toBe('openai gpt-6-sol')
    expect(chosen(resolver, 'task:code')).toBe('groq openai/gpt-oss-120b')
    expect(chosen(resolver, 'task:complex')).toBe('openai gpt-6-astra')
    expect(chosen(resolver, 'task:simple')).toBe('groq openai/gpt-oss-20b')
  })

  it('say what is wrong when they mean nothing', () => {
    const resolver = resolverOf({
      providers: { openai: key },
      tiers: { fast: 'task:loop', balanced: 'nowhere:x/' },
      tasks: { loop: 'tier:fast' },
    })
    expect(chosen(resolver, 'tier:fast')).toBe('model_not_found')
    expect(resolver.explain('tier:fast').steps[0]?.detail).toContain('it stands for itself')
    expect(resolver.explain('tier:none').steps[0]).toMatchObject({ outcome: 'passed', detail: 'there is no tier:none' })
    expect(resolver.explain('tier:none').error).toMatchObject({
      code: 'model_not_found',
      message: expect.stringMatching(
        /^There is no "tier:none": there are tier:fast, tier:balanced, tier:powerful/,
      ) as string,
    })
    expect(resolver.explain('task:none').error?.message).toMatch(/: there are task:simple, task:complex, /)
    expect(chosen(resolver, 'tier:none')).toBe('model_not_found')
  })
})
