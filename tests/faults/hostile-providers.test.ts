import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const key = 'key-of-the-operator-1'
let answer: Answer = (_, response) => void response.end()
let gateway: TestGateway
/** Resolves when the gateway has let go of the connection. */
let left: Promise<void>
const server = createServer((request, response) => {
  request.resume()
  if (request.method === 'GET') return void response.writeHead(404).end()
  left = new Promise((resolve) => response.once('close', resolve))
  answer(request, response)
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  gateway = await startTestGateway({
    config: {
      models: [{ id: 'hostile/small', price: { input: 1000, output: 1000 } }],
      routes: { both: { targets: ['claude/small', 'lab/small'] } },
      providers: {
        claude: { type: 'anthropic', base_url: `http://127.0.0.1:${port}/v1`, api_key: key, max_retries: 3 },
        insistent: { type: 'openai_compatible', base_url: `http://127.0.0.1:${port}/v1`, api_key: key, max_retries: 3 },
        hostile: { type: 'openai_compatible', base_url: `http://127.0.0.1:${port}/v1`, api_key: key, max_retries: 0 },
      },
    },
  })
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await gateway.close()
})

const ask = (path: string, body: object = {}): Promise<Response> =>
  fetch(`${gateway.gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'hostile/small', messages: [{ role: 'user', content: 'Hello' }], ...body }),
  })

const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { error: { code: unknown } }).error.code

/** Writes for as long as somebody reads. */
function forever(piece: string): Answer {
  return (_, response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', write)
    }
    write()
  }
}

const withStatus =
  (status: number, headers: Readonly<Record<string, string>>, rest: Answer): Answer =>
  (request, response) => {
    response.writeHead(status, headers)
    rest(request, response)
  }

describe('an answer that never ends', () => {
  test.each(['/v1/chat/completions', '/proxy/hostile/chat/completions'])(
    'as an error, at %s, is cut off',
    async (path) => {
      answer = withStatus(500, { 'content-type': 'application/json' }, forever(`{"error":"${key}"`.padEnd(1000, 'x')))
      const response = await ask(path)
      expect(response.status).toBeGreaterThanOrEqual(500)
      const text = await response.text()
      expect(text.length).toBeLessThan(70_000)
      expect(text).not.toContain(key)
      await left
    },
  )

  test('as one line of a stream ends the stream with an error', async () => {
    answer = withStatus(200, { 'content-type': 'text/event-stream' }, forever('data: '.padEnd(100_000, 'x')))
    expect(await codeOf(await ask('/v1/chat/completions', { stream: true }))).toBe('upstream_error')
    await left
  })

  const kinds = [
    ['a translated answer', { model: 'claude/small' }, 'application/json', '{"content":"'],
    ['a translated stream', { model: 'claude/small', stream: true }, 'text/event-stream', 'data: '],
    ['a stream', { model: 'insistent/small', stream: true }, 'text/event-stream', 'data: '],
  ] as const
  test.each(kinds)('is not asked for again at the same target: %s', async (_, body, type, begin) => {
    let calls = 0
    answer = withStatus(200, { 'content-type': type }, (request, response) => {
      calls++
      response.write(begin)
      forever('x'.repeat(100_000))(request, response)
    })
    const response = await ask('/v1/chat/completions', body)
    expect([response.status, response.headers.get('x-should-retry'), calls]).toEqual([502, 'false', 1])
    await left
  })

  test('is left for the next target of a route', async () => {
    answer = withStatus(200, { 'content-type': 'application/json' }, forever('{"content":"'.padEnd(100_000, 'x')))
    const response = await ask('/v1/chat/completions', { model: 'both' })
    expect([response.status, response.headers.get('x-sluice-provider')]).toEqual([200, 'lab'])
    await left
  })

  test.each(['/v1/messages', '/v1/chat/completions'])('is let go of at %s when its caller goes away', async (path) => {
    const arrived = new Promise<void>((resolve) => {
      answer = (request, response) => {
        resolve()
        withStatus(200, { 'content-type': 'application/json' }, forever(' '.repeat(1000)))(request, response)
      }
    })
    const controller = new AbortController()
    const asked = fetch(`${gateway.gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'hostile/small', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }),
      signal: controller.signal,
    }).then(async (response) => response.text())
    const seen = asked.catch(() => 'gone')
    await arrived
    controller.abort()
    await seen
    await expect(left).resolves.toBeUndefined()
  })
})

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
])('what was not asked for in %s is not unpacked', async (encoding, compress) => {
  const bomb = compress(Buffer.alloc(8 * 1024 * 1024))
  answer = withStatus(200, { 'content-type': 'application/json', 'content-encoding': encoding }, (_, response) =>
    response.end(bomb),
  )
  const response = await ask('/v1/chat/completions')
  expect([response.status, await codeOf(response)]).toEqual([502, 'upstream_invalid_response'])
})

test.each<[what: string, headers: Readonly<Record<string, string>>]>([
  ['too many', Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`x-header-${index}`, 'value']))],
  ['too large', { 'x-header': 'x'.repeat(100_000) }],
])('headers that are %s are refused', async (_, headers) => {
  answer = withStatus(200, headers, (_request, response) => void response.end('{}'))
  expect(await codeOf(await ask('/v1/chat/completions'))).toBe('upstream_invalid_response')
  expect((await ask('/proxy/hostile/chat/completions')).status).toBe(502)
})

test('a key that is quoted in headers is not passed on, whatever the status', async () => {
  for (const status of [200, 400, 500])
    for (const path of ['/v1/chat/completions', '/proxy/hostile/chat/completions']) {
      const quoting = { 'content-type': `application/json; key=${key}`, location: `/${key}`, 'x-key': key, etag: key }
      answer = withStatus(status, { ...quoting, 'content-disposition': `x; name=${key}` }, (_, response) =>
        response.end('{}'),
      )
      const response = await ask(path)
      expect(JSON.stringify([...response.headers])).not.toContain(key)
      await response.text()
    }
})

test.each([
  ['large', '"prompt_tokens":1.7e308,"completion_tokens":1.7e308'],
  ['large together', '"prompt_cache_hit_tokens":1.7e308,"prompt_cache_miss_tokens":1.7e308'],
  ['infinite', '"prompt_tokens":1e999,"completion_tokens":1e999'],
])('counts that are %s are numbers all the same', async (_, counts) => {
  const message = '"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]'
  answer = withStatus(200, { 'content-type': 'application/json' }, (_request, response) =>
    response.end(`{"id":"chatcmpl-1","object":"chat.completion","model":"small",${message},"usage":{${counts}}}`),
  )
  for (const path of ['/v1/chat/completions', '/v1/messages', '/proxy/hostile/chat/completions']) {
    const before = gateway.usage.length
    const response = await ask(path, { model: path.startsWith('/proxy') ? 'small' : 'hostile/small', max_tokens: 5 })
    expect(response.status).toBe(200)
    await response.text()
    const { outcome, usage = {}, cost } = await gateway.settled(before)
    expect(outcome).toBe('ok')
    for (const count of [...Object.values(usage), cost?.nanoDollars ?? 0])
      if (typeof count === 'number') expect(count).toBeLessThan(Infinity)
  }
})
