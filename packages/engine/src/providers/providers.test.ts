import { operationDialects } from '@sluice/protocol/dialects'
import { describe, expect, it } from 'vitest'
import type { ConfiguredProvider } from '../config/config.ts'
import { createModelCatalog } from '../models/model-catalog.ts'
import { modelNameProblem } from '../models/sanitize-model-name.ts'
import { fillBaseUrl } from '../provider-kit/base-url-template.ts'
import { destinationFor, healthDestination, modelsDestination } from '../provider-kit/destination.ts'
import { detectProvider, hostsOf } from '../provider-kit/detect-provider.ts'
import type { Provider } from '../provider-kit/provider.ts'
import { readQuirk } from '../provider-kit/read-quirk.ts'
import { Secret } from '../provider-kit/secret.ts'
import { providers } from '../providers.generated.ts'

const dialects = [
  ...'openai-chat openai-responses openai-completions anthropic-messages gemini-generate bedrock-converse'.split(' '),
  ...'openai-files openai-batches ollama-chat cohere-chat'.split(' '),
  ...operationDialects.map((dialect) => dialect.id),
]
const presets = (
  'openai together anyscale perplexity groq mistral deepseek xai fireworks openrouter openai-compatible ollama llama-cpp ' +
  'vllm lm-studio cerebras sambanova nvidia-nim hugging-face github-models moonshot zai dashscope minimax nebius deepinfra ' +
  'hyperbolic novita cloudflare-workers-ai gemini cohere demo azure-openai vertex'
).split(' ')

describe('the registry', () => {
  it('has every preset once, sorted', () => {
    const ids = providers.map(({ id }) => id)
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining(presets))
  })

  it('recognises each provider by hosts of its own', () => {
    const hosts = providers.flatMap((provider) => hostsOf(provider))
    expect(new Set(hosts).size).toBe(hosts.length)
  })

  it('reads each variable for one provider only', () => {
    const variables = providers.flatMap(({ env }) => [
      ...(env?.apiKey ?? []),
      ...(env?.baseUrl ?? []),
      ...(env?.defaultModel ?? []),
      ...Object.values(env?.headers ?? {}),
    ])
    expect(new Set(variables).size).toBe(variables.length)
    for (const variable of variables) expect(variable).toMatch(/^[A-Z][A-Z0-9_]+$/)
  })
})

describe.each(providers.map((provider) => [provider.id, provider] as const))('%s', (id, provider) => {
  it('is a sound row', () => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(provider.name.trim()).not.toBe('')
    expect(provider.speaks.length).toBeGreaterThan(0)
    for (const spoken of provider.speaks)
      expect(dialects).toContain(typeof spoken === 'string' ? spoken : spoken.dialect)
    expect(Object.isFrozen(provider)).toBe(true)
  })

  it('has quirks that a config file can name', () => {
    for (const { name, models, members, removes } of provider.quirks ?? []) {
      const read = readQuirk(name)
      expect(read?.name).toBe(name)
      expect(read).toMatchObject({
        members,
        ...(models !== undefined && { models }),
        ...(removes !== undefined && { removes }),
      })
    }
  })

  it('can be called', () => {
    if (provider.baseUrl === undefined) {
      expect(provider.standIn === true || provider.retired !== undefined).toBe(true)
      return
    }
    expect(provider.baseUrl).toMatch(provider.local ? /^http:\/\/localhost:\d+\/v1$/ : /^https:\/\/[^/]+[^?#]*[^/]$/)
    const configured = configure(provider)
    const { origin, path } = destinationFor(configured, '/chat/completions')
    expect(`${origin}${path}`).toBe(`${configured.baseUrl}/chat/completions`)
    for (const destination of [modelsDestination(configured), healthDestination(configured)]) {
      if (destination !== undefined) expect(destination.origin).toBe(origin)
    }
  })

  it('is found by its variables and its hosts', () => {
    if (!provider.local) expect(provider.env?.apiKey?.length).toBeGreaterThan(0)
    for (const host of hostsOf(provider)) expect(detectProvider(`https://${host}/v1`, providers)?.id).toBe(id)
    if (provider.retired) expect(hostsOf(provider).length).toBeGreaterThan(0)
    const urls = [provider.baseUrl ?? '', ...(provider.variants ?? []).map((variant) => variant.baseUrl)]
    const placeholders = urls.flatMap((url) => [...url.matchAll(/\{([^}]*)\}/g)].map((found) => found[1]))
    expect(Object.keys(provider.env?.settings ?? {})).toEqual([...new Set(placeholders)])
  })

  it('lists models that can be asked for while its own list is not known', () => {
    const { fallback = [], default: chosen } = provider.models ?? {}
    if (chosen !== undefined) expect(fallback).toContain(chosen)
    for (const model of fallback) expect(modelNameProblem(model)).toBeUndefined()
    if (provider.modelsPath === null && !provider.retired) expect(fallback.length).toBeGreaterThan(0)
    const catalog = createModelCatalog({
      providers: [configure(provider)],
      fetchModels: () => Promise.reject(new Error('offline')),
      now: () => 0,
    })
    expect(catalog.models(id).models.map((model) => model.id)).toEqual(fallback)
  })
})

function configure(preset: Provider): ConfiguredProvider {
  const settings = Object.fromEntries(Object.keys(preset.env?.settings ?? {}).map((name) => [name, 'abc123']))
  return {
    id: preset.id,
    name: preset.name,
    preset,
    baseUrl: fillBaseUrl(preset.baseUrl ?? 'https://example.test/v1', settings, preset),
    apiKey: new Secret('key'),
    auth: preset.auth,
    headers: {},
    timeout: 30_000,
    maxRetries: 3,
    defaultModel: undefined,
  }
}
