import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { userMessage } from './ask.ts'
import { openConnection, type RawConnection } from './raw-connection.ts'

let test: TestGateway
beforeAll(async () => {
  test = await startTestGateway({ config: { server: { request_timeout: 0.5, keys: ['key-of-the-caller'] } } })
})
afterAll(() => test.close())
beforeEach(() => test.simulator.reset())

const body = JSON.stringify({ model: 'small', messages: userMessage })
const begin = 'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-api-key: key-of-the-caller\r\n'
const whole = `${begin}content-length: ${body.length}\r\n\r\n${body}`
const chunked = `${begin}transfer-encoding: chunked\r\n\r\n`
const size = body.length.toString(16)
const asked = (): number => test.simulator.requests.filter(({ method }) => method === 'POST').length

async function exchange(bytes: string, use: (connection: RawConnection) => Promise<void>): Promise<void> {
  const connection = await openConnection(test.gateway.port)
  connection.send(bytes)
  await use(connection)
  connection.destroy()
}

describe('what no client sends is refused, and its connection closed', () => {
  it.each([
    ['a NUL in the path', 'GET /v1/models/sm\0all HTTP/1.1\r\nhost: localhost\r\n\r\n'],
    ['a line feed in the path', 'GET /healthz\nx HTTP/1.1\r\nhost: localhost\r\n\r\n'],
    ['a header that goes on in the next line', 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-a: b\r\n c\r\n\r\n'],
    ['a first header that begins with a space', 'GET /healthz HTTP/1.1\r\n host: localhost\r\n\r\n'],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['more headers than are read', whole.replace('x-api-key', `${'a:\r\n'.repeat(2_500)}x-api-key`)],
    ['a long extension of a chunk', `${chunked}${size};${'x'.repeat(100_000)}\r\n${body}\r\n0\r\n\r\n`],
    ['a line feed in the extension of a chunk', `${chunked}${size};a\nb\r\n${body}\r\n0\r\n\r\n`],
    ['trailers without an end', `${chunked}${size}\r\n${body}\r\n0\r\nx-a: ${'x'.repeat(100_000)}`],
  ])('%s', async (_name, bytes) => {
    await exchange(bytes, async (connection) => {
      const { status } = await connection.answer()
      expect([400, 431]).toContain(status)
      await connection.closed()
    })
    expect(asked()).toBe(0)
  })

  it('an expectation that nobody can meet', async () => {
    const bytes = `${begin}expect: a-miracle\r\ncontent-length: ${body.length}\r\n\r\n`
    await exchange(bytes, async (connection) => expect((await connection.answer()).status).toBe(417))
    expect(asked()).toBe(0)
  })
})

describe('what is odd and harmless is served', () => {
  it('a short extension of a chunk, and trailers', async () => {
    const bytes = `${chunked}${size};name="value"\r\n${body}\r\n0\r\nx-a: b\r\n\r\n`
    await exchange(bytes + whole, async (connection) => {
      expect((await connection.answer()).status).toBe(200)
      expect((await connection.answer()).status).toBe(200)
    })
  })

  it.each(['h2c', 'websocket', 'TLS/1.2'])(
    'a call that wants to become %s gets its answer, and stays what it is',
    async (name) => {
      const wish = `connection: upgrade, http2-settings\r\nupgrade: ${name}\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n`
      await exchange(whole.replace('\r\n', `\r\n${wish}`), async (connection) => {
        expect((await connection.answer()).status).toBe(200)
        connection.send(whole)
        expect((await connection.answer()).status).toBe(200)
      })
      expect(asked()).toBe(2)
    },
  )
})

describe('who keeps a connection busy with nothing loses it', () => {
  it('many connections that send nothing are closed, and others are served meanwhile', async () => {
    const idle = await Promise.all(Array.from({ length: 200 }, () => openConnection(test.gateway.port)))
    await exchange(whole, async (connection) => expect((await connection.answer()).status).toBe(200))
    await Promise.all(idle.map((connection) => connection.closed()))
    for (const connection of idle) connection.destroy()
  })

  it.each([
    ['a body', `${begin}content-length: 100000\r\n\r\n`, ' '],
    ['a body in chunks', chunked, '1\r\n \r\n'],
    ['the extension of a chunk', `${chunked}1;`, 'x'],
    ['trailers', `${chunked}0\r\nx-a: `, 'x'],
  ])('%s that comes byte by byte', async (_name, bytes, drop) => {
    const connection = await openConnection(test.gateway.port)
    const drip = setInterval(() => connection.send(drop), 20)
    connection.send(bytes)
    expect((await connection.answer()).status).toBe(408)
    await connection.closed()
    clearInterval(drip)
    connection.destroy()
    await expect.poll(() => test.gateway.open).toBe(0)
    expect(asked()).toBe(0)
  })

  it('very many requests at once are given up with their connection', async () => {
    test.simulator.always('hang-before-head')
    const connection = await openConnection(test.gateway.port)
    connection.send(whole.repeat(100))
    await expect.poll(asked).toBe(100)
    connection.destroy()
    await expect.poll(() => test.gateway.open).toBe(0)
    await Promise.all(test.simulator.requests.map((request) => request.closed()))
  })
})

it.each([
  ['x-api-key', 'upstream-key'],
  ['content-type', 'application/json'],
])('a header that goes on to the provider and says "%s" does not stand for that one', async (name, ours) => {
  await using claude = await startTestGateway({
    providers: ({ url }) => ({ claude: { type: 'anthropic', base_url: url, api_key: 'upstream-key' } }),
  })
  const answer = await fetch(`${claude.url}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-beta': name },
    body: JSON.stringify({ model: 'claude/small', max_tokens: 5, messages: userMessage }),
  })
  expect(answer.status).toBe(200)
  const sent = claude.simulator.requests.find(({ path }) => path.endsWith('/messages'))
  expect([sent?.header('anthropic-beta'), sent?.header(name)]).toEqual([name, ours])
})
