import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net'

export interface LoopbackServer {
  readonly port: number
  readonly origin: string
  /** Every connection ever made. */
  readonly sockets: readonly Socket[]
  /** Resolves when the n-th connection (from 0) is made. */
  connected(index: number): Promise<Socket>
  /** Resolves when the n-th connection is closed. */
  closed(index: number): Promise<void>
  close(): Promise<void>
}

export interface ReceivedRequest {
  readonly message: IncomingMessage
  readonly body: Buffer
}

/** A real HTTP server whose handler gets the whole request. */
export function serveHttp(
  handler: (request: ReceivedRequest, response: ServerResponse) => void,
): Promise<LoopbackServer> {
  const server = createHttpServer({ keepAliveTimeout: 60_000 }, (message, response) => {
    const pieces: Buffer[] = []
    message.on('data', (piece: Buffer) => pieces.push(piece))
    message.on('end', () => handler({ message, body: Buffer.concat(pieces) }, response))
    message.on('error', () => {})
    response.on('error', () => {})
  })
  return listen(server)
}

/** A server that speaks whatever bytes the test writes, once the head of a request has come. */
export function serveRaw(onHead: (socket: Socket) => void): Promise<LoopbackServer> {
  const server = createNetServer((socket) => {
    let seen = ''
    const look = (piece: Buffer): void => {
      seen += piece.toString('latin1')
      if (!seen.includes('\r\n\r\n')) return
      socket.off('data', look)
      socket.resume()
      onHead(socket)
    }
    socket.on('data', look)
  })
  return listen(server)
}

/** A server that accepts connections and never says a word. */
export function serveSilence(): Promise<LoopbackServer> {
  return listen(createNetServer((socket) => socket.resume()))
}

async function listen(server: Server): Promise<LoopbackServer> {
  const sockets: Socket[] = []
  const closings: Promise<void>[] = []
  let arrived: (() => void)[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    closings.push(new Promise((resolve) => socket.on('close', () => resolve())))
    for (const wake of arrived.splice(0)) wake()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const connected = async (index: number): Promise<Socket> => {
    for (;;) {
      const socket = sockets[index]
      if (socket !== undefined) return socket
      await new Promise<void>((resolve) => arrived.push(resolve))
    }
  }
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    sockets,
    connected,
    async closed(index) {
      await connected(index)
      await closings[index]
    },
    async close() {
      arrived = []
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
