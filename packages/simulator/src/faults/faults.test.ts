import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Behaviour } from '../behaviour.ts'
import type { Fault, StopFault } from '../fault.ts'
import type { Simulator } from '../simulator.ts'
import { startSimulator } from '../simulator.ts'

let simulator: Simulator
afterEach(() => simulator.close())

interface Received {
  readonly head: string
  readonly status: number
  /** Without the chunks' framing. */
  readonly body: string
  /** Sizes of the body's chunks, when it is chunked. */
  readonly chunks: readonly number[]
  /** Whether the HTTP message came to its proper end. */
  readonly complete: boolean
  readonly end: 'fin' | 'reset'
  /** The bytes of each read. */
  readonly reads: readonly string[]
}

const said = { model: 'any', messages: [{ role: 'user', content: 'Hello' }] }
const streamed = { ...said, stream: true, stream_options: { include_usage: true } }

/** One request on a bare socket; the server closes it after its answer. */
function exchange(body: unknown, headers = ''): Promise<Received> {
  return new Promise((resolve) => {
    const text = JSON.stringify(body)
    const reads: Buffer[] = []
    const socket = connect(simulator.port, '127.0.0.1')
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}` +
        `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
    let end: Received['end'] = 'fin'
    socket.on('data', (piece: Buffer) => reads.push(piece))
    socket.on('error', () => (end = 'reset'))
    socket.on('close', () => resolve({ ...parse(Buffer.concat(reads)), end, reads: reads.map(String) }))
  })
}

function parse(bytes: Buffer): Pick<Received, 'head' | 'status' | 'body' | 'chunks' | 'complete'> {
  const border = bytes.indexOf('\r\n\r\n')
  if (border < 0) return { head: bytes.toString(), status: 0, body: '', chunks: [], complete: false }
  const head = bytes.toString('latin1', 0, border)
  const status = Number(head.split(' ')[1])
  let rest = bytes.subarray(border + 4)
  const length = /content-length: (\d+)/i.exec(head)?.[1]
  if (length !== undefined) {
    return { head, status, body: rest.toString(), chunks: [], complete: rest.length === Number(length) }
  }
  const body: Buffer[] = []
  for (;;) {
    const line = rest.indexOf('\r\n')
    const size = line < 0 ? 0 : Number.parseInt(rest.toString('latin1', 0, line), 16)
    if (size === 0) {
      const chunks = body.map((chunk) => chunk.length)
      return { head, status, body: Buffer.concat(body).toString(), chunks, complete: line >= 0 }
    }
    body.push(rest.subarray(line + 2, line + 2 + size))
    rest = rest.subarray(line + 2 + size + 2)
  }
}

/** The data of a stream's events. */
function events(body: string): readonly string[] {
  return body
    .split(/\r\n\r\n|\n\n|\r\r/)
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length))
}

async function withFault(fault: Fault | readonly Fault[], body: unknown = streamed): Promise<Received> {
  simulator = await startSimulator()
  simulator.next({ fault })
  return exchange(body)
}

describe('statuses', () => {
  test.each([
    ['dialect', { error: { message: 'No.', type: 'requests', param: null, code: null } }],
    ['nested', { error: { message: 'No.', type: 'requests', param: null, code: null } }],
    ['flat', { message: 'No.', type: 'requests', param: null, code: null }],
    ['text', { error: 'No.' }],
    ['message', { message: 'No.' }],
    ['detail', { detail: 'No.' }],
    ['validation', { detail: [{ loc: ['body', 'messages'], msg: 'No.', type: 'requests' }] }],
  ] as const)('an error in the shape %s', async (shape, expected) => {
    const answer = await withFault({ kind: 'status', status: 429, shape, error: { message: 'No.' } })
    expect(answer.status).toBe(429)
    expect(answer.head).toMatch(/content-type: application\/json/)
    expect(JSON.parse(answer.body)).toEqual(expected)
  })

  test('an error as plain text, and with no body', async () => {
    const plain = await withFault({ kind: 'status', status: 503, shape: 'plain', error: { message: 'Busy.' } })
    expect(plain.head).toMatch(/content-type: text\/plain/)
    expect(plain.body).toBe('Busy.')
    simulator.next({ fault: { kind: 'status', status: 503, shape: 'none' } })
    expect((await exchange(said)).body).toBe('')
  })

  test('retry headers and headers of its own', async () => {
    simulator = await startSimulator()
    simulator.next({
      fault: { kind: 'status', status: 429, retryAfter: 7, retryAfterMs: 6500, body: { custom: true } },
      headers: { 'x-should-retry': 'false', 'x-ratelimit-remaining-requests': '0' },
    })
    const { head, body } = await exchange(said)
    expect(head).toMatch(/^retry-after: 7\r$/m)
    expect(head).toMatch(/^retry-after-ms: 6500\r$/m)
    expect(head).toMatch(/^x-should-retry: false\r$/m)
    expect(head).toMatch(/^x-ratelimit-remaining-requests: 0\r$/m)
    expect(body).toBe('{"custom":true}')
  })
})

describe('errors inside a 200', () => {
  test('in JSON', async () => {
    const answer = await withFault({ kind: 'error-inside', error: { message: 'Inside.' } }, said)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({ error: { message: 'Inside.', type: 'server_error' } })
  })

  test.each([0, 1, 3])('in a stream after %d events, without an end', async (at) => {
    const answer = await withFault({ kind: 'error-inside', at, event: 'error' })
    expect(answer.status).toBe(200)
    expect(answer.head).toMatch(/text\/event-stream/)
    expect(answer.complete).toBe(true)
    const frames = answer.body.trimEnd().split('\n\n')
    expect(frames).toHaveLength(at + 1)
    expect(frames[at]).toMatch(/^event: error\ndata: \{"error":/)
  })

  test('as JSON where a stream was asked for', async () => {
    const answer = await withFault({ kind: 'error-inside', json: true })
    expect(answer.head).toMatch(/application\/json/)
    expect(JSON.parse(answer.body)).toHaveProperty('error')
  })
})

describe('answers that stop', () => {
  const fixture = 'data: {"a":"ä"}\n\ndata: [DONE]\n\n'
  const size = Buffer.byteLength(fixture)
  const raw = { body: [fixture.slice(0, 17), fixture.slice(17)] }

  test.each(['truncate', 'cut', 'reset'] as const)('%s at every byte of a stream', async (kind) => {
    simulator = await startSimulator()
    for (let at = 0; at <= size + 1; at += 1) {
      simulator.next({ raw, fault: { kind, at } })
      const answer = await exchange(streamed)
      expect(answer.body).toBe(Buffer.from(fixture).subarray(0, at).toString())
      expect(answer.complete).toBe(kind === 'truncate')
      expect(answer.end).toBe(kind === 'reset' ? 'reset' : 'fin')
      expect(await simulator.requests.at(-1)?.closed()).toBe(kind === 'truncate' ? 'answered' : 'broken')
    }
  })

  test.each(['cut', 'reset'] as const)('%s of a body with a length', async (kind) => {
    const answer = await withFault({ kind, at: 5 }, said)
    expect(answer.body).toBe('{"id"')
    expect(answer.head).toMatch(/content-length: \d{3}/)
    expect(answer.complete).toBe(false)
  })

  test('a truncated body announces no length', async () => {
    const answer = await withFault({ kind: 'truncate', at: 5 }, said)
    expect(answer).toMatchObject({ body: '{"id"', complete: true })
  })

  test.each(['cut', 'reset'] as const)('%s before the head', async (kind) => {
    const answer = await withFault({ kind, at: 'head' })
    expect(answer).toMatchObject({ head: '', end: kind === 'cut' ? 'fin' : 'reset' })
  })

  test('after a number of events', async () => {
    const answer = await withFault({ kind: 'cut', at: { event: 2 } })
    expect(events(answer.body)).toHaveLength(2)
    expect(answer.complete).toBe(false)
  })

  test.each([
    ['head', /^$/],
    [0, /\r\n\r\n$/],
    [10, /data: \{"id\r\n$/],
    [{ event: 2 }, /"content":"This"[^\n]*\n\n\r\n$/],
  ] as const)('hangs at %o until the client leaves', async (at: StopFault['at'], expected) => {
    simulator = await startSimulator()
    simulator.next({ fault: { kind: 'hang', at } })
    const text = JSON.stringify(streamed)
    const socket = connect(simulator.port, '127.0.0.1')
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
    let received = ''
    await new Promise<void>((resolve) => {
      socket.on('data', (piece) => {
        received += piece.toString()
        if (expected.test(received)) resolve()
      })
      if (at === 'head') resolve()
    })
    // Others are served meanwhile, and more than once: time enough for a mistaken end to come.
    for (let turn = 0; turn < 5; turn += 1) expect((await exchange(said)).complete).toBe(true)
    expect(simulator.requests[0]?.outcome).toBe('open')
    expect(received).toMatch(expected)
    socket.destroy()
    expect(await simulator.requests[0]?.closed()).toBe('aborted')
  })

  test('the connection is closed after a whole answer, unannounced', async () => {
    simulator = await startSimulator()
    simulator.next('close-idle')
    const text = JSON.stringify(said)
    const socket = connect(simulator.port, '127.0.0.1')
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
    const reads: Buffer[] = []
    socket.on('data', (piece: Buffer) => reads.push(piece))
    await new Promise((resolve) => socket.on('close', resolve))
    const answer = parse(Buffer.concat(reads))
    expect(answer.complete).toBe(true)
    expect(answer.head).toMatch(/connection: keep-alive/i)
  })
})

describe('unusual bytes', () => {
  test('byte by byte, each its own chunk', async () => {
    const answer = await withFault({ kind: 'split', size: 1 })
    expect(new Set(answer.chunks)).toEqual(new Set([1]))
    expect(events(answer.body).at(-1)).toBe('[DONE]')
  })

  test('pieces of a size, across events when they are longer', async () => {
    const answer = await withFault({ kind: 'split', size: 50 })
    expect(Math.max(...answer.chunks)).toBe(50)
    expect(answer.complete).toBe(true)
  })

  test('a huge line', async () => {
    const answer = await withFault({ kind: 'long-line', size: 300_000 })
    const longest = Math.max(...answer.body.split('\n').map((line) => line.length))
    expect(longest).toBeGreaterThan(300_000)
    expect(events(answer.body).at(-1)).toBe('[DONE]')
  })

  test('invalid JSON in a stream, the rest whole', async () => {
    const answer = await withFault({ kind: 'invalid-json', at: 2 })
    const all = events(answer.body)
    expect(() => JSON.parse(all[2] ?? '') as unknown).toThrow(SyntaxError)
    expect(() => JSON.parse(all[1] ?? '') as unknown).not.toThrow()
    expect(all.at(-1)).toBe('[DONE]')
  })

  test('invalid JSON in a body', async () => {
    const answer = await withFault({ kind: 'invalid-json' }, said)
    expect(answer.complete).toBe(true)
    expect(() => JSON.parse(answer.body) as unknown).toThrow(SyntaxError)
  })

  test('a wrong content type', async () => {
    const answer = await withFault({ kind: 'content-type', value: 'text/plain' })
    expect(answer.head).toMatch(/^content-type: text\/plain\r$/m)
    expect(events(answer.body).at(-1)).toBe('[DONE]')
  })

  test('HTML with 200, and with 502', async () => {
    const answer = await withFault({ kind: 'html' })
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.head).toMatch(/text\/html/)
    expect(answer.body).toMatch(/^<!doctype html>/)
    simulator.next('bad-gateway')
    expect(await exchange(said)).toMatchObject({ status: 502 })
  })

  test('an empty body', async () => {
    expect(await withFault({ kind: 'empty' })).toMatchObject({ status: 200, body: '', complete: true })
  })

  test('keep-alive comments in a stream, blank lines before a body', async () => {
    const answer = await withFault({ kind: 'keep-alive', text: 'OPENROUTER PROCESSING', count: 2 })
    expect(answer.body.startsWith(': OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: ')).toBe(true)
    simulator.next('keep-alive')
    const body = (await exchange(said)).body
    expect(body).toMatch(/^\n\{/)
    expect(JSON.parse(body)).toHaveProperty('choices')
  })

  test.each(['\r\n', '\r'] as const)('lines that end in %j', async (value) => {
    const answer = await withFault({ kind: 'line-ends', value })
    expect(answer.body.replaceAll(value, '')).not.toMatch(/[\r\n]/)
    expect(events(answer.body).at(-1)).toBe('[DONE]')
  })

  test('no [DONE], no usage', async () => {
    const answer = await withFault([{ kind: 'missing-end' }, { kind: 'missing-usage' }])
    const last = JSON.parse(events(answer.body).at(-1) as string) as { choices: { finish_reason: string }[] }
    expect(answer.complete).toBe(true)
    expect(last.choices[0]?.finish_reason).toBe('stop')
    simulator.next('missing-usage')
    expect(JSON.parse((await exchange(said)).body)).not.toHaveProperty('usage')
  })

  test('faults combine', async () => {
    const answer = await withFault([{ kind: 'keep-alive' }, { kind: 'split', size: 3 }, { kind: 'cut', at: 20 }])
    expect(answer.body).toBe(': keep-alive\n\ndata: ')
    expect(Math.max(...answer.chunks)).toBe(3)
  })
})

describe('streams without an end', () => {
  test('are bounded by their option', async () => {
    const answer = await withFault({ kind: 'endless', events: 200 })
    expect(events(answer.body)).toHaveLength(201)
    expect(answer.body).not.toMatch(/"finish_reason":"stop"/)
  })

  test('end when the client leaves', async () => {
    simulator = await startSimulator()
    simulator.next('endless')
    const response = await fetch(`${simulator.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(streamed),
    })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    let size = 0
    while (size < 100_000) size += (await reader.read()).value?.length ?? 0
    await reader.cancel()
    expect(await simulator.requests[0]?.closed()).toBe('aborted')
  })

  test('wait for a reader that does not read', async () => {
    simulator = await startSimulator()
    simulator.next({ fault: [{ kind: 'long-line', size: 1_000_000 }, { kind: 'endless' }] })
    const before = process.memoryUsage.rss()
    const text = JSON.stringify(streamed)
    const socket = connect(simulator.port, '127.0.0.1').pause()
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
    for (let turn = 0; turn < 300; turn += 1) await exchange(said)
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024)
    expect(simulator.requests[0]?.outcome).toBe('open')
    socket.destroy()
  })
})

describe('timing', () => {
  test.each<[string, Behaviour['timing']]>([
    ['the head comes alone when the first event is late', { firstEvent: 30 }],
    ['events come one by one', { gap: 2 }],
  ])('%s', async (_name, timing) => {
    simulator = await startSimulator()
    simulator.next({ timing: timing ?? {} })
    const { reads, body } = await exchange(streamed)
    if (timing?.gap === undefined) expect(reads[0]).toMatch(/\r\n\r\n$/)
    else expect(reads.length).toBeGreaterThanOrEqual(events(body).length / 2)
    expect(events(body).at(-1)).toBe('[DONE]')
  })

  test('one answer is late, others are not', async () => {
    simulator = await startSimulator()
    simulator.next({ timing: { latency: 200 } })
    const order: string[] = []
    await Promise.all([
      exchange(said, 'x-name: late\r\n').then(() => order.push('late')),
      exchange(said, 'x-simulator: usual\r\n').then(() => order.push('quick')),
    ])
    expect(order).toEqual(['quick', 'late'])
  })
})

describe('slow reading', () => {
  test('answers without reading all of the body', async () => {
    simulator = await startSimulator()
    simulator.next({ reading: { stopAt: 1 }, fault: { kind: 'status', status: 413 } })
    const text = JSON.stringify({ ...said, padding: 'x'.repeat(20_000_000) })
    const socket = connect(simulator.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
    const first = await new Promise<Buffer>((resolve) => socket.once('data', resolve))
    expect(first.toString()).toMatch(/^HTTP\/1.1 413/)
    expect(simulator.requests[0]).toMatchObject({ bodyComplete: false })
    expect(simulator.requests[0]?.bodySize).toBeLessThan(1_000_000)
    socket.destroy()
  })

  test('reads all of it in the end', async () => {
    simulator = await startSimulator()
    simulator.next({ reading: { gap: 1 } })
    const body = { ...said, padding: 'x'.repeat(1_000_000) }
    expect((await exchange(body)).status).toBe(200)
    expect(simulator.requests[0]?.json()).toEqual(body)
  })
})
