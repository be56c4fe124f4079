import { SluiceError } from '@sluice/protocol'
import { type Simulator, startSimulator } from '@sluice/simulator'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CallOptions } from '../call-engine.ts'
import { ModelMapper } from './model-mapper.ts'
import { OpenAICompatibleAPI } from './openai-compatible-api.ts'
import { createProvider, createProviders, OpenRouterProvider, ProviderType } from './providers.ts'

let simulator: Simulator
/** Has three models. */
let small: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ apiKey: 'key-1' })
  small = await startSimulator({ apiKey: 'key-1', models: ['small', 'large', 'omni-moderation-latest'] })
})
afterAll(() => Promise.all([simulator.close(), small.close()]))
beforeEach(() => simulator.reset())

const environment = {}
const messages = [{ role: 'user', content: 'Hello' }] as const

function asked({ requests } = simulator): readonly unknown[] {
  return requests.filter(({ method }) => method === 'POST').map((request) => request.json())
}

describe('OpenAICompatibleAPI', () => {
  const make = (api_key = 'key-1'): OpenAICompatibleAPI =>
    new OpenAICompatibleAPI(
      { provider: 'groq', api_key, base_url: small.url, default_model: 'small', max_retries: 0 },
      { environment },
    )

  test('chats, whole and piece by piece', async () => {
    const api = make()
    const { text, provider } = await api.chat(messages, { temperature: 0, top_p: 0.5 })
    expect([text.includes('Hello'), provider]).toEqual([true, 'groq'])
    expect(asked(small)).toEqual([{ model: 'small', messages, temperature: 0, top_p: 0.5 }])
    let streamed = ''
    for await (const piece of api.chat(messages, { stream: true, model: 'large' }).textStream) streamed += piece
    expect(streamed).toBe(text)
    await api.close()
  })

  test('does what else there is', async () => {
    const api = make()
    const other = new OpenAICompatibleAPI({ api_key: 'key-1', base_url: small.url, default_model: 'small' })
    expect((await other.complete('Once upon')).text).not.toBe('')
    expect((await other.createEmbedding(['a', 'b'])).embeddings).toHaveLength(2)
    expect((await other.moderate('a kind word')).flagged).toBe(false)
    expect((await api.countTokens(messages)).tokens).toBeGreaterThan(0)
    expect((await api.listModels()).length).toBeGreaterThan(0)
    await Promise.all([api.close(), other.close()])
  })

  test('asks its own provider for judgements, and says which model is missing', async () => {
    const make = (provider: string, base_url: string): OpenAICompatibleAPI =>
      new OpenAICompatibleAPI({ provider, api_key: 'key-1', base_url, max_retries: 0 }, { environment })
    const mistral = make('mistral', simulator.url)
    const poor = await startSimulator({ models: ['small'] })
    const lacking = make('mistral', poor.url)
    for (const ask of [() => lacking.moderate('x'), () => lacking.listModels().then(() => lacking.moderate('x'))]) {
      await expect(ask()).rejects.toMatchObject({
        code: 'invalid_request',
        param: 'model',
        message: expect.stringMatching(/^No model is named, and mistral has no "omni-moderation-latest"/) as string,
      })
    }
    const named = lacking.moderate('x', { model: 'another' })
    await expect(named).rejects.toMatchObject({ message: expect.not.stringMatching(/^No model is named/) as string })
    await mistral.listModels()
    await mistral.moderate('x', { model: 'mistral-moderation-latest' })
    expect(asked().at(-1)).toMatchObject({ model: 'mistral-moderation-latest' })
    const groq = make('groq', simulator.url)
    await groq.listModels()
    await expect(groq.moderate('x')).rejects.toMatchObject({ message: 'Groq does not offer moderate.' })
    await Promise.all([mistral.close(), lacking.close(), groq.close(), poor.close()])
  })

  test('takes the options of a call apart from its request, for every method', async () => {
    const api = new OpenAICompatibleAPI({ api_key: 'key-1', base_url: small.url, default_model: 'small' })
    const calls: readonly ((options: Pick<CallOptions, keyof CallOptions>) => Promise<unknown>)[] = [
      (options) => api.chat(messages, options),
      (options) => api.complete('Once upon', options),
      (options) => api.createEmbedding('a', options),
      (options) => api.moderate('a', options),
    ]
    small.reset()
    for (const call of calls)
      await call({ signal: new AbortController().signal, timeout: 20, retries: 0, route: 'small' })
    expect(asked(small)).toEqual([
      { model: 'small', messages },
      { model: 'small', prompt: 'Once upon' },
      { model: 'small', input: 'a' },
      { model: 'small', input: 'a' },
    ])
    for (const call of [
      ...calls,
      (options: Pick<CallOptions, keyof CallOptions>) => api.countTokens(messages, options),
    ]) {
      await expect(call({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'client_closed_request' })
      await expect(call({ retries: 11 })).rejects.toMatchObject({ code: 'invalid_request', param: 'retries' })
    }
    await api.close()
  })

  test('takes a text, messages, or a request, as a `Sluice` does', async () => {
    const api = new OpenAICompatibleAPI({ api_key: 'key-1', base_url: small.url, default_model: 'small' })
    small.reset()
    for (const input of ['Hello', messages, { messages, temperature: 1 }] as const)
      await api.chat(input, { temperature: 0 })
    expect(asked(small)).toEqual([1, 2, 3].map(() => ({ model: 'small', messages, temperature: 0 })))
    expect(await api.chat('Hello', { stream: true }).text()).toContain('Hello')
    const counted = await Promise.all([api.countTokens('Hello'), api.countTokens(messages)])
    expect(counted[0].tokens).toBe(counted[1].tokens)
    await expect(api.chat({ prompt: 'greeting' })).rejects.toMatchObject({ code: 'prompt_not_found' })
    // Without types anything may come.
    for (const input of [undefined, null, 5] as never[])
      await expect(api.chat(input)).rejects.toMatchObject({ code: 'invalid_request', param: 'messages' })
    await api.close()
  })

  test('streams or not as a variable says, and runs tools in both', async () => {
    const api = make()
    for (const stream of [true, false] as boolean[]) {
      const answer = api.chat(messages, { stream })
      expect('textStream' in answer).toBe(stream)
      expect((await ('textStream' in answer ? answer.result() : answer)).text).toContain('Hello')
    }
    const runTools = { maxSteps: 2 }
    expect((await api.chat(messages, { stream: true, runTools }).result()).steps).toHaveLength(1)
    expect((await api.chat(messages, { runTools })).steps).toHaveLength(1)
    await api.close()
  })

  test('tells a good key from a bad one', async () => {
    const [good, bad] = [make(), make('key-2')]
    expect([await good.validateCredentials(), await bad.validateCredentials()]).toEqual([true, false])
    await Promise.all([good.close(), bad.close()])
  })
})

test('ModelMapper gives the names of a model at other providers', () => {
  expect(ModelMapper.toProvider('gpt-4', 'openrouter')).toBe('openai/gpt-4')
  expect(ModelMapper.toProvider('openai/gpt-4', 'openai')).toBe('gpt-4')
  expect(ModelMapper.toProvider('claude-3-sonnet', 'openrouter')).toBe('anthropic/claude-3-sonnet')
  expect(ModelMapper.toProvider('anthropic/claude-3-sonnet', 'anthropic')).toBe('claude-3-sonnet')
  const listed = ['claude-3-5-sonnet-20241022', 'claude-3-sonnet-20240229']
  expect(ModelMapper.toProvider('anthropic/claude-3.5-sonnet', 'anthropic', listed)).toBe('claude-3-5-sonnet-20241022')
  expect(ModelMapper.namesAt('claude-3-sonnet', 'anthropic')).toContain('claude-3-sonnet-20240229')
  expect(ModelMapper.toProvider('house-model', 'openai_compatible')).toBe('house-model')
  expect([ModelMapper.vendorOf('openai/gpt-6-sol'), ModelMapper.vendorOf('house-model')]).toEqual(['openai', undefined])
  expect(ModelMapper.aliases.some((names) => names.includes('claude-3-sonnet-20240229'))).toBe(true)
  expect(() => ModelMapper.toProvider('gpt-4', 'nobody')).toThrow('Sluice has no provider "nobody".')
})

describe('providers', () => {
  const provider = (behaviour = ''): { api_key: string; base_url: string; max_retries: number; models_path: null } => ({
    api_key: 'key-1',
    base_url: `${simulator.url}${behaviour === '' ? '' : `?simulator=${behaviour}`}`,
    max_retries: 0,
    models_path: null,
  })

  test('write a text with the usual settings', async () => {
    const providers = createProviders({ providers: { groq: provider(), openai: provider() } }, { environment })
    const answer = await providers.generateContent({ prompt: 'Hello', provider: 'groq', system_prompt: 'Be brief.' })
    expect(answer).toEqual({
      content: expect.stringContaining('Hello') as string,
      model: expect.any(String) as string,
      tokens_used: expect.any(Number) as number,
      provider: 'groq',
    })
    expect(asked()).toMatchObject([
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello' },
        ],
        max_tokens: 1000,
        temperature: 0.7,
      },
    ])
    const named = await providers.generateContent({
      prompt: 'Hello',
      provider: 'openai',
      model: 'gpt-4o',
      max_tokens: 5,
    })
    expect([named.model, named.provider]).toEqual(['gpt-4o', 'openai'])
    await providers.close()
  })

  test('prefer OpenRouter, then OpenAI, then Anthropic', async () => {
    const urls = {
      OPENROUTER_BASE_URL: simulator.url,
      OPENAI_BASE_URL: simulator.url,
      ANTHROPIC_BASE_URL: simulator.url,
    }
    const chosen = async (...keys: readonly string[]): Promise<string> => {
      const set = Object.fromEntries(keys.map((name) => [name, 'key-1']))
      const providers = createProviders({}, { environment: { ...urls, ...set } })
      const { provider } = await providers.generateContent({ prompt: 'Hello' })
      await providers.close()
      return provider
    }
    expect(await chosen('ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY')).toBe('openrouter')
    expect(await chosen('ANTHROPIC_API_KEY', 'OPENAI_API_KEY')).toBe('openai')
    expect(await chosen('ANTHROPIC_API_KEY', 'GROQ_API_KEY')).toBe('anthropic')
  })

  test('say when there is none', async () => {
    const providers = createProviders({}, { environment })
    await expect(providers.generateContent({ prompt: 'Hello' })).rejects.toThrow(/^No AI provider configured/)
    await expect(providers.isModelSupported('gpt-4o')).resolves.toBe(false)
  })

  test('stand in for each other, and keep every error', async () => {
    const down = { groq: provider('server-error'), together: provider('unauthorized') }
    const providers = createProviders({ providers: { ...down, openai: provider() } }, { environment })
    const answer = await providers.chatWithFallback(messages, ['groq', 'together', 'openai'], { temperature: 0 })
    expect([answer.provider, answer.attempts]).toEqual(['openai', 3])
    const failed = await providers.chatWithFallback(messages, ['groq', 'together']).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(SluiceError)
    const { errors } = (failed as SluiceError).cause as AggregateError
    expect((errors as SluiceError[]).map(({ code }) => code)).toContain('upstream_error')
    expect((failed as SluiceError).message).toContain('groq/')
    await expect(providers.chatWithFallback(messages, [])).rejects.toThrow(/at least one/)
    await expect(providers.chatWithFallback(messages, 'groq' as never)).rejects.toThrow(/in an array/)
    await providers.close()
  })

  test('are not each other', async () => {
    const lab = { ...provider(), type: 'openai_compatible', models_path: '/models', default_model: 'small' }
    const other = { ...lab, default_model: undefined, models_path: null }
    const config = { default_provider: 'lab', providers: { lab, other } }
    const providers = createProviders(config, { environment })
    for (const asking of [
      () => providers.chatWithFallback(messages, ['groq', 'together']),
      () => providers.generateContent({ prompt: 'Hello', provider: 'groq' }),
      () => providers.sluice.content.generate({ prompt: 'Hello', provider: 'groq', model: 'gpt-4o' }),
      () => providers.sluice.content.block('faq', { prompt: 'Hello', provider: 'groq' }),
      () => providers.sluice.content.meta({ prompt: 'Hello', provider: 'groq' }),
    ]) {
      const message = 'No provider "groq" is configured: there are lab, other.'
      await expect(asking()).rejects.toMatchObject({ code: 'provider_not_found', param: 'provider', message })
    }
    await expect(providers.generateContent({ prompt: 'Hello', provider: 'other' })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'model',
    })
    expect(asked()).toEqual([])
    // Who is there is asked, by whatever name.
    const [first = ''] = await providers.getAvailableModels()
    for (const name of ['lab', 'LAB', 'lab/any', first.slice('lab/'.length)])
      expect((await providers.chatWithFallback(messages, ['groq', name])).provider).toBe('lab')
    await providers.close()
    // A model that is not known yet is looked for in the lists.
    const fresh = createProviders(config, { environment })
    expect((await fresh.chatWithFallback(messages, [first.slice('lab/'.length)])).provider).toBe('lab')
    await fresh.close()
  })

  test('are found by their models', async () => {
    const config = { providers: { lab: { ...provider(), type: 'openai_compatible', models_path: '/models' } } }
    const providers = createProviders(config, { environment })
    expect(await providers.getProviderForModel('lab/anything')).toBe('lab')
    const models = await providers.getAvailableModels()
    expect(models.length).toBeGreaterThan(0)
    expect(await providers.isModelSupported(models[0] ?? '')).toBe(true)
    expect(await providers.isModelSupported('no such name')).toBe(false)
    await providers.close()
  })

  test('claim no model that is not known', async () => {
    const behind = { ...provider(), type: 'openai_compatible', models_path: '/models', default_model: 'small' }
    const fresh = createProviders({ providers: { lab: behind } }, { environment })
    expect(await fresh.getProviderForModel('zzz')).toBe('lab')
    expect(simulator.requests).toEqual([])
    expect(await fresh.isModelSupported('zzz')).toBe(false)
    expect(await fresh.getProviderForModel('zzz')).toBeUndefined()
    const without = { ...behind, models_path: null }
    const unlisted = createProviders({ providers: { lab: without } }, { environment })
    expect([await unlisted.isModelSupported('zzz'), await unlisted.isModelSupported('small')]).toEqual([false, true])
    await Promise.all([fresh.close(), unlisted.close()])
  })

  test('are made by their type', async () => {
    const settings = { api_key: 'key-1', base_url: small.url, default_model: 'small' }
    const openrouter = createProvider(ProviderType.OpenRouter, settings, { environment })
    const own = createProvider(ProviderType.OpenAICompatible, settings, { environment })
    expect(openrouter).toBeInstanceOf(OpenRouterProvider)
    expect((await openrouter.generateContent({ prompt: 'Hello' })).provider).toBe('openrouter')
    expect((await own.generateContent({ prompt: 'Hello' })).provider).toBe('openai-compatible')
    expect([own.provider, openrouter.provider]).toEqual(['openai-compatible', 'openrouter'])
    expect(await own.isModelSupported('small')).toBe(true)
    await Promise.all([openrouter.close(), own.close()])
  })
})
