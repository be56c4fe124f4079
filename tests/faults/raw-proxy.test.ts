import { request } from 'node:http'
import { chatDialects } from '@sluice/protocol/dialects'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

let world: TestGateway

beforeEach(async () => {
  world = await startTestGateway()
})

afterEach(() => world.close())

const chat = { model: 'small', messages: [{ role: 'user', content: 'Hi' }] }

function post(path: string, body: unknown): Promise<Response> {
  return fetch(`${world.gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer of-the-caller' },
    body: JSON.stringify(body),
  })
}

/** As `fetch` would not send it: the path as it is written. */
function getRaw(path: string, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(world.gateway.url)
    request({ hostname, port, path, method }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

describe('/proxy/{provider}/…', () => {
  test("relays a call with our key and not the caller's, and meters it", async () => {
    const response = await post('/proxy/lab/chat/completions?x=1', chat)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sluice-provider')).toBe('lab')
    expect(await response.json()).toMatchObject({ object: 'chat.completion' })
    const recorded = world.simulator.requests.at(-1)
    expect(recorded?.path).toBe('/v1/chat/completions?x=1')
    expect(JSON.stringify(recorded?.rawHeaders)).toContain('upstream-key')
    expect(JSON.stringify(recorded?.rawHeaders)).not.toContain('of-the-caller')
    expect(await world.settled()).toMatchObject({
      operation: 'raw',
      provider: 'lab',
      outcome: 'ok',
      usage: { reported: {} },
    })
  })

  test.each(chatDialects.flatMap((dialect) => [false, true].map((stream) => ({ id: dialect.id, stream, dialect }))))(
    'knows what a call in a form that it knows cost: $id, stream $stream',
    async ({ dialect, stream }) => {
      await using priced = await startTestGateway({
        config: { models: [{ id: `native/small`, price: { input: 1, output: 2 } }] },
        providers: ({ url }) => ({
          native: {
            base_url: url,
            api_key: 'upstream-key',
            speaks: [dialect.id],
            models: ['small'],
            models_path: null,
          },
        }),
      })
      const asked = {
        model: 'small',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
        stream,
      } as const
      const body = dialect.request.encode({ ...asked, maxOutputTokens: 9 }, { warn: () => undefined }) as object
      const response = await fetch(`${priced.gateway.url}/proxy/native${dialect.path('small', stream)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...body,
          ...(stream && dialect.id === 'openai-chat' && { stream_options: { include_usage: true } }),
        }),
      })
      expect(response.status).toBe(200)
      await response.arrayBuffer()
      const { usage, ...record } = await priced.settled()
      expect(record).toMatchObject({ operation: 'raw', model: 'small', requestedModel: 'small', stream, outcome: 'ok' })
      expect(usage?.input).toBeGreaterThan(0)
      expect(record.cost?.nanoDollars).toBe((usage?.input ?? 0) * 1000 + (usage?.output ?? 0) * 2000)
    },
  )

  test("sends headers of the provider's API along, and no others", async () => {
    await using world = await startTestGateway({
      providers: ({ url }) => ({ claude: { base_url: url, api_key: 'upstream-key', speaks: ['anthropic-messages'] } }),
    })
    const headers = { 'anthropic-beta': 'files-api-2025-04-14', 'x-own': '1', cookie: 'a=b' }
    await fetch(`${world.gateway.url}/proxy/claude/files`, { headers })
    const sent = world.simulator.requests.find(({ path }) => path.endsWith('/files'))?.rawHeaders.join('\n')
    expect(sent).toContain('anthropic-version\n2023-06-01')
    expect(sent).toContain('anthropic-beta\nfiles-api-2025-04-14')
    expect(sent).not.toMatch(/x-own|cookie/)
  })

  test('names no cost of a call that nothing models', async () => {
    await post('/proxy/lab/embeddings/of-another-kind', chat)
    expect(await world.settled()).toMatchObject({ operation: 'raw', model: undefined, cost: undefined })
  })

  test('relays a stream as it is and reads its usage', async () => {
    const response = await post('/v1/proxy/lab/chat/completions', {
      ...chat,
      stream: true,
      stream_options: { include_usage: true },
    })
    expect(await response.text()).toContain('data: [DONE]')
    expect((await world.settled()).usage?.reported?.total).toBeGreaterThan(0)
  })

  test.each([
    ['/proxy/lab/chat/completions?key=of-the-caller&alt=sse', '/v1/chat/completions?alt=sse'],
    ['/proxy/lab/chat/completions?a=1&%6bey=of-the-caller&b=x%2Fy+z', '/v1/chat/completions?a=1&b=x%2Fy+z'],
    ['/proxy/lab/chat/completions?key=of-the-caller', '/v1/chat/completions'],
    ['/proxy/lab/chat/completions?monkey=1', '/v1/chat/completions?monkey=1'],
  ])("keeps a caller's key in the query to itself: %s", async (path, relayed) => {
    expect((await post(path, chat)).status).toBe(200)
    expect(world.simulator.requests.at(-1)?.path).toBe(relayed)
  })

  test('takes any method', async () => {
    const response = await fetch(`${world.gateway.url}/proxy/lab/models`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ object: 'list' })
  })

  test('takes no TRACE, by which a server sends back all that it was sent, our key too', async () => {
    expect(await getRaw('/proxy/lab/models', 'TRACE')).toBe(405)
    expect(world.simulator.requests.map(({ method }) => method)).not.toContain('TRACE')
  })

  test('passes an error on as it is, without the key that the provider quotes', async () => {
    world.simulator.next({
      fault: { kind: 'status', status: 401, body: { error: { message: 'Incorrect API key provided: upstream-key' } } },
    })
    const response = await post('/proxy/lab/chat/completions', chat)
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ error: { message: 'Incorrect API key provided: [secret]' } })
    expect(await world.settled()).toMatchObject({ operation: 'raw', outcome: 'error', errorCode: 'upstream_error' })
  })

  test.each([
    '/proxy/lab/../../secret',
    '/proxy/lab/%2e%2e/secret',
    '/proxy/lab/..%2fsecret',
    '/proxy/lab/a%2F%2e%2e%2Fsecret',
    '/proxy/lab/..;/secret',
    '/proxy/lab/%2f/elsewhere.test',
    '/proxy/lab/a/.%2E/secret',
    '/proxy/lab//evil.test/x',
    '/proxy/lab/a%5c..%5cb',
    '/proxy/lab/./x',
    '/proxy/lab/%252e%252e/x',
    '/proxy/lab/a%252Fb',
    '/proxy/lab/a%00b',
    '/proxy/lab/a%0d%0ax',
    '/proxy/lab/a#b',
    '/proxy/lab/a?x=\\y',
  ])('refuses %s', async (path) => {
    expect(await getRaw(path)).toBe(400)
    const asked = world.simulator.requests.map((recorded) => recorded.path)
    // The gateway asks for the list of models by itself.
    expect(asked.filter((asking) => asking !== '/v1/models')).toEqual([])
  })

  test('knows no other host', async () => {
    expect(await getRaw('/proxy/http:%2f%2fevil.test/x')).toBe(404)
    expect(await getRaw('/proxy/nobody/x')).toBe(404)
  })

  test('says when the provider cannot be reached', async () => {
    await world.simulator.close()
    const response = await post('/proxy/lab/chat/completions', chat)
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_unreachable' } })
    expect(await world.settled()).toMatchObject({ outcome: 'error', errorCode: 'upstream_unreachable' })
  })
})
