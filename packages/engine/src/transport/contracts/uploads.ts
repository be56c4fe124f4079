import { SluiceError } from '@sluice/protocol'
import { describe, expect, it } from 'vitest'
import type { BodyStream } from '../transport.ts'
import { serveHttp, serveRaw, serveSilence } from './loopback-server.ts'
import { failure, requestTo, type Rig } from './rig.ts'

const encoder = new TextEncoder()

/** Bodies that are not all here when the call is made. */
export function uploadsContract({ send, using }: Rig): void {
  describe('a body that is still arriving', () => {
    it.each([
      ['of known size', 11],
      ['of unknown size', undefined],
    ])('%s is sent whole, piece by piece', async (_what, size) => {
      let seen: unknown
      const server = await using(
        serveHttp(({ message, body }, response) => {
          const { 'content-length': length, 'transfer-encoding': coding } = message.headers
          seen = { framed: length ?? coding, body: body.toString() }
          response.end('ok')
        }),
      )
      const recorder = send(requestTo(server.origin, { body: bodyOf(size, ['one ', 'two ', 'six']) }))
      expect(await recorder.outcomeOf()).toBe('end')
      // A transport that cannot announce a length sends chunks.
      expect([
        { framed: '11', body: 'one two six' },
        { framed: 'chunked', body: 'one two six' },
      ]).toContainEqual(seen)
    })

    it('goes out as it comes', async () => {
      let arrived = ''
      const heard: (() => void)[] = []
      const until = async (text: string): Promise<void> => {
        while (!arrived.includes(text)) await new Promise<void>((resolve) => heard.push(resolve))
      }
      const hear = (text: string): void => {
        arrived += text
        for (const wake of heard.splice(0)) wake()
      }
      const server = await using(
        serveRaw((socket) => {
          hear('the head, ')
          socket.on('data', (piece: Buffer) => hear(piece.toString('latin1')))
          void until('second').then(() => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
        }),
      )
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield encoder.encode('zeroth')
        await until('the head')
        yield encoder.encode('first')
        await until('first')
        yield encoder.encode('second')
      }
      const recorder = send(requestTo(server.origin, { body: streamed(17, pieces()) }))
      expect(await recorder.outcomeOf()).toBe('end')
    })

    it('is held back by a provider that does not read', async () => {
      const server = await using(
        serveRaw((socket) => {
          socket.pause()
        }),
      )
      const piece = new Uint8Array(64_000)
      let taken = 0
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (; taken < 2_000; taken++) yield piece
      }
      const recorder = send(requestTo(server.origin, { body: streamed(undefined, endless()) }))
      for (let before = -1; before !== taken || taken === 0;) {
        before = taken
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      // What fits into the socket buffers of both sides: not 128 MB.
      expect(taken).toBeLessThan(1_000)
      recorder.flow?.cancel()
    })

    it('that fails says why itself', async () => {
      const server = await using(serveSilence())
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield encoder.encode('half')
        throw new SluiceError('body_too_large', 'The body is too large.')
      }
      const error = await failure(send(requestTo(server.origin, { body: streamed(undefined, broken()) })))
      expect([error.code, error.message]).toEqual(['body_too_large', 'The body is too large.'])
      await server.closed(0)
    })

    it('is answered before it is whole', async () => {
      const answer = 'HTTP/1.1 413 Too Large\r\ncontent-length: 9\r\nconnection: close\r\n\r\ntoo large'
      const server = await using(serveRaw((socket) => socket.write(answer)))
      async function* slow(): AsyncGenerator<Uint8Array> {
        yield encoder.encode('some of it')
        await new Promise((resolve) => setTimeout(resolve, 2_000).unref())
      }
      const recorder = send(requestTo(server.origin, { body: streamed(1_000, slow()) }))
      expect(await recorder.outcomeOf()).toBe('end')
      expect([recorder.status, recorder.body.toString()]).toEqual([413, 'too large'])
    })

    it('is given up with its call', async () => {
      let arrived: () => void = () => {}
      const head = new Promise<void>((resolve) => (arrived = resolve))
      const server = await using(serveRaw(() => arrived()))
      const recorder = send(requestTo(server.origin, { body: streamed(undefined, endlessly()) }))
      await head
      recorder.flow?.cancel()
      await server.closed(0)
      expect(recorder.outcome).toBeUndefined()
    })
  })
}

function streamed(size: number | undefined, pieces: AsyncGenerator<Uint8Array>): BodyStream {
  return { size, [Symbol.asyncIterator]: () => pieces }
}

function bodyOf(size: number | undefined, pieces: readonly string[]): BodyStream {
  async function* all(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield encoder.encode(piece)
  }
  return streamed(size, all())
}

async function* endlessly(): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield encoder.encode('and on ')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
