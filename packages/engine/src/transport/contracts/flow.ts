import { describe, expect, it } from 'vitest'
import { type LoopbackServer, serveHttp } from './loopback-server.ts'
import { Recorder } from './recorder.ts'
import { failure, requestTo, type Rig } from './rig.ts'

/** Cancel, pause and close do what they say, at any time. */
export function flowContract(rig: Rig): void {
  const { send, using } = rig

  describe('cancel', () => {
    it('before the connection sends nothing', async () => {
      const server = await using(serveHttp((_request, response) => response.end()))
      const cancelled = send(requestTo(server.origin, { path: '/cancelled' }))
      cancelled.flow?.cancel()
      cancelled.flow?.cancel()
      expect(await send(requestTo(server.origin)).outcomeOf()).toBe('end')
      expect([cancelled.status, cancelled.outcome]).toEqual([0, undefined])
    })

    it('before the head closes the connection', async () => {
      let asked: () => void = () => {}
      const arrived = new Promise<void>((resolve) => (asked = resolve))
      const server = await using(serveHttp(() => asked()))
      const recorder = send(requestTo(server.origin))
      await arrived
      recorder.flow?.cancel()
      await server.closed(0)
      expect([recorder.status, recorder.outcome]).toEqual([0, undefined])
    })

    it.each([
      ['at the head', 'start', {}],
      ['in the body', 'data', {}],
      ['in a body that closes', 'data', { connection: 'close' }],
    ] as const)('%s closes the connection', async (_what, hook, headers) => {
      const server = await using(
        serveHttp((_request, response) => {
          response.writeHead(200, headers)
          response.write('half')
          response.write('more')
        }),
      )
      const recorder: Recorder = new Recorder({ [hook]: () => recorder.flow?.cancel() })
      send(requestTo(server.origin), recorder)
      await server.closed(0)
      expect(recorder.outcome).toBeUndefined()
      expect(recorder.chunks.length).toBe(hook === 'start' ? 0 : 1)
    })

    it('with the last chunk in hand is quiet', async () => {
      const server = await using(
        serveHttp((_request, response) =>
          response.writeHead(200, { connection: 'close', 'content-length': 2 }).end('ok'),
        ),
      )
      const recorder: Recorder = new Recorder({ data: () => recorder.flow?.cancel() })
      send(requestTo(server.origin), recorder)
      await recorder.until(({ length }) => length === 2)
      await server.closed(0)
      expect(recorder.outcome).toBeUndefined()
    })

    it('while paused closes the connection', async () => {
      const server = await using(serveHttp((_request, response) => response.write(Buffer.alloc(4_000_000))))
      const recorder: Recorder = new Recorder({ data: () => recorder.flow?.pause() })
      send(requestTo(server.origin), recorder)
      await recorder.until(({ length }) => length > 0)
      recorder.flow?.cancel()
      await server.closed(0)
      expect(recorder.outcome).toBeUndefined()
    })

    it('after the end does nothing, to this call or the next', async () => {
      const server = await using(serveHttp((_request, response) => response.end('ok')))
      const first = send(requestTo(server.origin))
      expect(await first.outcomeOf()).toBe('end')
      await new Promise((resolve) => setImmediate(resolve))
      const second: Recorder = new Recorder({
        start() {
          first.flow?.pause()
          first.flow?.resume()
          first.flow?.cancel()
        },
      })
      send(requestTo(server.origin), second)
      expect(await second.outcomeOf()).toBe('end')
      expect(second.body.toString()).toBe('ok')
    })
  })

  describe('pause', () => {
    const size = 48_000_000

    /** Writes `size` bytes as fast as they are taken. */
    function flood(): { server: Promise<LoopbackServer>; written: () => number } {
      let written = 0
      const piece = Buffer.alloc(64_000, 'x')
      const server = serveHttp((_request, response) => {
        const fill = (): void => {
          while (written < size) {
            written += piece.length
            if (!response.write(piece)) return void response.once('drain', fill)
          }
          response.end()
        }
        fill()
      })
      return { server: using(server), written: () => written }
    }

    async function settled(read: () => number): Promise<number> {
      for (let same = 0, last = -1; ;) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        same = read() === last ? same + 1 : 0
        last = read()
        if (same === 10) return last
      }
    }

    it('holds the provider back, and resume goes on where it stopped', async () => {
      const { server, written } = flood()
      const recorder: Recorder = new Recorder({
        data() {
          if (recorder.chunks.length === 1) recorder.flow?.pause()
        },
      })
      send(requestTo((await server).origin), recorder)
      await recorder.until(({ length }) => length > 0)
      // What fits into the socket buffers of both sides.
      expect(await settled(written)).toBeLessThan(size / 2)
      expect(recorder.outcome).toBeUndefined()
      const held = recorder.length
      recorder.flow?.resume()
      expect(await recorder.outcomeOf()).toBe('end')
      expect(held).toBeLessThan(2_000_000)
      expect(recorder.length).toBe(size)
    })

    it('before the head holds the body', async () => {
      const { server, written } = flood()
      const recorder = send(requestTo((await server).origin))
      recorder.flow?.pause()
      await recorder.until(({ status }) => status === 200)
      expect(await settled(written)).toBeLessThan(size / 2)
      expect(recorder.length).toBeLessThan(200_000)
      recorder.flow?.resume()
      expect(await recorder.outcomeOf()).toBe('end')
      expect(recorder.length).toBe(size)
    })

    it('and resume may alternate at every chunk, from anywhere', async () => {
      const { server } = flood()
      const other: Recorder = new Recorder({
        data() {
          // From inside another call's delivery.
          recorder.flow?.resume()
          other.flow?.pause()
          setImmediate(() => other.flow?.resume())
        },
      })
      const recorder: Recorder = new Recorder({
        data() {
          recorder.flow?.pause()
          if (recorder.chunks.length % 2 === 0 || other.outcome !== undefined) recorder.flow?.resume()
        },
        end: () => other.flow?.resume(),
      })
      const { origin } = await server
      send(requestTo(origin), recorder)
      const small = await using(
        serveHttp((_request, response) => {
          const timer = setInterval(() => response.write('tick'), 1)
          response.on('close', () => clearInterval(timer))
        }),
      )
      send(requestTo(small.origin), other)
      expect(await recorder.outcomeOf()).toBe('end')
      expect(recorder.length).toBe(size)
      other.flow?.cancel()
    })

    it('is not mistaken for a silent provider', async () => {
      const { server } = flood()
      const recorder: Recorder = new Recorder({
        data() {
          if (recorder.chunks.length === 1) recorder.flow?.pause()
        },
      })
      send(requestTo((await server).origin, { idle: 50 }), recorder)
      await recorder.until(({ length }) => length > 0)
      // Longer than the timeout at the coarsest grain of a transport's clock.
      await new Promise((resolve) => setTimeout(resolve, 1_600))
      expect(recorder.outcome).toBeUndefined()
      recorder.flow?.resume()
      expect(await recorder.outcomeOf()).toBe('end')
    })
  })

  describe('close', () => {
    it('ends open calls, refuses new ones, and may be repeated', async () => {
      let requests = 0
      let gone = (): void => {}
      const closed = new Promise<void>((resolve) => (gone = resolve))
      const server = await using(
        serveHttp(({ message }, response) => {
          requests++
          // Of the connection that carries the call: a platform may open a spare one, before or after.
          message.socket.on('close', gone)
          response.write('half')
        }),
      )
      const open = send(requestTo(server.origin))
      await open.until(({ length }) => length > 0)
      await rig.transport.close()
      expect((await failure(open)).code).toBe('shutting_down')
      await closed
      const late = send(requestTo(server.origin))
      expect(late.outcome).toBeUndefined()
      expect((await failure(late)).code).toBe('shutting_down')
      await rig.transport.close()
      expect(requests).toBe(1)
    })
  })
}
