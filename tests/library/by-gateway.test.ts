import { startSimulator } from '@sluice/simulator'
import { createProviders, createSluice } from 'sluice'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** What is told of a gateway besides the scenarios. */

const provider = { type: 'openai_compatible', api_key: 'upstream-key', max_retries: 0, models_path: null }

const busy = '{"fault":{"kind":"status","status":429,"retryAfterMs":5000}}'

let world: TestGateway
beforeAll(async () => {
  const gone = await startSimulator()
  await gone.close()
  world = await startTestGateway({
    config: {
      providers: { lab: { default_model: 'small' } },
      routes: { safe: { targets: ['lab/small'] }, nowhere: { targets: ['dead/small', 'closed/small'] } },
    },
    providers: ({ url }) => ({
      dead: { ...provider, base_url: gone.url },
      closed: { ...provider, base_url: `${url}?simulator=unauthorized` },
      busy: { ...provider, base_url: `${url}?simulator=${encodeURIComponent(busy)}` },
      foreign: { type: 'anthropic', base_url: url, api_key: 'upstream-key', models_path: null },
    }),
  })
})
afterAll(() => world.close())

const messages = [{ role: 'user', content: 'Hello' }] as const

test('a gateway without prompts sends no provider the name of one', async () => {
  const sluice = createSluice({ gateway: world.gateway.url })
  const input = { prompt: 'typo', variables: { name: 'Ada' }, messages }
  const chats = (): number => world.simulator.requests.filter(({ method }) => method === 'POST').length
  const before = chats()
  await expect(sluice.chat(input)).rejects.toMatchObject({ code: 'prompt_not_found', param: 'model' })
  await expect(sluice.stream(input).text()).rejects.toMatchObject({ code: 'prompt_not_found' })
  expect(chats()).toBe(before)
  await sluice.close()
})

test('a gateway tells each attempt, and nothing that only who runs it may see', async () => {
  const request = { model: 'nowhere', max_tokens: 5, messages }
  for (const path of ['/v1/chat/completions', '/v1/messages', '/api/chat']) {
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${world.gateway.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(request),
      })
    // Clients that know nothing of it see no more than their API.
    expect(await (await ask({})).json()).not.toHaveProperty('sluice')
    const response = await ask({ 'x-sluice-attempts': 'true', 'x-sluice-trace': 'true' })
    const body = (await response.json()) as { readonly error: unknown; readonly sluice: unknown }
    expect(body.error).toBeDefined()
    expect(body.sluice).toEqual({
      attempts: [
        {
          provider: 'dead',
          model: 'small',
          status: null,
          code: 'upstream_unreachable',
          message: 'Could not connect to the provider (connection refused).',
        },
        {
          provider: 'closed',
          model: 'small',
          status: 401,
          code: 'upstream_authentication_failed',
          message: expect.stringContaining('refused the API key') as string,
        },
      ],
    })
    expect(JSON.stringify([body, [...response.headers]])).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|upstream-key|cause/)
  }
})

test('a gateway tells what was lost in translation, and when to ask again', async () => {
  const sluice = createSluice({ gateway: world.gateway.url })
  const { provider: id, warnings } = await sluice.chat({ model: 'foreign/small', messages, logit_bias: { 5: 1 } })
  expect([id, warnings]).toMatchObject(['foreign', [{ code: 'field-dropped', path: 'logit_bias' }]])
  const wait = { code: 'rate_limit_exceeded', retryAfterMs: 5000 }
  await expect(sluice.chat({ model: 'busy/small', messages })).rejects.toMatchObject(wait)
  await sluice.close()
})

test.each(['', '/', '/v1', '/v1/'])('a gateway is found by its address with %j after it', async (end) => {
  const sluice = createSluice({ gateway: `${world.gateway.url}${end}` })
  expect((await sluice.chat('Hello')).provider).toBe('lab')
  await sluice.close()
})

test('providers of a gateway are not each other', async () => {
  const providers = createProviders({ gateway: world.gateway.url })
  const failing = providers.chatWithFallback(messages, ['groq', 'together'])
  const message = expect.stringMatching(/^No provider "groq" is configured: there are? lab\b/) as string
  await expect(failing).rejects.toMatchObject({ code: 'provider_not_found', message })
  for (const name of ['lab', 'lab/large', 'large', 'safe'])
    expect((await providers.chatWithFallback(messages, ['groq', name])).provider).toBe('lab')
  await providers.close()
})
