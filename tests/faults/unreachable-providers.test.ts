import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, errorOf, eventsOf, type Heard, streamedAnswer, userMessage, wholeAnswer } from './ask.ts'

let test: TestGateway
beforeAll(async () => {
  test = await startTestGateway({ config: { providers: { lab: { timeout: 5 } } } })
})
afterAll(() => test.close())
afterEach(() => test.simulator.reset())

const chat = (stream = false, members: object = {}, at = test): Promise<Heard> =>
  ask(at.gateway.url, { body: { model: 'small', stream, messages: userMessage, ...members } })

const asked = { stream_options: { include_usage: true } }
const wholeStream = streamedAnswer.join('')

describe('a provider that cannot be reached', () => {
  it('refuses connections', async () => {
    await using gone = await startTestGateway()
    await gone.simulator.close()
    for (const stream of [false, true]) {
      const heard = await chat(stream, {}, gone)
      expect(heard.status).toBe(502)
      expect(errorOf(heard)).toMatchObject({ code: 'upstream_unreachable', type: 'server_error' })
      expect(errorOf(heard).message).toContain('connection refused')
      expect(errorOf(heard).message).not.toContain(String(gone.simulator.port))
    }
    expect(gone.usage).toMatchObject([
      { outcome: 'error', errorCode: 'upstream_unreachable', attempts: 1 },
      { outcome: 'error', errorCode: 'upstream_unreachable', attempts: 1 },
    ])
  })

  it('has a name that nobody knows', async () => {
    await using lost = await startTestGateway({ config: { providers: { lab: { base_url: 'http://lab.invalid/v1' } } } })
    const heard = await chat(false, {}, lost)
    expect(heard.status).toBe(502)
    expect(errorOf(heard).code).toBe('upstream_unreachable')
  })

  it('speaks no HTTP', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.resume()
      socket.end('220 mail.example ESMTP\r\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await using wrong = await startTestGateway({
      config: { providers: { lab: { base_url: `http://127.0.0.1:${port}/v1` } } },
    })
    const heard = await chat(false, {}, wrong)
    expect(heard.status).toBe(502)
    expect(errorOf(heard).code).toBe('upstream_invalid_response')
    await new Promise((resolve) => server.close(resolve))
  })

  it.each(['cut', 'reset'] as const)('goes away before the head: %s', async (kind) => {
    test.simulator.next({ fault: { kind, at: 'head' } })
    const heard = await chat()
    expect(heard.status).toBe(502)
    expect(errorOf(heard).code).toBe('upstream_disconnected')
  })

  it('closed the connection that was kept: the next request does not suffer', async () => {
    for (let round = 0; round < 5; round++) {
      test.simulator.next('close-idle')
      expect((await chat()).status).toBe(200)
      expect((await chat()).status).toBe(200)
    }
  })
})

describe('a provider that falls silent', () => {
  let hurried: TestGateway
  beforeAll(async () => {
    hurried = await startTestGateway({ config: { providers: { lab: { timeout: 0.6, max_retries: 2 } } } })
  })
  afterAll(() => hurried.close())

  it.each([
    ['before the head', 'head', /first-byte timeout, 600 ms/],
    ['after the head', 0, /idle timeout, 600 ms/],
    ['in the body', 40, /idle timeout, 600 ms/],
  ] as const)('%s: 504, asked once, its connection closed', async (_name, at, message) => {
    const before = hurried.usage.length
    hurried.simulator.reset()
    hurried.simulator.next({ raw: { body: wholeAnswer }, fault: { kind: 'hang', at } })
    const heard = await chat(false, {}, hurried)
    expect(heard.status).toBe(504)
    expect(errorOf(heard)).toMatchObject({ code: 'upstream_timeout' })
    expect(errorOf(heard).message).toMatch(message)
    // Not asked again by us; whoever asked may.
    expect(heard.headers['x-should-retry']).toBeUndefined()
    const requests = hurried.simulator.requests.filter(({ method }) => method === 'POST')
    expect(requests).toHaveLength(1)
    expect(await requests[0]?.closed()).toBe('aborted')
    expect(hurried.usage.slice(before)).toMatchObject([
      { outcome: 'error', errorCode: 'upstream_timeout', attempts: 1 },
    ])
  })

  it('between two chunks: the stream ends with an error', async () => {
    const before = hurried.usage.length
    hurried.simulator.next({ raw: { body: streamedAnswer }, fault: { kind: 'hang', at: { event: 2 } } })
    const heard = await chat(true, asked, hurried)
    expect(heard.body.startsWith(streamedAnswer.slice(0, 2).join(''))).toBe(true)
    expect(eventsOf(heard.body)).toHaveLength(3)
    expect(JSON.parse(eventsOf(heard.body)[2] ?? '')).toMatchObject({ error: { code: 'upstream_timeout' } })
    expect(hurried.usage.slice(before)).toMatchObject([{ outcome: 'cut', errorCode: 'upstream_timeout' }])
  })

  it('after [DONE]: the answer was whole', async () => {
    const before = hurried.usage.length
    hurried.simulator.next({ raw: { body: streamedAnswer }, fault: { kind: 'hang', at: { event: 5 } } })
    const heard = await chat(true, asked, hurried)
    expect(heard).toMatchObject({ body: wholeStream, whole: true })
    expect(hurried.usage.slice(before)).toMatchObject([{ outcome: 'ok', errorCode: undefined, finishReason: 'stop' }])
  })

  it('a slow but steady stream is no silence', async () => {
    hurried.simulator.next({ raw: { body: streamedAnswer }, timing: { gap: 200 } })
    expect((await chat(true, asked, hurried)).body).toBe(wholeStream)
  })
})
