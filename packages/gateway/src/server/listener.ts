import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { openaiChat, SluiceError } from '@sluice/protocol'
import { asSluiceError } from '../pipeline/pipeline.ts'
import type { ErrorLog } from '../telemetry/error-log.ts'
import type { Call } from './call.ts'
import type { Cors } from './cors.ts'
import { errorDialect } from './error-dialect.ts'
import { listen, sharesPorts } from './listen.ts'
import { sendError } from './respond.ts'
import { type Router, routePath } from './router.ts'

// By `import`, `node:http` would also load the global WebSocket and all of fetch: 20 ms and 8 MB that nobody here uses.
const { createServer } = process.getBuiltinModule('node:http')

export interface ListenerOptions {
  readonly router: Router
  /** Absent where pages of other origins may do nothing. */
  readonly cors: Cors | undefined
  readonly errorLog: ErrorLog
  /** Milliseconds for a request to arrive whole. */
  readonly requestTimeout: number
  /** Milliseconds that open requests get to finish on `drain`. */
  readonly drainTimeout: number
  /** Hears what goes wrong with the server itself, which goes on listening. */
  failed(error: Error): void
  /** Ends what is still open at that limit, each with an error that its caller is told. */
  giveUp(): Promise<void>
}

export interface Listener {
  /**
   * Resolves with the port. Rejects with a plain sentence when the address cannot be had.
   * @param shared other processes of this gateway listen there too, where the system can do that.
   */
  listen(host: string, port: number, shared: boolean): Promise<number>
  /** Requests that are being answered. */
  readonly open: number
  readonly draining: boolean
  /** Refuses new requests with 503, lets open ones finish up to the limit, then closes. Idempotent. */
  drain(): Promise<void>
}

/** Bytes of a request's head. */
const maximumHeaderSize = 32 * 1024
/** Milliseconds for the error that ends an answer at the drain's limit to reach its caller. */
const lastWordsTimeout = 500

export function createListener(options: ListenerOptions): Listener {
  const { router, cors, errorLog, drainTimeout } = options
  const requestId = createRequestIds()
  let open = 0
  let draining: Promise<void> | undefined
  let emptied: (() => void) | undefined

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    const call: Call = {
      request,
      response,
      id: requestId(request),
      path: routePath(request.url ?? '/'),
      startedAt: performance.now(),
      underWay: undefined,
      headers: undefined,
    }
    open++
    response.on('close', () => {
      open--
      if (open === 0) emptied?.()
      if (!response.writableFinished) call.underWay?.abort()
    })
    // Before anybody is asked for a key: browsers send none with that question.
    if (cors?.(call) !== true) void answer(call)
  }

  async function answer(call: Call): Promise<void> {
    try {
      const handler = router.find(call.request.method ?? 'GET', call.path)
      if (draining !== undefined && call.path !== '/healthz' && call.path !== '/readyz') {
        call.response.setHeader('connection', 'close')
        throw new SluiceError(
          'shutting_down',
          'This gateway is shutting down. Ask again; another instance will answer.',
          { retryAfterMs: 1000 },
        )
      }
      await handler(call)
    } catch (thrown) {
      const error = asSluiceError(thrown)
      errorLog(call, error, [])
      sendError(call, error, errorDialect(call.request), 0)
    }
  }

  const server = createServer(
    {
      maxHeaderSize: maximumHeaderSize,
      noDelay: true,
      requestTimeout: options.requestTimeout,
      headersTimeout: Math.min(options.requestTimeout, 30_000),
      // Longer than load balancers keep theirs, so that they do not meet a closing connection.
      keepAliveTimeout: 75_000,
      connectionsCheckingInterval: Math.min(5_000, Math.max(50, (options.requestTimeout || Infinity) / 4)),
    },
    onRequest,
  )
  // Whoever asks before sending a body is told to only when the body is to be read.
  server.on('checkContinue', onRequest)
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuseBrokenRequest(error, socket))

  function emptiedWithin(milliseconds: number): Promise<void> | undefined {
    if (open === 0) return undefined
    return new Promise((resolve) => {
      emptied = resolve
      setTimeout(resolve, milliseconds).unref()
    })
  }

  async function close(): Promise<void> {
    server.closeIdleConnections()
    await emptiedWithin(drainTimeout)
    if (open > 0) {
      await options.giveUp()
      await emptiedWithin(lastWordsTimeout)
    }
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  return {
    listen: (host, port, shared) =>
      listen(server, { host, port, ...(shared && sharesPorts && { reusePort: true }) }, options.failed),
    get open() {
      return open
    },
    get draining() {
      return draining !== undefined
    },
    drain: () => (draining ??= close()),
  }
}

const usableId = /^[\w.:-]{1,128}$/

/** The caller's, where it is usable; else a number under a prefix that no other process has. */
function createRequestIds(): (request: IncomingMessage) => string {
  const prefix = `req_${randomUUID().replaceAll('-', '').slice(0, 20)}`
  let count = 0
  return (request) => {
    const given = request.headers['x-request-id']
    return typeof given === 'string' && usableId.test(given) ? given : prefix + (++count).toString(36).padStart(6, '0')
  }
}

/** Answers what never became a request: broken HTTP, heads too large or too slow. */
function refuseBrokenRequest(cause: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || cause.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const error = brokenRequest(cause)
  const id = `req_${randomUUID()}`
  const body = JSON.stringify(openaiChat.error.encode(error, id))
  socket.end(
    `HTTP/1.1 ${error.status} Error\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${id}\r\nconnection: close\r\n\r\n${body}`,
  )
  // Without waiting for the other side's end, which may never come.
  socket.destroySoon()
}

function brokenRequest(cause: NodeJS.ErrnoException): SluiceError {
  switch (cause.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new SluiceError('headers_too_large', `The request's headers are larger than ${maximumHeaderSize} bytes.`)
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new SluiceError('request_timeout', 'The request did not arrive whole in time.')
    default:
      return new SluiceError('invalid_request', 'This is not a valid HTTP/1.1 request.')
  }
}
