import { describe, expect, it } from 'vitest'
import { serveHttp, serveRaw, serveSilence } from './loopback-server.ts'
import { Recorder } from './recorder.ts'
import { failure, requestTo, type Rig } from './rig.ts'

/** Whatever goes wrong is told once, as what it is; a cut answer never looks whole. */
export function failuresContract({ send, using }: Rig): void {
  describe('a failure', () => {
    it('to connect is upstream_unreachable', async () => {
      const server = await serveSilence()
      await server.close()
      const error = await failure(send(requestTo(server.origin)))
      expect([error.code, error.message]).toEqual([
        'upstream_unreachable',
        'Could not connect to the provider (connection refused).',
      ])
      // For whoever runs it, not for callers.
      expect(codesOf(error)).toContain('ECONNREFUSED')
      expect(JSON.stringify(error)).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/)
    })

    it('to find the host is upstream_unreachable', async () => {
      const error = await failure(send(requestTo('http://no-such-host.invalid')))
      expect(error.code).toBe('upstream_unreachable')
      expect(error.message).toMatch(/host name/)
    })

    it('of TLS is upstream_unreachable', async () => {
      const server = await using(serveHttp((_request, response) => response.end()))
      const error = await failure(send(requestTo(`https://127.0.0.1:${server.port}`)))
      expect([error.code, error.message]).toEqual([
        'upstream_unreachable',
        'Could not connect to the provider (the TLS handshake failed).',
      ])
    })

    it('to finish the TLS handshake in time is upstream_timeout', async () => {
      const server = await using(serveSilence())
      const error = await failure(send(requestTo(`https://127.0.0.1:${server.port}`, { connect: 100, firstByte: 100 })))
      expect(error.code).toBe('upstream_timeout')
    })

    it('to answer in time is upstream_timeout, and closes the connection', async () => {
      const server = await using(serveHttp(() => {}))
      const recorder = send(requestTo(server.origin, { connect: 100, firstByte: 100 }))
      const error = await failure(recorder)
      expect(error.code).toBe('upstream_timeout')
      expect(error.message).toMatch(/first-byte timeout/)
      expect(recorder.status).toBe(0)
      await server.closed(0)
    })

    it('to go on in time is upstream_timeout, and closes the connection', async () => {
      const server = await using(serveHttp((_request, response) => response.write('half')))
      const recorder = send(requestTo(server.origin, { idle: 100 }))
      const error = await failure(recorder)
      expect(error.code).toBe('upstream_timeout')
      expect(error.message).toMatch(/idle timeout/)
      expect(recorder.body.toString()).toBe('half')
      await server.closed(0)
    })

    const answers = {
      'of known length':
        'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 20\r\n\r\n01234567890123456789',
      'in chunks': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n',
      'of known length, closing': 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\n01234',
      'in chunks, closing':
        'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    }
    for (const [what, answer] of Object.entries(answers)) {
      it.each(['closed', 'reset'])(`when an answer ${what} is %s at any byte never looks whole`, async (how) => {
        let cut = 0
        const server = await using(
          serveRaw((socket) => {
            const bytes = answer.slice(0, cut)
            if (how === 'closed') socket.end(bytes)
            else if (cut === 0) socket.resetAndDestroy()
            else socket.write(bytes, () => setImmediate(() => socket.resetAndDestroy()))
          }),
        )
        for (cut = 0; cut < answer.length; cut++) {
          const recorder = send(requestTo(server.origin))
          const error = await failure(recorder)
          expect([cut, error.code, error.retryable]).toEqual([cut, 'upstream_disconnected', true])
        }
        expect(await send(requestTo(server.origin)).outcomeOf()).toBe('end')
      })
    }

    it('to speak HTTP is upstream_invalid_response', async () => {
      const server = await using(serveRaw((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n')))
      expect((await failure(send(requestTo(server.origin)))).code).toBe('upstream_invalid_response')
      await server.closed(0)
    })

    it('in the middle of the framing is upstream_invalid_response', async () => {
      const server = await using(
        serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n')),
      )
      const recorder = send(requestTo(server.origin))
      expect((await failure(recorder)).code).toBe('upstream_invalid_response')
      expect(recorder.body.toString()).toBe('ok')
    })

    it('to keep the head short is upstream_invalid_response', async () => {
      const server = await using(
        serveRaw((socket) =>
          socket.write(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(200_000)}\r\ncontent-length: 0\r\n\r\n`),
        ),
      )
      expect((await failure(send(requestTo(server.origin)))).code).toBe('upstream_invalid_response')
    })

    it.each([301, 302, 303, 307, 308])('by a redirect of status %i sends the key nowhere else', async (status) => {
      const elsewhere = await using(serveHttp((_request, response) => response.end('stolen')))
      const server = await using(
        serveHttp((_request, response) => response.writeHead(status, { location: elsewhere.origin }).end('moved')),
      )
      const error = await failure(send(requestTo(server.origin)))
      expect([error.code, error.retryable]).toEqual(['upstream_invalid_response', false])
      expect(elsewhere.sockets.length).toBe(0)
    })

    it.each([
      ['header', ['authorization', 'Bearer secret\nkey']],
      ['header name', ['x secret', '1']],
    ])('to be sendable for a bad %s is told after send has returned', async (_what, headers) => {
      const server = await using(serveHttp((_request, response) => response.end()))
      const recorder = send(requestTo(server.origin, { headers }))
      expect(recorder.outcome).toBeUndefined()
      expect((await failure(recorder)).code).toBe('invalid_config')
    })

    it('of the receiver is told to it, and closes the connection', async () => {
      const server = await using(serveHttp((_request, response) => response.write('half')))
      const recorder = new Recorder({
        data() {
          throw new Error('defect')
        },
      })
      const error = await failure(send(requestTo(server.origin), recorder))
      expect([error.code, (error.cause as Error).message]).toEqual(['internal_error', 'defect'])
      await server.closed(0)
    })
  })
}

/** Of an error and its causes. */
function codesOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return []
  const own = 'code' in error ? [error.code] : []
  return [...own, ...codesOf(error.cause)]
}
