import { request as sendRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Behaviour } from '@sluice/simulator'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { userMessage } from './ask.ts'
import { openConnection } from './raw-connection.ts'

let test: TestGateway
beforeAll(async () => {
  test = await startTestGateway({ config: { providers: { lab: { max_retries: 2 } } } })
})
afterAll(() => test.close())
afterEach(() => test.simulator.reset())

/** Starts a request; what is done with it is the test's business. */
function start(stream: boolean): ClientRequest {
  const body = JSON.stringify({ model: 'small', stream, messages: userMessage })
  const request = sendRequest(`${test.url}/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  })
  request.on('error', () => undefined)
  request.end(body)
  return request
}

const upstream = () => test.simulator.requests.filter(({ method }) => method === 'POST')
const firstData = (request: ClientRequest): Promise<unknown> =>
  new Promise((resolve) =>
    request.on('response', (response: IncomingMessage) => {
      response.on('error', () => undefined)
      response.once('data', resolve)
    }),
  )

describe('a caller who goes away', () => {
  it.each<readonly [string, boolean, Behaviour]>([
    ['before the head', false, { fault: { kind: 'hang', at: 'head' } }],
    ['before the head of a stream', true, { fault: { kind: 'hang', at: 'head' } }],
    ['in the body', false, { fault: { kind: 'hang', at: 50 } }],
    ['before the first event', true, { fault: { kind: 'hang', at: 0 } }],
  ])('%s: the provider’s connection is closed, and it is metered once', async (_name, stream, behaviour) => {
    const before = test.usage.length
    test.simulator.next(behaviour)
    const request = start(stream)
    await expect.poll(() => upstream()[0]?.bodyComplete).toBe(true)
    request.destroy()
    expect(await upstream()[0]?.closed()).toBe('aborted')
    const record = await test.settled(before)
    expect(record).toMatchObject({ outcome: 'aborted', errorCode: 'client_closed_request', attempts: 1, stream })
    await expect.poll(() => test.gateway.open).toBe(0)
    expect(test.usage).toHaveLength(before + 1)
    expect(upstream()).toHaveLength(1)
  })

  it('in the middle of a stream', async () => {
    const before = test.usage.length
    test.simulator.next('endless')
    const request = start(true)
    await firstData(request)
    request.destroy()
    expect(await upstream()[0]?.closed()).toBe('aborted')
    expect(await test.settled(before)).toMatchObject({
      outcome: 'aborted',
      provider: 'lab',
      model: 'small',
      attempts: 1,
    })
    await expect.poll(() => test.gateway.open).toBe(0)
    expect(test.usage).toHaveLength(before + 1)
  })

  it('between two attempts: nothing more is asked', async () => {
    const before = test.usage.length
    test.simulator.next({ fault: { kind: 'status', status: 503, retryAfter: 30 } })
    const request = start(false)
    await expect.poll(() => upstream()[0]?.outcome).toBe('answered')
    // The gateway is waiting now.
    await new Promise((resolve) => setTimeout(resolve, 30))
    request.destroy()
    expect(await test.settled(before)).toMatchObject({ outcome: 'aborted', attempts: 1 })
    await expect.poll(() => test.gateway.open).toBe(0)
    expect(upstream()).toHaveLength(1)
    expect(test.usage).toHaveLength(before + 1)
  })

  it('while it sends its body: no provider hears of it', async () => {
    const before = test.usage.length
    const connection = await openConnection(test.gateway.port)
    connection.send('POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{"model":')
    await expect.poll(() => test.gateway.open).toBe(1)
    connection.destroy()
    await expect.poll(() => test.gateway.open).toBe(0)
    expect(upstream()).toHaveLength(0)
    expect(test.usage).toHaveLength(before)
  })

  it('does not disturb the others', async () => {
    test.simulator.always({ timing: { gap: 5 } })
    const others = Array.from({ length: 10 }, () =>
      fetch(`${test.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'small', stream: true, messages: userMessage }),
      }).then((response) => response.text()),
    )
    for (let index = 0; index < 20; index++) {
      const request = start(true)
      await firstData(request)
      request.destroy()
    }
    for (const text of await Promise.all(others)) expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    await expect.poll(() => test.gateway.open).toBe(0)
  })

  it('leaves no provider’s connection in use, and the next caller is served', async () => {
    const before = test.simulator.openConnections
    for (let round = 0; round < 10; round++) {
      test.simulator.next('endless')
      const request = start(true)
      await firstData(request)
      request.destroy()
      await upstream().at(-1)?.closed()
      const response = await fetch(`${test.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'small', messages: userMessage }),
      })
      expect(response.status).toBe(200)
      await response.text()
    }
    expect(test.simulator.openConnections).toBeLessThanOrEqual(before + 1)
  })
})
