import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { userMessage } from './ask.ts'
import { soakAborts } from './soak-aborts.ts'

const megabyte = 1024 * 1024

/** A provider that never ends and sends as fast as it is read. */
interface Torrent {
  readonly server: Server
  /** Bytes handed to the sockets. */
  sent: number
}

function startTorrent(): Promise<Torrent> {
  const event = `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(16_000)}"}}]}\n\n`
  const fragment = `"${'y'.repeat(16_000)}",`
  const pour = (response: ServerResponse, piece: string): void => {
    const write = (): void => {
      while (!response.destroyed) {
        torrent.sent += piece.length
        if (!response.write(piece)) return void response.once('drain', write)
      }
    }
    write()
  }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const streams = body.includes('"stream":true')
      response.writeHead(200, { 'content-type': streams ? 'text/event-stream' : 'application/json' })
      if (!streams) response.write('{"choices":[{"message":{}}],"more":[')
      pour(response, streams ? event : fragment)
    })
  })
  const torrent: Torrent = { server, sent: 0 }
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(torrent)))
}

describe('a reader who is slower than the provider', () => {
  let torrent: Torrent
  let test: TestGateway
  beforeAll(async () => {
    torrent = await startTorrent()
    const { port } = torrent.server.address() as AddressInfo
    test = await startTestGateway({
      config: { providers: { lab: { base_url: `http://127.0.0.1:${port}/v1`, models_path: null, timeout: 5 } } },
    })
  })
  afterAll(async () => {
    await test.close()
    torrent.server.closeAllConnections()
    torrent.server.close()
  })

  /** Asks, and reads nothing. */
  function startReader(stream: boolean): Promise<Socket> {
    const body = JSON.stringify({ model: 'small', stream, messages: userMessage })
    return new Promise((resolve) => {
      const socket = connect(test.gateway.port, '127.0.0.1', () => {
        socket.pause()
        socket.write(
          `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        )
        resolve(socket)
      })
      socket.on('error', () => undefined)
    })
  }

  /** Waits until the provider has sent no more for a while. */
  async function standstill(): Promise<number> {
    for (let last = -1; last !== torrent.sent || last === 0; await new Promise((resolve) => setTimeout(resolve, 150))) {
      last = torrent.sent
    }
    return torrent.sent
  }

  it.each([true, false])('holds it back (stream: %s)', async (stream) => {
    torrent.sent = 0
    const before = process.memoryUsage().rss
    const usage = test.usage.length
    const socket = await startReader(stream)
    const held = await standstill()
    // What fits into the buffers of four sockets, and nothing like all of it.
    expect(held).toBeLessThan(48 * megabyte)
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * megabyte)

    let read = 0
    socket.on('data', (bytes: Buffer) => {
      read += bytes.length
      if (read > held + 50 * megabyte) socket.pause()
    })
    socket.resume()
    // It goes on where it stood, beyond all that could have been buffered; and stands still again.
    await expect.poll(() => read, { timeout: 15_000 }).toBeGreaterThan(held + 50 * megabyte)
    expect((await standstill()) - read).toBeLessThan(48 * megabyte)
    socket.destroy()
    expect(await test.settled(usage)).toMatchObject({ outcome: 'aborted', stream })
    await expect.poll(() => test.gateway.open).toBe(0)
  })

  it('twenty of them hold twenty back', async () => {
    torrent.sent = 0
    const before = process.memoryUsage().rss
    const sockets = await Promise.all(Array.from({ length: 20 }, () => startReader(true)))
    await expect.poll(() => test.gateway.open).toBe(20)
    expect(await standstill()).toBeLessThan(20 * 24 * megabyte)
    // All that the gateway keeps for one of them is what a socket takes at once.
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * megabyte)
    for (const socket of sockets) socket.destroy()
    await expect.poll(() => test.gateway.open).toBe(0)
    await expect
      .poll(() => new Promise((resolve) => torrent.server.getConnections((_error, count) => resolve(count))))
      .toBe(0)
  })
})

describe('callers who leave', () => {
  it('two thousand of them leave nothing behind', async () => {
    const count = 2_000
    const { before, after, open, upstreamConnections, outcomes } = await soakAborts(count)
    expect(open).toBe(0)
    expect(upstreamConnections).toBe(0)
    expect(outcomes).toEqual({ aborted: count })
    expect(after.sockets - before.sockets).toBeLessThan(20)
    expect(after.timers - before.timers).toBeLessThan(20)
    // A kilobyte each would be the two records of every one that this test itself keeps, and then some.
    expect(after.heapBytes - before.heapBytes).toBeLessThan(20 * megabyte)
  }, 60_000)
})
