import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Simulator } from './simulator.ts'
import { startSimulator } from './simulator.ts'

let simulator: Simulator
afterEach(() => simulator.close())

const said = { model: 'any', messages: [{ role: 'user', content: 'Hello' }] }

async function post(
  body: unknown = said,
  headers: Record<string, string> = {},
  query = '',
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`${simulator.url}/chat/completions${query}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

describe('recording', () => {
  test('keeps the exact bytes, headers as sent, and times', async () => {
    simulator = await startSimulator()
    const body = '{ "model":"any","messages":[{"role":"user","content":"\\u00e4 ä 1.0 -0 1e400"}], "x": 1.0 }'
    const mixed = ['X-Mixed-Case', 'One', 'x-mixed-case', 'Two']
    const agent = new Agent({ keepAlive: true })
    const before = Date.now()
    await new Promise<void>((resolve) => {
      const call = request(`${simulator.url}/chat/completions?a=b`, {
        agent,
        method: 'POST',
        headers: [...mixed, 'Host', 'x', 'Content-Length', String(Buffer.byteLength(body))],
      })
      call.on('response', (response) => response.resume().on('end', resolve))
      call.write(body.slice(0, 20))
      setImmediate(() => call.end(body.slice(20)))
    })
    agent.destroy()
    const [recorded] = simulator.requests
    expect(recorded).toMatchObject({ method: 'POST', path: '/v1/chat/completions?a=b', bodyComplete: true })
    expect(recorded?.body).toEqual(Buffer.from(body))
    expect(recorded?.rawHeaders.slice(0, 4)).toEqual(mixed)
    expect(recorded?.header('X-MIXED-CASE')).toBe('One, Two')
    expect(await recorded?.closed()).toBe('answered')
    const times = [before, recorded?.receivedAt ?? 0, recorded?.bodyAt ?? 0, recorded?.closedAt ?? 0, Date.now()]
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test('tells connections apart', async () => {
    simulator = await startSimulator()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const call = (chosen: Agent | undefined): Promise<void> =>
      new Promise((resolve) => {
        const sent = request(`${simulator.url}/models`, { agent: chosen ?? false })
        sent.on('response', (response) => response.resume().on('end', resolve)).end()
      })
    await call(agent)
    await call(agent)
    await call(undefined)
    agent.destroy()
    expect(simulator.requests.map((recorded) => recorded.connection)).toEqual([1, 1, 2])
  })

  test('tells that the client left in the middle of its body', async () => {
    simulator = await startSimulator()
    const socket = connect(simulator.port, '127.0.0.1')
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"model"')
    await expect.poll(() => simulator.requests[0]?.bodySize).toBe(8)
    socket.destroy()
    expect(await simulator.requests[0]?.closed()).toBe('aborted')
    expect(simulator.requests[0]).toMatchObject({ bodyComplete: false })
    expect(simulator.requests[0]?.body.toString()).toBe('{"model"')
    expect(simulator.openConnections).toBe(0)
  })

  test('is bounded in number and in bytes, and keeps the newest', async () => {
    simulator = await startSimulator({ recording: { requests: 3, bytes: 1000 } })
    for (let index = 0; index < 5; index += 1) await post({ ...said, index })
    expect(simulator.requests.map((recorded) => (recorded.json() as { index: number }).index)).toEqual([2, 3, 4])
    await post({ ...said, padding: 'x'.repeat(950) })
    expect(simulator.requests).toHaveLength(1)
    await post({ ...said, padding: 'x'.repeat(5000) })
    expect(simulator.requests).toHaveLength(1)
    expect(simulator.requests[0]?.bodySize).toBeGreaterThan(5000)
  })

  test('can be left out', async () => {
    simulator = await startSimulator({ recording: { requests: 0 } })
    expect((await post()).status).toBe(200)
    expect(simulator.requests).toEqual([])
  })
})

describe('scripts', () => {
  test('are used one by one, then what stands, then the usual', async () => {
    simulator = await startSimulator({ always: { reply: { text: 'initial' } } })
    const texts = async (): Promise<unknown> => {
      const { text, status } = await post()
      return status === 200
        ? (JSON.parse(text) as { choices: { message: { content: string } }[] }).choices[0]?.message.content
        : status
    }
    simulator.always({ reply: { text: 'always' } })
    simulator.next({ reply: { text: 'first' } }, 'overloaded')
    simulator.next({ reply: { text: 'third' } })
    expect([await texts(), await texts(), await texts(), await texts()]).toEqual(['first', 503, 'third', 'always'])
    simulator.always(undefined)
    expect(await texts()).toMatch(/^This is Sluice's demo provider/)
    simulator.next('overloaded')
    simulator.reset()
    expect(simulator.pending).toBe(0)
    expect(simulator.requests).toEqual([])
    expect(await texts()).toBe('initial')
  })

  test('may be functions of the request', async () => {
    simulator = await startSimulator()
    simulator.always((recorded) =>
      recorded.header('x-tenant') === 'bad'
        ? 'forbidden'
        : { reply: { text: String((recorded.json() as { messages: unknown[] }).messages.length) } },
    )
    expect((await post(said, { 'x-tenant': 'bad' })).status).toBe(403)
    expect((await post()).text).toContain('"content":"1"')
  })

  test('that fail say so', async () => {
    simulator = await startSimulator()
    simulator.next(() => {
      throw new Error('Oh no.')
    })
    const { status, text } = await post()
    expect(status).toBe(400)
    expect(text).toContain('The simulator cannot do that: Oh no.')
  })

  test('may replay a recorded answer', async () => {
    simulator = await startSimulator()
    const body = ['data: {"id":1}\n\n', Buffer.from('data: [DONE]\n\n')]
    simulator.next({ raw: { body } }, { raw: { status: 418, contentType: 'text/tea', body: 'short' } })
    const stream = await post('whatever')
    expect(stream.text).toBe('data: {"id":1}\n\ndata: [DONE]\n\n')
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const tea = await post('whatever')
    expect(tea).toMatchObject({ status: 418, text: 'short' })
    expect(tea.headers.get('content-type')).toBe('text/tea')
  })
})

describe("a request's own behaviour", () => {
  test('comes by header or query, as a name or as JSON', async () => {
    simulator = await startSimulator({ always: 'overloaded' })
    expect((await post(said, { 'x-simulator': 'rate-limited' })).status).toBe(429)
    expect((await post(said, { 'x-simulator': '{"reply":{"text":"mine"}}' })).text).toContain('"content":"mine"')
    expect((await post(said, {}, '?simulator=html')).text).toContain('<html>')
    expect((await post(said, {}, `?simulator=${encodeURIComponent('{"raw":{"body":"{}"}}')}`)).text).toBe('{}')
    expect((await post()).status).toBe(503)
  })

  test.each([
    ['nonsense', /'nonsense' is no behaviour: give JSON, or one of usual,/],
    ['{"fault":', /not valid JSON/],
    ['{"falt":{}}', /has no 'falt'/],
    ['{"fault":{"kind":"rest"}}', /no fault of the kind 'rest'/],
  ])('%s is refused with the reason', async (header, expected) => {
    simulator = await startSimulator()
    const { status, text } = await post(said, { 'x-simulator': header })
    expect(status).toBe(400)
    expect((JSON.parse(text) as { error: { message: string } }).error.message).toMatch(expected)
  })

  test('can be forbidden', async () => {
    simulator = await startSimulator({ requestBehaviours: false })
    expect((await post(said, { 'x-simulator': 'overloaded' })).status).toBe(200)
  })
})

describe('its life', () => {
  test('says who it is', async () => {
    simulator = await startSimulator({ label: 'upstream B' })
    expect((await post()).text).toContain('This is upstream B, not a model. You said: Hello')
  })

  test('closes what is open, also answers that hang', async () => {
    simulator = await startSimulator()
    simulator.next('hang-mid-stream', 'hang-before-head', { timing: { latency: 60_000 } })
    const calls = [post({ ...said, stream: true }), post(), post()]
    await expect.poll(() => simulator.requests.length).toBe(3)
    expect(simulator.openConnections).toBe(3)
    const failures = Promise.allSettled(calls)
    await simulator.close()
    expect((await failures).map((call) => call.status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(simulator.openConnections).toBe(0)
  })

  test('says that a port is taken', async () => {
    simulator = await startSimulator()
    await expect(startSimulator({ port: simulator.port })).rejects.toThrow('EADDRINUSE')
  })

  test('may be declared', async () => {
    simulator = await startSimulator()
    let url = ''
    {
      await using other = await startSimulator()
      url = other.url
      expect((await fetch(`${url}/models`)).status).toBe(200)
    }
    await expect(fetch(`${url}/models`)).rejects.toThrow('fetch failed')
  })
})
