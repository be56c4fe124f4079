import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { serveHttp, serveRaw } from './loopback-server.ts'
import { requestTo, type Rig } from './rig.ts'

/** Answers arrive as they were sent, and connections are used well. */
export function answersContract({ send, using }: Rig): void {
  describe('an answer', () => {
    it('carries request and answer exactly', async () => {
      let seen: unknown
      const server = await using(
        serveHttp(({ message, body }, response) => {
          const { 'x-one': one, authorization } = message.headers
          seen = {
            method: message.method,
            url: message.url,
            one,
            authorization,
            length: message.headers['content-length'],
            body: body.toString(),
          }
          response.writeHead(200, { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] }).end('the answer')
        }),
      )
      const headers = ['Authorization', 'Bearer k', 'x-one', '1']
      const recorder = send(requestTo(server.origin, { path: '/v1/chat?q=%20', headers, body: ['{"a":', '1', '}'] }))
      expect(await recorder.outcomeOf()).toBe('end')
      expect(seen).toEqual({
        method: 'POST',
        url: '/v1/chat?q=%20',
        one: '1',
        authorization: 'Bearer k',
        length: '7',
        body: '{"a":1}',
      })
      expect(recorder.status).toBe(200)
      expect(recorder.headers['x-answer']).toBe('yes')
      expect(recorder.headers['set-cookie']).toEqual(['a=1', 'b=2'])
      expect(recorder.body.toString()).toBe('the answer')
    })

    it('sends a GET without a body', async () => {
      const server = await using(
        serveHttp(({ message, body }, response) => {
          response.end(`${message.method} ${body.length} ${message.headers['transfer-encoding'] ?? 'plain'}`)
        }),
      )
      const recorder = send(requestTo(server.origin, { method: 'GET' }))
      expect(await recorder.outcomeOf()).toBe('end')
      expect(recorder.body.toString()).toBe('GET 0 plain')
    })

    it('arrives chunk by chunk, as it is written', async () => {
      let write: (text: string | undefined) => void = () => {}
      const server = await using(
        serveHttp((_request, response) => {
          write = (text) => (text === undefined ? response.end() : response.write(text))
          response.flushHeaders()
        }),
      )
      const recorder = send(requestTo(server.origin))
      await recorder.until(({ status }) => status === 200)
      for (const word of ['one', 'two', 'three']) {
        const before = recorder.length
        write(word)
        await recorder.until(({ length }) => length === before + word.length)
      }
      write(undefined)
      expect(await recorder.outcomeOf()).toBe('end')
      expect(recorder.body.toString()).toBe('onetwothree')
    })

    it.each([400, 401, 404, 429, 500, 503])('of status %i is an answer, not a failure', async (status) => {
      const server = await using(
        serveHttp((_request, response) => response.writeHead(status, { 'retry-after': '7' }).end('{"error":1}')),
      )
      const recorder = send(requestTo(server.origin))
      expect(await recorder.outcomeOf()).toBe('end')
      expect([recorder.status, recorder.headers['retry-after'], recorder.body.toString()]).toEqual([
        status,
        '7',
        '{"error":1}',
      ])
    })

    it('without a body ends', async () => {
      const server = await using(serveHttp((_request, response) => response.writeHead(204).end()))
      const recorder = send(requestTo(server.origin))
      expect(await recorder.outcomeOf()).toBe('end')
      expect([recorder.status, recorder.length]).toEqual([204, 0])
    })

    it('that ends with the connection is whole', async () => {
      const server = await using(serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end')))
      const recorder = send(requestTo(server.origin))
      expect(await recorder.outcomeOf()).toBe('end')
      expect(recorder.body.toString()).toBe('until the end')
    })

    it('may be preceded by an informational one', async () => {
      const hint = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
      const server = await using(
        serveRaw((socket) => socket.write(`${hint}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`)),
      )
      const recorder = send(requestTo(server.origin))
      expect(await recorder.outcomeOf()).toBe('end')
      expect([recorder.status, recorder.body.toString()]).toEqual([200, 'ok'])
    })

    it('keeps every byte', async () => {
      const bytes = randomBytes(300_000)
      const server = await using(
        serveHttp((_request, response) => {
          for (let at = 0; at < bytes.length;) response.write(bytes.subarray(at, (at += 1 + bytes.readUInt8(at) * 100)))
          response.end()
        }),
      )
      const recorder = send(requestTo(server.origin))
      expect(await recorder.outcomeOf()).toBe('end')
      expect(recorder.body.equals(bytes)).toBe(true)
    })

    it('is asked for uncompressed, and consistent with its headers when compressed all the same', async () => {
      let asked: unknown
      const server = await using(
        serveHttp(({ message }, response) => {
          asked = message.headers['accept-encoding']
          response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('plain'))
        }),
      )
      const recorder = send(requestTo(server.origin))
      expect(await recorder.outcomeOf()).toBe('end')
      expect([undefined, 'identity']).toContain(asked)
      const expected = recorder.headers['content-encoding'] === 'gzip' ? gzipSync('plain') : Buffer.from('plain')
      expect(recorder.body.equals(expected)).toBe(true)
    })

    it('answers a large upload', async () => {
      const server = await using(
        serveHttp(({ body }, response) => response.end(createHash('sha256').update(body).digest('hex'))),
      )
      const body = [randomBytes(8_000_000), randomBytes(1), randomBytes(8_000_000)]
      const recorder = send(requestTo(server.origin, { body }))
      expect(await recorder.outcomeOf()).toBe('end')
      expect(recorder.body.toString()).toBe(createHash('sha256').update(Buffer.concat(body)).digest('hex'))
    })
  })

  describe('connections', () => {
    it('are used again, after errors too', async () => {
      let count = 0
      const server = await using(
        serveHttp((_request, response) => response.writeHead(count++ % 2 === 0 ? 200 : 500).end('x'.repeat(5_000))),
      )
      for (let call = 0; call < 6; call++) {
        expect(await send(requestTo(server.origin)).outcomeOf()).toBe('end')
        // The connection is free again a turn of the event loop after the end.
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(server.sockets.length).toBe(1)
    })

    it('carry many calls at once, each its own answer', async () => {
      const server = await using(serveHttp(({ body }, response) => response.end(`echo ${body.toString()}`)))
      const calls = Array.from({ length: 60 }, (_, index) =>
        send(requestTo(server.origin, { body: [`call ${index}`] })),
      )
      for (const [index, call] of calls.entries()) {
        expect(await call.outcomeOf()).toBe('end')
        expect(call.body.toString()).toBe(`echo call ${index}`)
      }
    })
  })
}
