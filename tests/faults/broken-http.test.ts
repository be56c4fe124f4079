import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, errorOf, eventsOf, userMessage } from './ask.ts'
import { openConnection, type RawAnswer, type RawConnection } from './raw-connection.ts'

let test: TestGateway
beforeAll(async () => {
  test = await startTestGateway({ config: { server: { request_timeout: 0.3 } } })
})
afterAll(() => test.close())
beforeEach(() => test.simulator.reset())

const body = JSON.stringify({ model: 'small', messages: userMessage })
const post = (headers: string, text = body): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n${text}`
const whole = (text = body): string => post(`content-length: ${text.length}\r\n`, text)
const codeOf = (answer: RawAnswer): unknown => (JSON.parse(answer.body) as { error: { code: unknown } }).error.code

async function exchange(bytes: string, use: (connection: RawConnection) => Promise<void>): Promise<void> {
  const connection = await openConnection(test.gateway.port)
  connection.send(bytes)
  await use(connection)
  connection.destroy()
}

describe('what is no HTTP', () => {
  it.each([
    ['noise', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n'],
    ['words', 'hello\r\n\r\n'],
    ['an unknown version', 'GET / HTTP/9.9\r\nhost: localhost\r\n\r\n'],
    ['a header without a colon', 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nbroken\r\n\r\n'],
    ['a space before a colon', 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-a : b\r\n\r\n'],
    ['a NUL in a header', 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-a: b\0c\r\n\r\n'],
    ['a folded header', 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-a: b\r\n\tc: d\r\n \r\n\r\n\0'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s is refused with 400 and the connection closed', async (_name, bytes) => {
    await exchange(bytes, async (connection) => {
      const answer = await connection.answer()
      expect([400, 404, 505]).toContain(answer.status)
      await connection.closed()
    })
    expect(test.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(0)
  })

  it('headers that are too large get 431 in the usual shape', async () => {
    await exchange(
      `GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-large: ${'x'.repeat(40_000)}\r\n\r\n`,
      async (connection) => {
        const answer = await connection.answer()
        expect(answer.status).toBe(431)
        expect(codeOf(answer)).toBe('headers_too_large')
        expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
        await connection.closed()
      },
    )
    const heard = await ask(test.gateway.url, { method: 'GET', path: `/v1/models/${'x'.repeat(40_000)}` })
    expect(heard.status).toBe(431)
  })

  it('8 KB of headers are none too many', async () => {
    const heard = await ask(test.gateway.url, {
      body,
      headers: { 'content-type': 'application/json', cookie: 'c'.repeat(8_000) },
    })
    expect(heard.status).toBe(200)
  })
})

describe('a body whose length is in doubt is no way to smuggle a request', () => {
  const smuggled = 'GET /v1/providers HTTP/1.1\r\nhost: localhost\r\n\r\n'
  it.each([
    ['both framings', post('content-length: 6\r\ntransfer-encoding: chunked\r\n', `0\r\n\r\n${smuggled}`)],
    ['both framings, other order', post('transfer-encoding: chunked\r\ncontent-length: 6\r\n', `0\r\n\r\n${smuggled}`)],
    ['two lengths', post('content-length: 2\r\ncontent-length: 60\r\n', `{}${smuggled}`)],
    ['two equal lengths in a list', post('content-length: 2, 2\r\n', `{}${smuggled}`)],
    ['a negative length', post('content-length: -1\r\n', smuggled)],
    ['a length with a sign', post('content-length: +2\r\n', `{}${smuggled}`)],
    ['a length in hexadecimal', post('content-length: 0x2\r\n', `{}${smuggled}`)],
    ['a length beyond all numbers', post(`content-length: ${'9'.repeat(40)}\r\n`, smuggled)],
    ['an unknown coding', post('transfer-encoding: xchunked\r\n', `0\r\n\r\n${smuggled}`)],
    ['chunked not last', post('transfer-encoding: chunked, identity\r\n', `0\r\n\r\n${smuggled}`)],
    ['chunked twice', post('transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n', `0\r\n\r\n${smuggled}`)],
    ['a chunk size that is none', post('transfer-encoding: chunked\r\n', `0x2\r\n{}\r\n0\r\n\r\n${smuggled}`)],
    ['a chunk longer than it says', post('transfer-encoding: chunked\r\n', `1\r\n{}\r\n0\r\n\r\n${smuggled}`)],
    ['a bare line feed after a chunk size', post('transfer-encoding: chunked\r\n', `2\n{}\r\n0\r\n\r\n${smuggled}`)],
    ['a line feed in a header’s name', `POST /healthz HTTP/1.1\r\nhost: localhost\r\nx\ny: z\r\n\r\n${smuggled}`],
  ])('%s', async (_name, bytes) => {
    await exchange(bytes, async (connection) => {
      const answers: number[] = []
      for (;;) {
        try {
          answers.push((await connection.answer()).status)
        } catch {
          break
        }
      }
      // One refusal and the end: what came behind was never taken for a request.
      expect(answers).toHaveLength(1)
      expect(answers[0]).toBeGreaterThanOrEqual(400)
    })
    expect(test.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(0)
  })

  it('a GET with a body does not leave it to the next request', async () => {
    await exchange(
      `GET /healthz HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}`,
      async (connection) => {
        expect((await connection.answer()).body).toContain('"ok"')
        connection.send('GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n')
        expect((await connection.answer()).body).toContain('"ready"')
      },
    )
  })
})

describe('a request that comes too slowly gets 408 and its connection closed', () => {
  it.each([
    ['half a head', 'POST /v1/chat/completions HTTP/1.1\r\nhost: localh'],
    ['half a body', post('content-length: 5000\r\n', body)],
    ['half a chunked body', post('transfer-encoding: chunked\r\n', '5\r\n{"mod')],
  ])('%s', async (_name, bytes) => {
    const open = test.gateway.open
    await exchange(bytes, async (connection) => {
      const answer = await connection.answer()
      expect(answer.status).toBe(408)
      expect(codeOf(answer)).toBe('request_timeout')
      await connection.closed()
      await expect.poll(() => test.gateway.open).toBe(open)
    })
    expect(test.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(0)
  })

  it('byte by byte does not help', async () => {
    const connection = await openConnection(test.gateway.port)
    const drip = setInterval(() => connection.send('x'), 20)
    connection.send('POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-a: ')
    expect((await connection.answer()).status).toBe(408)
    await connection.closed()
    clearInterval(drip)
    connection.destroy()
  })

  it('an answer may take longer than the request had', async () => {
    test.simulator.next({ timing: { latency: 700 } })
    expect((await ask(test.gateway.url, { body: { model: 'small', messages: userMessage } })).status).toBe(200)
  })
})

describe('methods and paths', () => {
  it.each(['PUT', 'DELETE', 'PATCH', 'GET', 'OPTIONS'])('%s is not for chat: 405 that says what is', async (method) => {
    const heard = await ask(test.gateway.url, { method })
    expect(heard.status).toBe(405)
    expect(heard.headers.allow).toBe('POST')
    expect(errorOf(heard).code).toBe('method_not_allowed')
  })

  it.each(['/v1/models', '/healthz'])('POST is not for %s', async (path) => {
    const heard = await ask(test.gateway.url, { path, body })
    expect(heard.status).toBe(405)
    expect(heard.headers.allow).toBe('GET, HEAD')
  })

  it.each(['/v1/models', '/healthz', '/readyz'])('HEAD %s is GET without the body', async (path) => {
    const heard = await ask(test.gateway.url, { method: 'HEAD', path })
    const got = await ask(test.gateway.url, { method: 'GET', path })
    expect(heard).toMatchObject({ status: 200, body: '' })
    expect(heard.headers['content-length']).toBe(got.headers['content-length'])
  })

  it.each([
    '/',
    '/v1',
    '/v1/',
    '/v2/chat/completions',
    '/v1/chat/completions/',
    '/v1/v1/chat/completions',
    '//v1/chat/completions',
    '/v1/../v1/chat/completions',
    '/v1/chat%2fcompletions',
    '/V1/CHAT/COMPLETIONS',
    '*',
    'http://evil.example/v1/chat/completions',
    `/${'x'.repeat(5_000)}`,
  ])('nothing is served at %.60s', async (path) => {
    await exchange(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      async (connection) => {
        const answer = await connection.answer()
        expect([400, 404]).toContain(answer.status)
        expect(answer.body.length).toBeLessThan(3_000)
      },
    )
    expect(test.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(0)
  })

  it.each(['/v1/chat/completions', '/chat/completions', '/v1/chat/completions?api-version=2024-10-21'])(
    '%s is chat',
    async (path) => {
      expect(
        (await ask(test.gateway.url, { path, body, headers: { 'content-type': 'application/json' } })).status,
      ).toBe(200)
      expect(test.simulator.requests.at(-1)?.path).toBe('/v1/chat/completions')
    },
  )

  it('CONNECT gets no tunnel', async () => {
    await exchange('CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n', async (connection) => {
      await connection.closed()
      await expect(connection.answer()).rejects.toThrow('ended')
    })
  })

  it('an upgrade is answered as plain HTTP', async () => {
    await exchange(
      'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      async (connection) => {
        expect((await connection.answer()).status).toBe(200)
      },
    )
  })
})

describe('one connection, many requests', () => {
  it('stays in use after every kind of error that leaves its framing whole', async () => {
    await exchange('', async (connection) => {
      const say = async (bytes: string): Promise<number> => {
        connection.send(bytes)
        return (await connection.answer()).status
      }
      expect(await say('GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n')).toBe(404)
      expect(await say(whole('{"model":'))).toBe(400)
      expect(await say(whole('{"model":"unheard-of"}'))).toBe(404)
      expect(await say('GET /v1/models HTTP/1.1\r\nhost: evil.example\r\n\r\n')).toBe(403)
      expect(await say('DELETE /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')).toBe(405)
      test.simulator.next('bad-request', 'server-error', 'reset-mid-body', 'html', 'error-inside')
      expect(await say(whole())).toBe(400)
      expect(await say(whole())).toBe(502)
      expect(await say(whole())).toBe(502)
      expect(await say(whole())).toBe(502)
      expect(await say(whole())).toBe(502)
      expect(await say(whole())).toBe(200)
    })
  })

  it('stays in use after a stream that broke off', async () => {
    const streaming = JSON.stringify({ model: 'small', messages: userMessage, stream: true })
    await exchange('', async (connection) => {
      test.simulator.next({ fault: { kind: 'reset', at: { event: 3 } } })
      connection.send(whole(streaming))
      const broken = await connection.answer()
      expect(JSON.parse(eventsOf(broken.body).at(-1) ?? '')).toMatchObject({ error: { code: 'upstream_disconnected' } })
      connection.send(whole())
      expect((await connection.answer()).status).toBe(200)
    })
  })

  it('answers pipelined requests in their order', async () => {
    const named = (user: string, stream: boolean): string =>
      whole(JSON.stringify({ model: 'small', stream, user, messages: userMessage }))
    test.simulator.always((request) => {
      const { user } = request.json() as { user: string }
      return { reply: { text: `I am ${user}.` }, timing: { latency: user === 'first' ? 100 : 0 } }
    })
    const all =
      named('first', false) +
      named('second', true) +
      'GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n' +
      named('third', false)
    await exchange(all, async (connection) => {
      expect((await connection.answer()).body).toContain('I am first.')
      const second = await connection.answer()
      expect(second.headers.get('content-type')).toContain('text/event-stream')
      expect(eventsOf(second.body).at(-1)).toBe('[DONE]')
      expect((await connection.answer()).status).toBe(404)
      expect((await connection.answer()).body).toContain('I am third.')
    })
  })

  it('HTTP/1.0 is answered and closed', async () => {
    const streaming = JSON.stringify({ model: 'small', messages: userMessage, stream: true })
    await exchange(
      `POST /v1/chat/completions HTTP/1.0\r\nhost: localhost\r\ncontent-length: ${streaming.length}\r\n\r\n${streaming}`,
      async (connection) => {
        await connection.closed()
        const answer = await connection.answer()
        expect(answer.headers.get('transfer-encoding')).toBeUndefined()
        expect(eventsOf(answer.body).at(-1)).toBe('[DONE]')
      },
    )
  })
})
