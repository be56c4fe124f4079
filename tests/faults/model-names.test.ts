import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, errorOf, userMessage } from './ask.ts'

let test: TestGateway
/** A provider without a list of models, so that any name that a caller makes up is sent to it. */
let open: TestGateway
beforeAll(async () => {
  test = await startTestGateway({
    config: {
      providers: { lab: { default_model: 'small' } },
      models: [{ id: 'lab/large', aliases: ['house-model'] }],
    },
  })
  open = await startTestGateway({ config: { providers: { lab: { models_path: null } } } })
  // From here on the list of models is known.
  await ask(test.gateway.url, { method: 'GET', path: '/v1/models' })
})
afterAll(() => Promise.all([test.close(), open.close()]))
beforeEach(() => {
  test.simulator.reset()
  open.simulator.reset()
})

const askFor = (model: unknown, at = test): ReturnType<typeof ask> =>
  ask(at.gateway.url, { body: { model, messages: userMessage } })

describe('a model that nothing serves', () => {
  it.each([
    ['smal', 'small'],
    ['larg', 'large'],
    ['house_model', 'house-model'],
    ['Small-2', 'small'],
  ])('%s: 404 that names %s', async (name, near) => {
    const heard = await askFor(name)
    expect(heard.status).toBe(404)
    expect(errorOf(heard)).toMatchObject({ code: 'model_not_found', param: 'model', type: 'invalid_request_error' })
    expect(errorOf(heard).message).toContain(`"${name}"`)
    expect(errorOf(heard).message).toContain(`Did you mean`)
    expect(errorOf(heard).message).toContain(near)
  })

  it('costs no call, and is metered as an error', async () => {
    const before = test.usage.length
    await askFor('unheard-of')
    expect(test.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(0)
    expect(test.usage.slice(before)).toMatchObject([
      {
        outcome: 'error',
        errorCode: 'model_not_found',
        requestedModel: 'unheard-of',
        attempts: 0,
        provider: undefined,
      },
    ])
  })

  it('no model is the default one', async () => {
    const heard = await ask(test.gateway.url, { body: { messages: userMessage } })
    expect(heard.headers['x-sluice-model']).toBe('small')
    expect((await askFor(null)).headers['x-sluice-model']).toBe('small')
  })
})

const hostile: readonly string[] = [
  'http://127.0.0.1:1/v1/chat/completions',
  'https://evil.example/',
  '//evil.example/small',
  'evil.example//small',
  '@evil.example/',
  '/etc/passwd',
  '../small',
  '../../admin',
  'small/../../admin',
  'lab/../admin',
  'lab/..',
  './small',
  'small/.',
  '..',
  '.',
  'small%2e%2e%2fadmin',
  '%2e%2e/%2e%2e/admin',
  'small%00',
  'small?key=1',
  'small#fragment',
  'small&x=1',
  'small;x',
  'small\\..\\admin',
  'small\r\nx-injected: 1',
  'small\n',
  'small\t',
  'small\u0000',
  'small\u001b[31m',
  'small\u007f',
  'small\u2028',
  'ｓｍａｌｌ',
  'small\u200b',
  'modèle',
  '💥',
  '\ud800',
  'small"}',
  "small' or 1=1",
  '<script>alert(1)</script>',
  '${jndi:ldap://evil}',
  '{{small}}',
  ' small',
  'small ',
  'a  b',
  '',
  ' ',
  'x'.repeat(257),
  'x'.repeat(10_000),
  `${'../'.repeat(3_333)}x`,
  '__proto__',
  'constructor',
  'lab:__proto__',
  'lab/constructor',
  'toString',
]

describe('a name can change neither the path nor the host of the call', () => {
  it.each(hostile.map((name) => [JSON.stringify(name).slice(0, 60), name]))('%s', async (_shown, name) => {
    const before = test.log.length
    for (const at of [test, open]) {
      const heard = await askFor(name, at)
      // Either it is refused, or it is a name like any other and the provider is asked for it.
      if (heard.status !== 200) {
        expect([400, 404]).toContain(heard.status)
        const { code, message } = errorOf(heard)
        expect(['invalid_model_name', 'model_not_found']).toContain(code)
        expect(message.length).toBeLessThan(700)
        expect(message).toMatch(/^[\x20-\x7e…]*$/)
      }
      for (const request of at.simulator.requests) {
        expect([`POST /v1/chat/completions`, 'GET /v1/models']).toContain(`${request.method} ${request.path}`)
        expect(request.header('host')).toBe(`127.0.0.1:${at.simulator.port}`)
        expect(request.header('x-injected')).toBeUndefined()
      }
    }
    const logged = JSON.stringify(test.log.slice(before))
    expect(logged.length).toBeLessThan(5_000)
  })

  it('names with a path, a URL or a control character are refused outright', async () => {
    for (const name of ['http://evil.example/small', 'lab/../admin', 'small?x', 'small#x', 'small%2e', 'small\n', '']) {
      const heard = await askFor(name, open)
      expect(heard.status, name).toBe(400)
      expect(errorOf(heard)).toMatchObject({ code: 'invalid_model_name', param: 'model' })
    }
    expect(open.simulator.requests).toHaveLength(0)
  })

  it.each([
    '@cf/openai/gpt-oss-120b',
    'ft:gpt-4o:acme::id',
    'us.anthropic.claude-v1:0',
    '~author/name-latest',
    'a+b c_d.e',
  ])('%s is a good name and is sent as it is', async (name) => {
    open.simulator.always({ raw: { body: '{"choices":[]}' } })
    await askFor(name, open)
    expect(open.simulator.requests.at(-1)?.json()).toMatchObject({ model: name })
    expect(open.simulator.requests.at(-1)?.path).toBe('/v1/chat/completions')
  })

  it('GET /v1/models/{id} takes hostile ids too', async () => {
    for (const id of ['..%2f..%2fetc', '%00', '%', '%ff', 'x'.repeat(5_000), '__proto__', 'lab%2Flarge%0d%0ax:%201']) {
      const heard = await ask(test.gateway.url, { method: 'GET', path: `/v1/models/${id}` })
      expect(heard.status).toBe(404)
      expect(errorOf(heard).message.length).toBeLessThan(400)
    }
    const good = await ask(test.gateway.url, { method: 'GET', path: '/v1/models/house-model' })
    expect(JSON.parse(good.body)).toMatchObject({ id: 'lab/large' })
  })
})
