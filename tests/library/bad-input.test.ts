import { type Simulator, startSimulator } from '@sluice/simulator'
import {
  type ConfigInput,
  createSluice,
  defineTool,
  InvalidOutputError,
  readToolArguments,
  RouteFailedError,
  type Sluice,
  SluiceError,
} from 'sluice'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'

// What an application's author reads when something is wrong: what, where, and the way out.

let simulator: Simulator
beforeEach(async () => {
  simulator = await startSimulator({ models: ['small'] })
})
afterEach(() => simulator.close())

const messages = [{ role: 'user', content: 'How is the weather in Bergen?' }] as const

type ProviderEntry = NonNullable<NonNullable<ConfigInput['providers']>[string]>

/** The simulator, behaving as said. */
function provider(behaviour?: string): ProviderEntry {
  const address =
    behaviour === undefined ? simulator.url : `${simulator.url}?simulator=${encodeURIComponent(behaviour)}`
  return {
    type: 'openai_compatible',
    base_url: address,
    api_key: 'key-of-mine',
    default_model: 'small',
    max_retries: 0,
  }
}

async function failureOf(action: () => unknown): Promise<SluiceError> {
  try {
    await action()
  } catch (error) {
    if (error instanceof SluiceError) return error
    throw error
  }
  throw new Error('It succeeded, and should not have.')
}

describe('what is no request is told before anybody is asked', () => {
  // Without types anything may come.
  type Loose = Readonly<Record<string, (...given: readonly unknown[]) => Promise<unknown>>>
  test.each<[string, (sluice: Loose & { content: Loose; images: Loose; prompts: Loose }) => unknown]>([
    ['chat()', (sluice) => sluice['chat']!()],
    ['chat({})', (sluice) => sluice['chat']!({}, null)],
    ['chatObject()', (sluice) => sluice['chatObject']!(undefined, 'x')],
    ['batch()', (sluice) => sluice['batch']!()],
    ['transcribe()', (sluice) => sluice['transcribe']!()],
    ['speech({})', (sluice) => sluice['speech']!({})],
    ['images.generate()', (sluice) => sluice.images['generate']!()],
    ['images.edit({ prompt })', (sluice) => sluice.images['edit']!({ prompt: 'x' })],
    ['content.generate({})', (sluice) => sluice.content['generate']!({})],
    ['content.meta()', (sluice) => sluice.content['meta']!()],
    ['content.block(faq)', (sluice) => sluice.content['block']!('faq')],
    ['chat({ tools: {} })', (sluice) => sluice['chat']!({ messages, tools: { weather: {} } })],
    ['chat({ tools: {} }), run', (sluice) => sluice['chat']!({ messages, tools: {} }, { runTools: { maxSteps: 2 } })],
    ['prompts.render()', (sluice) => sluice.prompts['render']!()],
    ['content.block()', (sluice) => sluice.content['block']!()],
    ['content.generate(null)', (sluice) => sluice.content['generate']!(null)],
    ['content.meta(titleLength: NaN)', (sluice) => sluice.content['meta']!('Rain', { titleLength: NaN })],
    ['prompts.render(5)', (sluice) => sluice.prompts['render']!(5)],
  ])('%s', async (_, ask) => {
    const prompts = { greeting: { user: 'Hello' } }
    const sluice = createSluice({ providers: { lab: provider() }, prompts }, { environment: {} })
    const error = await failureOf(() => ask(sluice as unknown as Parameters<typeof ask>[0]))
    expect(error).toMatchObject({ code: 'invalid_request' })
    expect(simulator.requests.filter(({ method }) => method === 'POST')).toEqual([])
    await sluice.close()
  })
})

describe('options of a call that are none are told, in process and by a gateway', () => {
  const controller = new AbortController()
  test.each<[string, unknown, string]>([
    ['signal', controller, '`signal` must be an AbortSignal.'],
    ['signal', 5, '`signal` must be an AbortSignal.'],
    ['timeout', 'soon', '`timeout` must be a number of seconds above 0 and up to 3600.'],
    ['retries', -1, '`retries` must be a whole number from 0 to 10.'],
    ['route', 5, '`route` must be the name of a route or model, of at most 256 characters.'],
    ['model', 'small', '`model` is a field of the request, not an option of its call: give it in the first argument.'],
    [
      'temperature',
      0,
      '`temperature` is a field of the request, not an option of its call: give it in the first argument.',
    ],
  ])('%s: %s', async (param, value, message) => {
    for (const config of [{ providers: { lab: provider() } }, { gateway: simulator.url }]) {
      const sluice = createSluice(config, { environment: {} })
      const options = { [param]: value } as object
      for (const ask of [
        () => sluice.chat('x', options),
        () => sluice.stream('x', options).text(),
        () => sluice.stream('x', options)[Symbol.asyncIterator]().next(),
        () => sluice.embed('x', options),
      ])
        expect(await failureOf(ask)).toMatchObject({ code: 'invalid_request', param, message })
      await sluice.close()
    }
    expect(simulator.requests.filter(({ method }) => method === 'POST')).toEqual([])
  })
})

describe('a wrong configuration names the path and the fix', () => {
  test.each<[unknown, string]>([
    [{ provider: {} }, 'provider: unknown key; did you mean providers?'],
    [{ providers: { groq: { apikey: 'x' } } }, 'providers.groq.apikey: unknown key; did you mean api_key?'],
    [
      { providers: { groq: { api_key: 5 } } },
      'providers.groq.api_key: expected a text, found a number; put it in quotes',
    ],
    [{ providers: [] }, 'providers: expected a group of keys, found a list'],
    [
      { providers: { lab: { type: 'openai_compatible', base_url: 'lab:8000', api_key: 'x' } } },
      'providers.lab.base_url: expected a URL that starts with http:// or https://',
    ],
    [
      { type: 'openai_compatible' },
      'type: it belongs to a provider: write it below providers.NAME, with a name of your choice',
    ],
    [{ models: [{ id: 'small' }] }, 'models[0].id: expected provider/model; found "small"'],
    [{ default_provider: 'lab' }, 'default_provider: names lab, which is no configured provider; configured: none'],
    [{ gateway: 'localhost' }, 'gateway: expected a URL that starts with http:// or https://'],
    [{ gateway: undefined }, 'gateway: expected a URL'],
    [
      { gateway: 'http://localhost/v1/chat/completions' },
      'gateway: a base URL ends before /chat/completions; leave that part out',
    ],
    [{ gateway: 'http://localhost', api_key: 'sk-5' }, 'api_key: unknown key; did you mean apiKey?'],
    [
      { gateway: 'http://localhost', providers: {} },
      'providers: unknown key; known here: gateway, apiKey, headers, timeout, maxRetries',
    ],
    [{ gateway: 'http://localhost', apiKey: 5 }, 'apiKey: expected a text, found a number; put it in quotes'],
    [{ gateway: 'http://localhost', maxRetries: -1 }, 'maxRetries: expected at least 0, found -1'],
    ['sluice.yaml', 'expected a group of keys, found "sluice.yaml"'],
  ])('%j', async (config, problem) => {
    const error = await failureOf(() => createSluice(config as ConfigInput, { environment: {} }))
    expect([error.code, error.message]).toEqual(['invalid_config', `The configuration is wrong: ${problem}`])
  })

  test('in its own words, whatever language an application has given to zod', async () => {
    z.config(z.locales.de())
    const config = { providers: { groq: { api_key: 'x', max_retries: -1 } }, routes: { r: { targets: [] } } } as const
    const error = await failureOf(() => createSluice(config, { environment: {} }))
    z.config(z.locales.en())
    expect(error.message.split('\n').slice(1)).toEqual([
      '  providers.groq.max_retries: expected at least 0, found -1',
      '  routes.r.targets: expected a list that is not empty',
    ])
  })

  test('also of what is given besides', async () => {
    const middleware = (() => undefined) as unknown as []
    const error = await failureOf(() => createSluice({}, { environment: {}, middleware }))
    expect(error.message).toBe('The configuration is wrong: middleware: expected a list of functions')
  })

  test('all mistakes at once, and no key among the words', async () => {
    const config = { routes: { r: { target: [] } }, providers: { groq: { key: 'gsk-5' } }, models: [{ id: 1 }] }
    const error = await failureOf(() => createSluice(config as unknown as ConfigInput, { environment: {} }))
    expect(error.message).toMatch(/^The configuration has 4 problems:\n/)
    expect(error.message).toContain('\n  providers.groq.key: unknown key; did you mean api_key?\n')
    expect(error.message).toContain('\n  routes.r.target: unknown key; did you mean targets?')
    expect(error.message).not.toContain('gsk-5')
  })
})

describe('a missing key names the variable to set', () => {
  test('of a provider in the configuration', async () => {
    const named = await failureOf(() => createSluice({ providers: { groq: {} } }, { environment: {} }))
    expect(named.message).toContain('providers.groq.api_key: Groq needs a key: give api_key, or set GROQ_API_KEY')
    const config = { providers: { groq: { api_key: '${MY_KEY}' } } }
    const read = await failureOf(() => createSluice(config, { environment: {} }))
    expect(read.message).toContain('providers.groq.api_key: environment variable MY_KEY is not set; set it, or ')
  })

  test.each([
    ['groq/llama-3.3-70b', 'Set GROQ_API_KEY to use Groq'],
    ['claude-sonnet-5', 'Set ANTHROPIC_API_KEY to use Anthropic'],
    ['no-such-model', 'Set a key such as OPENAI_API_KEY'],
  ])('of the provider that %s would need', async (model, hint) => {
    const none = createSluice({}, { environment: {} })
    const nobody = await failureOf(() => none.chat({ model, messages }))
    expect(nobody.code).toBe('no_provider_configured')
    expect(nobody.message).toMatch(/^No AI provider configured\. Set [^.]+\.$/)
    expect(nobody.message).toContain(hint)
    await none.close()
  })

  test('also where there are other providers', async () => {
    const sluice = createSluice({ providers: { lab: provider() } }, { environment: {} })
    await sluice.listModels()
    const error = await failureOf(() => sluice.chat({ model: 'groq/llama-3.3-70b', messages }))
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' })
    expect(error.message).toContain('Set GROQ_API_KEY to use Groq')
    await sluice.close()
  })
})

test('where nobody is the default, the way out is told', async () => {
  const environment = { OPENAI_API_KEY: 'key-one', ANTHROPIC_API_KEY: 'key-two' }
  const sluice = createSluice({}, { environment })
  const error = await failureOf(() => sluice.chat('Hello'))
  expect([error.code, error.param]).toEqual(['invalid_request', 'model'])
  expect(error.message).toMatch(/name a model or a provider, or set default_provider, in the environment AI_PROVIDER/)
  await sluice.close()
  const chosen = createSluice({}, { environment: { ...environment, AI_PROVIDER: 'auto' } })
  expect((await chosen.explain()).target?.provider).toBe('openai')
  await chosen.close()
})

test('when all providers failed, one error tells of each attempt', async () => {
  const gone = await startSimulator()
  const dead = { ...provider(), base_url: gone.url }
  await gone.close()
  const providers = { busy: provider('overloaded'), dead, closed: provider('unauthorized') }
  const targets = ['busy/small', 'dead/small', 'closed/small']

  for (const ask of [
    (sluice: Sluice) => sluice.chat({ model: 'safe', messages }),
    (sluice: Sluice) => sluice.stream({ model: 'safe', messages }).text(),
    (sluice: Sluice) => sluice.chat({ model: 'busy/small', models: ['dead/small', 'closed/small'], messages }),
  ]) {
    // One that is overloaded is left alone for a while: each call is the first of its engine.
    const sluice = createSluice({ providers, routes: { safe: { targets } } }, { environment: {} })
    const error = await failureOf(() => ask(sluice))
    expect(error).toBeInstanceOf(RouteFailedError)
    const { attempts, code, message } = error as RouteFailedError
    expect(attempts.map((attempt) => [attempt.provider, attempt.model, attempt.status, attempt.code])).toEqual([
      ['busy', 'small', 503, 'upstream_overloaded'],
      ['dead', 'small', undefined, 'upstream_unreachable'],
      ['closed', 'small', 401, 'upstream_authentication_failed'],
    ])
    expect(attempts.map(({ cause }) => cause instanceof SluiceError && cause.message)).toEqual(
      attempts.map((attempt) => attempt.message),
    )
    expect(attempts[1]?.message).toContain('connection refused')
    // The library's user sees why by `cause`, as Node says it.
    expect(String(causeOf(attempts[1]?.cause))).toContain('ECONNREFUSED')
    expect(attempts.map(({ cause }) => cause.upstream?.provider)).toEqual(['busy', 'dead', 'closed'])
    expect(code).toBe('upstream_authentication_failed')
    expect(message).toMatch(/^None of 3 targets answered \(busy\/small, dead\/small, closed\/small\)\. The last: /)
    expect(JSON.stringify(attempts) + message).not.toContain('key-of-mine')
    await sluice.close()
  }
})

test('one target that was asked several times is one error with each attempt too', async () => {
  const again = { ...provider(), max_retries: 2 }
  const sluice = createSluice({ providers: { lab: again } }, { environment: {} })
  simulator.always({ fault: { kind: 'status', status: 503, retryAfterMs: 1 } })
  const error = await failureOf(() => sluice.chat({ model: 'lab/small', messages }))
  expect(error).toBeInstanceOf(RouteFailedError)
  const { attempts, message } = error as RouteFailedError
  expect(attempts.map(({ provider: id, status, code }) => [id, status, code])).toEqual(
    Array.from({ length: 3 }, () => ['lab', 503, 'upstream_overloaded']),
  )
  expect(message).toBe(attempts[0]?.message)
  await sluice.close()
})

test('an error names the provider, and the request there', async () => {
  const sluice = createSluice({ providers: { lab: provider() } }, { environment: {} })
  simulator.next({ fault: { kind: 'status', status: 500 } }, { fault: { kind: 'cut', at: { event: 2 } } })
  const refused = await failureOf(() => sluice.chat({ model: 'lab/small', messages }))
  expect(refused).not.toBeInstanceOf(RouteFailedError)
  expect(refused.upstream).toMatchObject({ provider: 'lab', status: 500, requestId: expect.any(String) as string })
  const torn = await failureOf(() => sluice.stream({ model: 'lab/small', messages }).text())
  expect([torn.code, torn.upstream]).toEqual(['upstream_disconnected', { provider: 'lab' }])
  expect(JSON.stringify(torn)).not.toContain('cause')
  await sluice.close()
})

/** The first of an error's causes. */
function causeOf(error: unknown): unknown {
  const { cause } = (error ?? {}) as { readonly cause?: unknown }
  return cause === undefined ? error : causeOf(cause)
}

describe('arguments of a tool that are no JSON', () => {
  const written = '{"city": "Ber'
  const tool = defineTool({ name: 'get_weather', parameters: z.object({ city: z.string() }), execute: () => 'drizzle' })
  const reply = { toolCalls: [{ name: 'get_weather', arguments: written }], finishReason: 'tool-calls' }

  test('are a typed error with the text', async () => {
    simulator.always({ reply })
    const sluice = createSluice({ providers: { lab: provider() } }, { environment: {} })
    const { toolCalls } = await sluice.chat({ messages, tools: [tool] })
    expect(toolCalls).toMatchObject([{ name: 'get_weather', input: written }])
    expect(toolCalls[0]).not.toHaveProperty('arguments')

    for (const read of [
      () => readToolArguments(tool, toolCalls[0]!),
      () => sluice.chat({ messages, tools: [tool] }, { runTools: { maxSteps: 3 } }),
    ]) {
      const error = await failureOf(read)
      expect(error).toBeInstanceOf(InvalidOutputError)
      expect(error).toMatchObject({ code: 'invalid_output', text: written, issues: [{ path: '' }] })
      expect(error.message).toMatch(/^The arguments of the tool "get_weather" are not as they must be: it is not JSON/)
    }
    await sluice.close()
  })

  test('can be told to the model instead', async () => {
    simulator.next({ reply }, { reply: { text: 'I could not ask.' } })
    const sluice = createSluice({ providers: { lab: provider() } }, { environment: {} })
    const runTools = { maxSteps: 3, failures: 'tell-model' } as const
    const { text, steps } = await sluice.chat({ messages, tools: [tool] }, { runTools })
    expect(text).toBe('I could not ask.')
    expect(steps?.[0]?.results).toMatchObject([
      { failed: true, content: expect.stringContaining('not JSON') as string },
    ])
    await sluice.close()
  })
})
