import { Agent } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type Behaviour, startSimulator } from '@sluice/simulator'
import { startServe } from '../start-serve.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, errorOf, eventsOf, type Heard, streamedAnswer, userMessage } from './ask.ts'
import { openConnection } from './raw-connection.ts'

const wholeStream = streamedAnswer.join('')

/** Two streams are under way when the gateway is told to stop. */
async function withOpenStreams(
  drainTimeout: number,
  behaviour: Behaviour,
  use: (test: TestGateway, streams: Promise<readonly Heard[]>) => Promise<void>,
): Promise<void> {
  await using test = await startTestGateway({ config: { server: { drain_timeout: drainTimeout } } })
  test.simulator.always({ raw: { body: streamedAnswer }, ...behaviour })
  const body = { model: 'small', stream: true, stream_options: { include_usage: true }, messages: userMessage }
  const streams = Promise.all([ask(test.gateway.url, { body }), ask(test.gateway.url, { body })])
  await expect.poll(() => test.gateway.open).toBe(2)
  await expect.poll(() => test.simulator.requests.filter(({ method }) => method === 'POST').length).toBe(2)
  await use(test, streams)
}

describe('a gateway that is told to stop', () => {
  it('lets open streams finish, and closes then', async () => {
    await withOpenStreams(10, { timing: { gap: 60 } }, async (test, streams) => {
      const closing = test.gateway.close()
      for (const heard of await streams) expect(heard).toMatchObject({ status: 200, body: wholeStream, whole: true })
      await closing
      expect(test.usage).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }])
      expect(test.gateway.open).toBe(0)
      await expect(ask(test.gateway.url, { method: 'GET', path: '/healthz' })).rejects.toThrow('ECONNREFUSED')
    })
  })

  it('refuses new requests meanwhile, on new connections and on kept ones', async () => {
    await withOpenStreams(10, { timing: { gap: 80 } }, async (test, streams) => {
      const kept = await openConnection(test.gateway.port)
      const text = JSON.stringify({ model: 'small', messages: userMessage })
      const bytes = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${text.length}\r\n\r\n`
      // Half of a request: the connection is not idle.
      kept.send(bytes.slice(0, 30))
      await new Promise((resolve) => setTimeout(resolve, 20))
      const closing = test.gateway.close()

      kept.send(bytes.slice(30) + text)
      const onKept = await kept.answer()
      expect(onKept.status).toBe(503)
      expect(onKept.headers.get('connection')).toBe('close')
      await kept.closed()
      kept.destroy()

      const onNew = await ask(test.gateway.url, { body: text })
      expect(onNew.status).toBe(503)
      expect(errorOf(onNew)).toMatchObject({ code: 'shutting_down', type: 'server_error' })
      expect(onNew.headers).toMatchObject({ connection: 'close', 'retry-after': '1' })
      expect(onNew.headers['x-should-retry']).toBeUndefined()

      expect(await ask(test.gateway.url, { method: 'GET', path: '/readyz' })).toMatchObject({ status: 503 })
      expect(await ask(test.gateway.url, { method: 'GET', path: '/healthz' })).toMatchObject({ status: 200 })

      for (const heard of await streams) expect(heard.body).toBe(wholeStream)
      await closing
      expect(test.usage).toHaveLength(2)
    })
  })

  it('closes idle connections at once', async () => {
    await withOpenStreams(10, { timing: { gap: 60 } }, async (test, streams) => {
      const agent = new Agent({ keepAlive: true })
      await ask(test.gateway.url, { method: 'GET', path: '/healthz', agent })
      const idle = await openConnection(test.gateway.port)
      idle.send('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await idle.answer()
      const closing = test.gateway.close()
      await idle.closed()
      idle.destroy()
      agent.destroy()
      expect(test.gateway.open).toBe(2)
      await streams
      await closing
    })
  })

  it('by SIGTERM, as a process: an open stream finishes before it ends', async () => {
    await using simulator = await startSimulator({ models: ['small'] })
    simulator.always({ raw: { body: streamedAnswer }, timing: { gap: 100 } })
    await using serving = await startServe({
      OPENAI_COMPATIBLE_BASE_URL: simulator.url,
      OPENAI_COMPATIBLE_API_KEY: 'upstream-key',
    })
    const asking = ask(serving.url, {
      body: { model: 'small', stream: true, stream_options: { include_usage: true }, messages: userMessage },
    })
    await expect.poll(() => simulator.requests.filter(({ method }) => method === 'POST').length).toBe(1)
    expect(await serving.end('SIGTERM')).toBe(0)
    expect(serving.errors).toContain('Stopping: 1 open request gets up to 30 s; again to stop now.\n')
    expect(await asking).toMatchObject({ status: 200, body: wholeStream, whole: true })
  })

  it('cuts off what is not done within the limit, and says it is no end', async () => {
    await withOpenStreams(0.3, { fault: { kind: 'hang', at: { event: 2 } } }, async (test, streams) => {
      await test.gateway.close()
      for (const heard of await streams) {
        expect(heard.body.startsWith(streamedAnswer.slice(0, 2).join(''))).toBe(true)
        expect(eventsOf(heard.body)).toHaveLength(3)
        expect(JSON.parse(eventsOf(heard.body)[2] ?? '')).toMatchObject({ error: { code: 'shutting_down' } })
      }
      expect(test.usage).toMatchObject([
        { outcome: 'cut', errorCode: 'shutting_down' },
        { outcome: 'cut', errorCode: 'shutting_down' },
      ])
      await expect.poll(() => test.simulator.openConnections).toBe(0)
    })
  })

  it('answers with 503 what has not begun to be answered at the limit', async () => {
    await using test = await startTestGateway({
      config: { server: { drain_timeout: 0.1 }, providers: { lab: { max_retries: 3 } } },
    })
    test.simulator.always('hang-before-head')
    const asking = ask(test.gateway.url, { body: { model: 'small', messages: userMessage } })
    await expect.poll(() => test.simulator.requests.filter(({ method }) => method === 'POST').length).toBe(1)
    await test.gateway.close()
    const heard = await asking
    expect(heard.status).toBe(503)
    expect(errorOf(heard).code).toBe('shutting_down')
    expect(test.usage).toMatchObject([{ outcome: 'error', errorCode: 'shutting_down', attempts: 1 }])
  })

  it('stops at once when nothing is open, and can be told twice', async () => {
    const test = await startTestGateway({ config: { server: { drain_timeout: 60 } } })
    await Promise.all([test.gateway.close(), test.gateway.close()])
    await test.gateway.close()
    await expect(ask(test.gateway.url, { method: 'GET', path: '/healthz' })).rejects.toThrow('ECONNREFUSED')
    await test.close()
  })

  it('does not wait for a connection that sends nothing, nor for half a request', async () => {
    const test = await startTestGateway({ config: { server: { drain_timeout: 60 } } })
    const silent = await openConnection(test.gateway.port)
    const half = await openConnection(test.gateway.port)
    half.send('GET /hea')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(test.gateway.open).toBe(0)
    await test.gateway.close()
    await Promise.all([silent.closed(), half.closed()])
    silent.destroy()
    half.destroy()
    await test.close()
  })
})
