import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, errorOf, eventsOf, wholeAnswer } from './ask.ts'
import { openConnection } from './raw-connection.ts'

let test: TestGateway
beforeAll(async () => {
  test = await startTestGateway({ config: { server: { max_body_bytes: 100_000 } } })
})
afterAll(() => test.close())
beforeEach(() => test.simulator.reset())

const messages = '"messages":[{"role":"user","content":"Hello"}]'
const chatRequests = (): number => test.simulator.requests.filter(({ method }) => method === 'POST').length
const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)))

const refused: readonly (readonly [string, string | Uint8Array, number, string, RegExp])[] = [
  ['text', 'hello', 400, 'invalid_json', /unexpected "h" at byte 0/],
  ['an empty body', '', 400, 'invalid_json', /empty/],
  ['white space', ' \r\n\t', 400, 'invalid_json', /ends too early/],
  ['a form', 'model=small&stream=true', 400, 'invalid_json', /at byte 0/],
  ['an array', '[]', 400, 'invalid_request', /must be a JSON object/],
  ['a string', '"text"', 400, 'invalid_request', /must be a JSON object/],
  ['null', 'null', 400, 'invalid_request', /must be a JSON object/],
  ['a number', '5', 400, 'invalid_request', /must be a JSON object/],
  ['a broken-off object', `{"model":"small",${messages}`, 400, 'invalid_json', /ends too early, at byte 63/],
  ['a broken-off string', '{"model":"sma', 400, 'invalid_json', /ends too early/],
  ['a trailing comma', `{"model":"small",${messages},}`, 400, 'invalid_json', /unexpected "}" at byte 64/],
  ['two objects', '{"model":"small"}{}', 400, 'invalid_json', /at byte 17/],
  ['a comment', '{"model":"small"/* cheap */}', 400, 'invalid_json', /unexpected "\/"/],
  ['single quotes', "{'model':'small'}", 400, 'invalid_json', /unexpected "'"/],
  ['NaN', '{"model":"small","temperature":NaN}', 400, 'invalid_json', /at byte 31/],
  ['Infinity', '{"model":"small","temperature":-Infinity}', 400, 'invalid_json', /at byte 32/],
  ['a leading zero', '{"model":"small","seed":01}', 400, 'invalid_json', /at byte 25/],
  ['a leading plus', '{"model":"small","seed":+1}', 400, 'invalid_json', /at byte 24/],
  ['a number without digits after the point', '{"model":"small","seed":1.}', 400, 'invalid_json', /at byte 26/],
  ['an unknown escape', '{"model":"sm\\x61ll"}', 400, 'invalid_json', /at byte/],
  ['a line break in a string', '{"model":"sm\nall"}', 400, 'invalid_json', /byte 0x0a at byte 12/],
  ['a NUL in a string', '{"model":"sm\0all"}', 400, 'invalid_json', /byte 0x00 at byte 12/],
  ['bad UTF-8 in a value', bytes('{"model":"small","user":"', [0xff], '"}'), 400, 'invalid_utf8', /at byte 25/],
  ['bad UTF-8 in a key', bytes('{"', [0xc3, 0x28], '":1}'), 400, 'invalid_utf8', /at byte 2/],
  ['an overlong sequence', bytes('{"user":"', [0xc0, 0xaf], '"}'), 400, 'invalid_utf8', /at byte 9/],
  ['a surrogate in UTF-8', bytes('{"user":"', [0xed, 0xa0, 0x80], '"}'), 400, 'invalid_utf8', /at byte 9/],
  ['half a sequence', bytes('{"user":"', [0xe2, 0x82], '"}'), 400, 'invalid_utf8', /at byte 9/],
  ['UTF-16', Buffer.from(`\uFEFF{"model":"small",${messages}}`, 'utf16le'), 400, 'invalid_utf8', /at byte 0/],
  ['257 levels', `{"a":${'['.repeat(256)}${']'.repeat(256)}}`, 400, 'body_too_deep', /256 levels/],
  ['levels without end', '['.repeat(99_999), 400, 'body_too_deep', /256 levels/],
  ['a model that is a number', `{"model":5,${messages}}`, 400, 'invalid_request', /`model` must be a string/],
  ['a model that is a list', `{"model":["small"],${messages}}`, 400, 'invalid_request', /`model` must be a string/],
  ['a stream that is a word', `{"model":"small","stream":"yes"}`, 400, 'invalid_request', /`stream` must be true or/],
]

describe('a body that is no request is refused, names its fault and reaches no provider', () => {
  it.each(refused)('%s', async (_name, body, status, code, message) => {
    const heard = await ask(test.gateway.url, { body })
    expect(heard.status).toBe(status)
    expect(errorOf(heard)).toMatchObject({ code, type: 'invalid_request_error' })
    expect(errorOf(heard).message).toMatch(message)
    expect(chatRequests()).toBe(0)
  })

  it('names the field', async () => {
    const [model, stream] = await Promise.all([
      ask(test.gateway.url, { body: '{"model":{}}' }),
      ask(test.gateway.url, { body: '{"model":"small","stream":1}' }),
    ])
    expect(errorOf(model).param).toBe('model')
    expect(errorOf(stream).param).toBe('stream')
  })

  it('leaves the connection in use', async () => {
    const connection = await openConnection(test.gateway.port)
    const send = (body: string): void =>
      connection.send(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
    for (const body of ['hello', '[]', '{"model":5}']) {
      send(body)
      expect((await connection.answer()).status).toBe(400)
    }
    send(`{"model":"small",${messages}}`)
    expect((await connection.answer()).status).toBe(200)
    connection.destroy()
  })
})

describe('a valid but unusual body means what JSON says', () => {
  const lastBody = (): string =>
    test.simulator.requests.findLast(({ method }) => method === 'POST')?.body.toString() ?? ''

  it('256 levels pass', async () => {
    const deep = `${'['.repeat(255)}${']'.repeat(255)}`
    test.simulator.next({ raw: { body: wholeAnswer } })
    const heard = await ask(test.gateway.url, { body: `{"model":"small","metadata":${deep},${messages}}` })
    expect(heard).toMatchObject({ status: 200, body: wholeAnswer })
    expect(lastBody()).toContain(deep)
  })

  it('a byte order mark is no part of it', async () => {
    const heard = await ask(test.gateway.url, { body: `\uFEFF{"model":"small",${messages}}` })
    expect(heard.status).toBe(200)
    expect(JSON.parse(lastBody())).toMatchObject({ model: 'small' })
  })

  it('of a repeated key the last counts, and only it is sent', async () => {
    const heard = await ask(test.gateway.url, { body: `{"model":"nothing","model":"small",${messages}}` })
    expect(heard.status).toBe(200)
    expect(lastBody().match(/"model"/g)).toHaveLength(1)
    expect(JSON.parse(lastBody())).toMatchObject({ model: 'small' })

    const unknown = await ask(test.gateway.url, { body: `{"model":"small","model":"nothing",${messages}}` })
    expect(unknown.status).toBe(404)
  })

  it('a repeated stream does what its last says', async () => {
    const streamed = await ask(test.gateway.url, { body: `{"model":"small","stream":false,"stream":true,${messages}}` })
    expect(streamed.headers['content-type']).toContain('text/event-stream')
    expect(eventsOf(streamed.body).at(-1)).toBe('[DONE]')
    const whole = await ask(test.gateway.url, { body: `{"model":"small","stream":true,"stream":false,${messages}}` })
    expect(whole.headers['content-type']).toContain('application/json')
  })

  it('a key written with escapes is that key', async () => {
    const heard = await ask(test.gateway.url, { body: `{"mod\\u0065l":"large","str\\u0065am":true,${messages}}` })
    expect(heard.status).toBe(200)
    expect(heard.headers['x-sluice-model']).toBe('large')
    expect(eventsOf(heard.body).at(-1)).toBe('[DONE]')
    expect(JSON.parse(lastBody())).toMatchObject({
      model: 'large',
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it('an escaped and a plain spelling are one key, and its last value counts', async () => {
    const heard = await ask(test.gateway.url, { body: `{"model":"nothing","\\u006dodel":"small",${messages}}` })
    expect(heard.headers['x-sluice-model']).toBe('small')
    const unknown = await ask(test.gateway.url, { body: `{"\\u006dodel":"small","model":"nothing",${messages}}` })
    expect(unknown.status).toBe(404)
  })

  it('a key that cannot be written without escapes is kept', async () => {
    const heard = await ask(test.gateway.url, { body: `{"a\\"b\\u0000":1,"model":"small",${messages}}` })
    expect(heard.status).toBe(200)
    expect(JSON.parse(lastBody())).toMatchObject({ 'a"b\0': 1, model: 'small' })
  })

  it('an escaped include_usage is heeded', async () => {
    const options = '"stream_options":{"includ\\u0065_usage":true}'
    const heard = await ask(test.gateway.url, { body: `{"model":"small","stream":true,${options},${messages}}` })
    expect(heard.body).toContain('"total_tokens"')
  })

  it('a model name written with escapes is that name', async () => {
    const heard = await ask(test.gateway.url, { body: `{"model":"sm\\u0061ll",${messages}}` })
    expect(heard.headers['x-sluice-model']).toBe('small')
  })
})

describe('the content type', () => {
  const body = `{"model":"small",${messages}}`

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/html',
    'application/xml',
    'application/jsonfoo',
  ])('%s is refused before the body is read', async (type) => {
    const connection = await openConnection(test.gateway.port)
    connection.send(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: 50000\r\n\r\n`,
    )
    const answer = await connection.answer()
    expect(answer.status).toBe(415)
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'unsupported_media_type' } })
    connection.destroy()
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json'])(
    '%s is taken',
    async (type) => {
      expect((await ask(test.gateway.url, { body, headers: { 'content-type': type } })).status).toBe(200)
    },
  )

  it('may be missing', async () => {
    const connection = await openConnection(test.gateway.port)
    connection.send(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    expect((await connection.answer()).status).toBe(200)
    connection.destroy()
  })
})

describe('a body that is too large', () => {
  const padded = (size: number): string => {
    const start = `{"model":"small",${messages},"user":"`
    return `${start}${'x'.repeat(size - start.length - 2)}"}`
  }

  it('is refused by its announced length, without being sent', async () => {
    const connection = await openConnection(test.gateway.port)
    connection.send('POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100001\r\n\r\n')
    const answer = await connection.answer()
    expect(answer.status).toBe(413)
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { code: 'body_too_large', message: expect.stringContaining('100000 bytes') as string },
    })
    await connection.closed()
    connection.destroy()
  })

  it('is refused at the limit when no length was announced', async () => {
    const connection = await openConnection(test.gateway.port)
    connection.send('POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n')
    connection.send(`${(100_001).toString(16)}\r\n${'x'.repeat(100_001)}\r\n`)
    const answer = await connection.answer()
    expect(answer.status).toBe(413)
    await connection.closed()
    connection.destroy()
  })

  it.each(['announced', 'chunked'])('a client that sends on all the same hears why: %s', async (kind) => {
    const body = 'x'.repeat(3_000_000)
    const headers = kind === 'chunked' ? { 'transfer-encoding': 'chunked' } : {}
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        fetch(`${test.url}/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          ...(Object.keys(headers).length === 0 ? { body } : { body: new Blob([body]).stream(), duplex: 'half' }),
        }).then(
          async (response) => ({ status: response.status, text: await response.text() }),
          (error: unknown) => ({ status: 0, text: String((error as Error).cause) }),
        ),
      ),
    )
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 413))
  })

  it('is not refused at exactly the limit', async () => {
    const body = padded(100_000)
    expect(body).toHaveLength(100_000)
    expect((await ask(test.gateway.url, { body })).status).toBe(200)
    expect((await ask(test.gateway.url, { body: `${body} ` })).status).toBe(413)
  })
})
