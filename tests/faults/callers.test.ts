import { buildConfig, type ConfigInput, providers as presets } from 'sluice'
import { startGateway } from '@sluice/gateway'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, errorOf, userMessage } from './ask.ts'
import { openConnection } from './raw-connection.ts'

let open: TestGateway
let guarded: TestGateway
beforeAll(async () => {
  open = await startTestGateway()
  guarded = await startTestGateway({ config: { server: { keys: ['caller-key-one', 'caller-key-two'] } } })
})
afterAll(() => Promise.all([open.close(), guarded.close()]))

const body = { model: 'small', messages: userMessage }

describe('a gateway with callers’ keys', () => {
  it.each([
    ['authorization', 'Bearer caller-key-one', 'key-1'],
    ['authorization', 'bearer caller-key-two', 'key-2'],
    ['authorization', 'Bearer  caller-key-one ', 'key-1'],
    ['x-api-key', 'caller-key-one', 'key-1'],
    ['api-key', 'caller-key-two', 'key-2'],
  ])('takes %s: %s', async (name, value, principal) => {
    const before = guarded.usage.length
    const heard = await ask(guarded.gateway.url, { body, headers: { [name]: value } })
    expect(heard.status).toBe(200)
    expect(guarded.usage.slice(before)).toMatchObject([{ principal, outcome: 'ok' }])
  })

  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['no key', {}, 'missing_api_key'],
    ['an empty bearer', { authorization: 'Bearer ' }, 'missing_api_key'],
    ['another scheme', { authorization: 'Basic Y2FsbGVyLWtleS1vbmU=' }, 'missing_api_key'],
    ['an empty x-api-key', { 'x-api-key': '' }, 'missing_api_key'],
    ['a wrong key', { authorization: 'Bearer caller-key-three' }, 'invalid_api_key'],
    ['the beginning of a key', { authorization: 'Bearer caller-key-on' }, 'invalid_api_key'],
    ['a key and more', { authorization: 'Bearer caller-key-one1' }, 'invalid_api_key'],
    ['another case', { authorization: 'Bearer CALLER-KEY-ONE' }, 'invalid_api_key'],
    ['the provider’s key', { authorization: 'Bearer upstream-key' }, 'invalid_api_key'],
    ['a key with a comma', { authorization: 'Bearer caller-key-one,caller-key-two' }, 'invalid_api_key'],
  ])('refuses %s', async (_name, headers, code) => {
    const before = guarded.usage.length
    const heard = await ask(guarded.gateway.url, { body, headers })
    expect(heard.status).toBe(401)
    expect(errorOf(heard)).toMatchObject({ code, type: 'invalid_request_error' })
    expect(guarded.usage).toHaveLength(before)
  })

  it.each(['/v1/models', '/models', '/v1/models/small', '/v1/providers'])('guards GET %s', async (path) => {
    expect((await ask(guarded.gateway.url, { method: 'GET', path })).status).toBe(401)
    const heard = await ask(guarded.gateway.url, { method: 'GET', path, headers: { 'x-api-key': 'caller-key-one' } })
    expect(heard.status).not.toBe(401)
  })

  it.each(['/healthz', '/readyz'])('tells anybody %s', async (path) => {
    expect((await ask(guarded.gateway.url, { method: 'GET', path })).status).toBe(200)
  })

  it.each(['', 'x-api-key: wrong\r\n'])('says 401 before the body of a large upload is sent (%j)', async (header) => {
    const connection = await openConnection(guarded.gateway.port)
    connection.send(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n${header}content-length: 30000000\r\n\r\n`,
    )
    const answer = await connection.answer()
    expect(answer.status).toBe(401)
    expect(answer.headers.get('connection')).toBe('close')
    await connection.closed()
    connection.destroy()
  })

  it('asks for no upload that it would refuse: no 100 Continue before 401', async () => {
    const connection = await openConnection(guarded.gateway.port)
    connection.send(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nexpect: 100-continue\r\ncontent-length: 30000000\r\n\r\n',
    )
    expect((await connection.answer()).status).toBe(401)
    connection.destroy()
  })

  it('asks for an upload that it takes: 100 Continue, then the answer', async () => {
    const connection = await openConnection(guarded.gateway.port)
    const text = JSON.stringify(body)
    connection.send(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nx-api-key: caller-key-one\r\nexpect: 100-continue\r\ncontent-length: ${text.length}\r\n\r\n`,
    )
    expect((await connection.answer()).status).toBe(100)
    connection.send(text)
    expect((await connection.answer()).status).toBe(200)
    connection.destroy()
  })

  it('is called by any name and from any page', async () => {
    const headers = {
      'x-api-key': 'caller-key-one',
      host: 'gateway.example',
      origin: 'https://app.example',
      'sec-fetch-site': 'cross-site',
    }
    expect((await ask(guarded.gateway.url, { body, headers })).status).toBe(200)
  })
})

describe('a gateway open to its own machine', () => {
  const hosts = ['127.0.0.1', '127.0.0.1:8090', 'localhost', 'LOCALHOST:8090', '127.1.2.3', '[::1]', '[::1]:8090']
  it.each(hosts)('answers to %s', async (host) => {
    expect((await ask(open.gateway.url, { body, headers: { host } })).status).toBe(200)
  })

  it.each([
    'evil.example',
    'evil.example:8090',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil.example@127.0.0.1',
    '192.168.0.1',
    '0.0.0.0',
    '[::]',
    'localhost:8090:1',
    '127.0.0.1, evil.example',
  ])('does not answer to %s: its name server may be the page’s own', async (host) => {
    const before = open.usage.length
    const heard = await ask(open.gateway.url, { body, headers: { host } })
    expect(heard.status).toBe(403)
    expect(errorOf(heard)).toMatchObject({ code: 'forbidden_host', type: 'permission_error' })
    expect(open.usage).toHaveLength(before)
  })

  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['a sandboxed page', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['this machine by another name', { origin: 'http://localhost' }],
    ['a browser extension', { origin: 'chrome-extension://abc' }],
    ['a foreign site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling site', { 'sec-fetch-site': 'same-site' }],
    ['a foreign site that hides its origin', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ])('takes no call of a page: %s', async (_name, headers) => {
    for (const [method, path] of [
      ['POST', '/v1/chat/completions'],
      ['GET', '/v1/models'],
      ['GET', '/v1/providers'],
    ] as const) {
      const heard = await ask(open.gateway.url, { method, path, headers, ...(method === 'POST' && { body }) })
      expect(heard.status).toBe(403)
      expect(errorOf(heard).code).toBe('forbidden_origin')
      expect(heard.headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  it('takes calls of its own pages and of the address line', async () => {
    const host = `127.0.0.1:${open.gateway.port}`
    for (const headers of [
      { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' },
      { host, 'sec-fetch-site': 'none' },
    ]) {
      expect((await ask(open.gateway.url, { method: 'GET', path: '/v1/models', headers })).status).toBe(200)
    }
  })

  it('a preflight gets no permission', async () => {
    const heard = await ask(open.gateway.url, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(heard.status).toBeGreaterThanOrEqual(400)
    expect(Object.keys(heard.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
  })

  it('takes any caller key', async () => {
    expect((await ask(open.gateway.url, { body, headers: { authorization: 'Bearer anything' } })).status).toBe(200)
  })
})

describe('a gateway that others could reach', () => {
  const start = async (server: ConfigInput['server'], flags = {}): Promise<string> => {
    const config = buildConfig({ presets, input: { server: { port: 0, ...server } }, flags })
    const gateway = await startGateway(config, { logger: pino({ level: 'silent' }) })
    await gateway.close()
    return gateway.url
  }

  it.each(['0.0.0.0', '::', '192.0.2.1', 'gateway.example'])(
    'does not start on %s without callers’ keys',
    async (host) => {
      await expect(start({ host })).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringMatching(/keys.*--insecure/) as string,
      })
    },
  )

  it('starts on loopback without keys', async () => {
    expect(await start({ host: '127.0.0.1' })).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await start({ host: 'localhost' })).toMatch(/^http:\/\/localhost:\d+$/)
  })

  it('says it plainly when the port is taken', async () => {
    await expect(start({ port: open.gateway.port })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(/port \d+ is in use.*--port/) as string,
    })
  })
})
