import { SluiceError } from '@sluice/protocol'
import { receiverFailed, redirected, transportFailure } from 'sluice'
import type {
  BodyStream,
  Destination,
  Timeouts,
  Transport,
  TransportStage,
  UpstreamFlow,
  UpstreamHeaders,
  UpstreamReceiver,
  UpstreamRequest,
} from 'sluice'
import type { buildConnector, Dispatcher, Pool as UndiciPool } from 'undici'
import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'

// The pool alone: undici's front door also loads fetch, caches, mocks and web sockets, 13 MB that nobody here uses.
const Pool = createRequire(import.meta.url)('undici/lib/dispatcher/pool.js') as typeof UndiciPool

export interface UndiciTransportOptions {
  /** Connections per origin; default: no limit. With one, calls beyond it wait for a free connection. */
  readonly connections?: number
  /**
   * Milliseconds that an idle connection is kept when the provider names no time. Default 4000: under the 5 s
   * after which common servers (uvicorn, Node) hang up, so that a call seldom meets a closing connection.
   */
  readonly keepAliveTimeout?: number
  /** Bytes that the head of an answer may have. Default 32 KiB. */
  readonly maxHeaderBytes?: number
  /** How connections to an origin are made. @param timeout milliseconds. Default: undici's. */
  readonly connect?: (origin: string, timeout: number) => buildConnector.connector
  /** Origins whose connections are kept; with more, those that came first are closed once they are idle. Default: no limit. */
  readonly maxOrigins?: number
}

/**
 * Carries calls by undici over HTTP/1.1, one pool of connections per origin.
 *
 * Time limits above a second are exact to about half a second (undici's timer wheel). `close` does not wait:
 * open calls end with `shutting_down`; whoever wants them to finish drains before closing. A redirect is
 * `upstream_invalid_response`. Bodies are not decompressed.
 */
export function createUndiciTransport(options: UndiciTransportOptions = {}): Transport {
  return new UndiciTransport(options)
}

class UndiciTransport implements Transport {
  readonly #options: UndiciTransportOptions
  /** By connect timeout, which belongs to a pool, then by origin. */
  readonly #pools = new Map<number, Map<string, UndiciPool>>()
  /** Those that take no more calls, and whose last ones are under way. */
  readonly #closing = new Set<UndiciPool>()
  #closed = false

  constructor(options: UndiciTransportOptions) {
    this.#options = options
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamFlow {
    const { destination, timeouts, body } = request
    const call = new UndiciCall(receiver, timeouts)
    let pool: UndiciPool
    try {
      pool =
        this.#pools.get(timeouts.connect)?.get(destination.origin) ?? this.#open(destination.origin, timeouts.connect)
    } catch (error) {
      call.onResponseError(undefined, error)
      return call
    }
    pool.dispatch(
      {
        path: destination.path,
        method: request.method,
        headers: ('size' in body ? headersOf(body, destination) : destination.headers) as string[],
        body: 'size' in body ? streamOf(body) : whole(body),
        headersTimeout: timeouts.firstByte,
        bodyTimeout: timeouts.idle,
      },
      call,
    )
    call.sent()
    return call
  }

  async close(): Promise<void> {
    this.#closed = true
    const all = [...this.#closing, ...[...this.#pools.values()].flatMap((pools) => [...pools.values()])]
    await Promise.all(all.map((pool) => pool.destroy()))
  }

  #open(origin: string, connectTimeout: number): UndiciPool {
    const { connect, maxOrigins } = this.#options
    const pool = new Pool(origin, {
      allowH2: false,
      ...(connect !== undefined && { connect: connect(origin, connectTimeout) }),
      pipelining: 1,
      connections: this.#options.connections ?? null,
      connectTimeout,
      keepAliveTimeout: this.#options.keepAliveTimeout ?? 4_000,
      maxHeaderSize: this.#options.maxHeaderBytes ?? 32_768,
    })
    // A closed pool refuses its calls in the way of all others.
    if (this.#closed) void pool.destroy()
    let pools = this.#pools.get(connectTimeout)
    if (pools === undefined) this.#pools.set(connectTimeout, (pools = new Map()))
    pools.set(origin, pool)
    if (maxOrigins !== undefined && pools.size > maxOrigins && !this.#closed) this.#closeOldest(pools)
    return pool
  }

  /** Its calls that are under way go on to their end. */
  #closeOldest(pools: Map<string, UndiciPool>): void {
    for (const [origin, pool] of pools) {
      pools.delete(origin)
      this.#closing.add(pool)
      void pool.close().then(() => this.#closing.delete(pool))
      return
    }
  }
}

function whole(body: readonly Uint8Array[]): Uint8Array | null {
  return body.length === 1 ? body[0]! : body.length === 0 ? null : Buffer.concat(body)
}

/** undici sends any async iterable; its types want a stream. */
function streamOf(body: BodyStream): Readable {
  return body as AsyncIterable<Uint8Array> as unknown as Readable
}

/** Without a length the body is sent in chunks. */
function headersOf({ size }: BodyStream, { headers }: Destination): readonly string[] {
  return size === undefined ? headers : [...headers, 'content-length', String(size)]
}

/** One call, both as undici's handler and as the flow that the sender holds. */
class UndiciCall implements UpstreamFlow, Dispatcher.DispatchHandler {
  /** Absent once the call is over. */
  #receiver: UpstreamReceiver | undefined
  readonly #timeouts: Timeouts
  /** Absent until the call has a connection. */
  #controller: Dispatcher.DispatchController | undefined
  #stage: TransportStage = 'connect'
  #sending = true
  #paused = false

  constructor(receiver: UpstreamReceiver, timeouts: Timeouts) {
    this.#receiver = receiver
    this.#timeouts = timeouts
  }

  /** `send` is about to return: from now on the receiver may be told at once. */
  sent(): void {
    this.#sending = false
  }

  pause(): void {
    if (this.#receiver === undefined) return
    this.#paused = true
    this.#controller?.pause()
  }

  resume(): void {
    // The controller of a call that is over must not be touched: its connection serves another.
    if (!this.#paused || this.#receiver === undefined) return
    this.#paused = false
    try {
      this.#controller?.resume()
    } catch {
      // undici cannot resume one connection while it delivers another's data.
      this.pause()
      setImmediate(() => this.resume())
    }
  }

  cancel(): void {
    if (this.#receiver === undefined) return
    this.#receiver = undefined
    this.#controller?.abort(cancelled)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Cancelled while it waited for the connection, which another call may have.
    if (this.#receiver === undefined) throw cancelled
    this.#controller = controller
    this.#stage = 'head'
    if (this.#paused) controller.pause()
  }

  onResponseStart(_controller: unknown, status: number, headers: UpstreamHeaders): void {
    if (status < 200) return
    if (status >= 300 && status < 400) return this.#fail(redirected())
    this.#stage = 'body'
    this.#receiver?.start(status, headers)
  }

  onResponseData(_controller: unknown, chunk: Uint8Array): void {
    this.#receiver?.data(chunk)
  }

  onResponseEnd(): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    receiver?.end()
  }

  onResponseError(_controller: unknown, error: unknown): void {
    if (this.#receiver === undefined) return
    // Errors of undici and of the network have a code; without one it is the receiver's own.
    const known = error instanceof Error && 'code' in error && !(error instanceof SluiceError)
    const failure = known ? transportFailure(error, this.#stage, this.#timeouts) : receiverFailed(error)
    if (this.#sending) queueMicrotask(() => this.#fail(failure))
    else this.#fail(failure)
  }

  #fail(error: SluiceError): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    this.#controller?.abort(cancelled)
    receiver?.error(error)
  }
}

const cancelled = new Error('The call was given up.')
