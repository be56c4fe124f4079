import { joinBytes } from '@sluice/protocol'
import {
  receiverFailed,
  redirected,
  timedOut,
  transportClosed,
  transportFailure,
  type TransportStage,
  unsendable,
} from './failure.ts'
import type {
  BodyStream,
  Destination,
  Timeouts,
  Transport,
  UpstreamFlow,
  UpstreamHeaders,
  UpstreamReceiver,
  UpstreamRequest,
} from './transport.ts'

/** What carries the calls. */
export interface FetchTransportOptions {
  /**
   * Asked with a `Request` and, as the second argument's `body`, what is sent. Default: the global `fetch`, looked up at
   * each call.
   */
  readonly fetch?: typeof globalThis.fetch
}

/**
 * Carries calls by `fetch`: Node, browsers, edge runtimes.
 *
 * `fetch` does not tell when it is connected: `connect` and `firstByte` together bound the time to the answer's
 * head, and a `firstByte` of 0 leaves it to the runtime (Node: 10 s to connect, 300 s to the head, 300 s between
 * chunks, whatever is asked here). A body that is streamed is sent in chunks, whatever its size. Answers arrive
 * decompressed, so `content-encoding` and `content-length` are left out of the headers of a compressed one. A redirect
 * is `upstream_invalid_response`. `close` ends open calls with `shutting_down`; connections that the runtime keeps idle
 * are its own.
 */
export function createFetchTransport(options: FetchTransportOptions = {}): Transport {
  return new FetchTransport(options.fetch, streamOf)
}

/** As `createFetchTransport`, of calls whose bodies are all here. */
export function createPlainFetchTransport(): Transport {
  return new FetchTransport(undefined, undefined)
}

class FetchTransport implements Transport {
  readonly #fetch: typeof globalThis.fetch | undefined
  readonly #streamOf: StreamOf | undefined
  readonly #open = new Set<FetchCall>()
  #closed = false

  constructor(fetch: typeof globalThis.fetch | undefined, streamOf: StreamOf | undefined) {
    this.#fetch = fetch
    this.#streamOf = streamOf
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamFlow {
    const call = new FetchCall(receiver, request.timeouts, this.#streamOf)
    this.#open.add(call)
    // Not a member call: browsers refuse a `fetch` whose `this` is not the window.
    const fetch = this.#fetch ?? globalThis.fetch
    void call.run(fetch, request, this.#closed).then(() => this.#open.delete(call))
    return call
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const call of this.#open) call.fail(transportClosed())
  }
}

class FetchCall implements UpstreamFlow {
  /** Absent once the call is over. */
  #receiver: UpstreamReceiver | undefined
  readonly #timeouts: Timeouts
  readonly #streamOf: StreamOf | undefined
  readonly #abort = new AbortController()
  /** Kept as long as the call: Node hears an abort by way of this object, and does not keep it itself. */
  #request: Request | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #paused = false
  /** No head of an answer has come. */
  #sending = true
  /** Waits for the next chunk, which the idle timeout bounds unless paused. */
  #reading = false
  /** On the clock of `performance.now`. */
  #readingSince = 0
  /** Wakes the loop that waits for `resume`. */
  #wake: (() => void) | undefined

  constructor(receiver: UpstreamReceiver, timeouts: Timeouts, streamOf: StreamOf | undefined) {
    this.#receiver = receiver
    this.#timeouts = timeouts
    this.#streamOf = streamOf
  }

  pause(): void {
    if (this.#receiver === undefined || this.#paused) return
    this.#paused = true
    if (this.#reading) this.#clearTimer()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#reading) this.#startReading()
    this.#wake?.()
  }

  cancel(): void {
    this.#finish()?.abort.abort()
  }

  fail(error: ReturnType<typeof transportClosed>): void {
    const finished = this.#finish()
    finished?.abort.abort()
    finished?.receiver.error(error)
  }

  /** Never rejects. */
  async run(fetch: typeof globalThis.fetch, request: UpstreamRequest, closed: boolean): Promise<void> {
    let stage: TransportStage | 'receiver' = 'head'
    try {
      const response = await this.#send(fetch, request, closed)
      const receiver = this.#receiver
      const reader = response.body?.getReader()
      if (receiver === undefined) return void reader?.cancel().catch(ignore)
      if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400))
        return this.fail(redirected())
      this.#sending = false
      this.#clearTimer()
      stage = 'receiver'
      receiver.start(response.status, readHeaders(response.headers))
      while (reader !== undefined) {
        stage = 'body'
        if (this.#paused) await this.#resumed()
        if (this.#receiver === undefined) return
        this.#startReading()
        const { done, value } = await reader.read()
        this.#reading = false
        if (this.#paused) await this.#resumed()
        if (this.#receiver === undefined) return
        if (done) break
        stage = 'receiver'
        receiver.data(value)
      }
      stage = 'receiver'
      this.#finish()?.receiver.end()
    } catch (error) {
      this.fail(stage === 'receiver' ? receiverFailed(error) : transportFailure(error, stage, this.#timeouts))
    }
  }

  /** Asynchronous from the start, so that the receiver hears of no failure before `send` has returned. */
  async #send(fetch: typeof globalThis.fetch, request: UpstreamRequest, closed: boolean): Promise<Response> {
    await Promise.resolve()
    if (closed) throw transportClosed()
    this.#abort.signal.throwIfAborted()
    const { connect, firstByte } = this.#timeouts
    let body: RequestInit
    try {
      body = this.#bodyInit(request.body)
      this.#request = prepare(request, this.#abort.signal)
    } catch {
      throw unsendable()
    }
    if (firstByte > 0) this.#awaitHead(connect + firstByte)
    // Apart from the request: Node would pipe it out of there through a stream, at a good part of the call's CPU.
    return fetch(this.#request, body)
  }

  #bodyInit(body: UpstreamRequest['body']): RequestInit {
    if ('size' in body) return this.#streamOf!(body, () => this.#sent())
    const bytes = joinBytes(body)
    // A type that also covers shared memory, which request bodies never are.
    return bytes.length > 0 ? { body: bytes as Uint8Array<ArrayBuffer> } : {}
  }

  /** Each piece that goes out is a sign of life. */
  #sent(): void {
    if (this.#receiver === undefined || !this.#sending || this.#timeouts.firstByte === 0) return
    this.#clearTimer()
    this.#awaitHead(this.#timeouts.connect + this.#timeouts.firstByte)
  }

  #finish(): { receiver: UpstreamReceiver; abort: AbortController } | undefined {
    const receiver = this.#receiver
    if (receiver === undefined) return undefined
    this.#receiver = undefined
    this.#reading = false
    this.#clearTimer()
    this.resume()
    return { receiver, abort: this.#abort }
  }

  #startReading(): void {
    this.#reading = true
    this.#readingSince = performance.now()
    if (this.#timer === undefined) this.#watchIdle(this.#timeouts.idle)
  }

  /** One timer for many chunks: what comes in time only moves the beginning that it looks at. */
  #watchIdle(wait: number): void {
    if (wait <= 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (!this.#reading || this.#paused) return
      const left = this.#readingSince + this.#timeouts.idle - performance.now()
      // Timers may go off a little early.
      if (left > 1) this.#watchIdle(left)
      else this.fail(timedOut('idle', this.#timeouts.idle))
    }, wait)
  }

  async #resumed(): Promise<void> {
    while (this.#paused) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #awaitHead(limit: number): void {
    this.#timer = setTimeout(() => this.fail(timedOut('firstByte', limit)), limit)
  }

  #clearTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

function prepare({ destination, method }: UpstreamRequest, signal: AbortSignal): Request {
  return new Request(destination.origin + destination.path, {
    method,
    headers: writeHeaders(destination),
    redirect: 'manual',
    signal,
  })
}

/** @param sent is called after each piece. */
type StreamOf = (body: BodyStream, sent: () => void) => RequestInit

function streamOf(body: BodyStream, sent: () => void): RequestInit {
  const pieces = body[Symbol.asyncIterator]()
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
        sent()
      },
      cancel: async () => {
        await pieces.return?.()
      },
    },
    { highWaterMark: 0 },
  )
  // Without `duplex` a stream is refused; the types of browsers do not know it.
  return { body: stream, duplex: 'half' } as RequestInit
}

function writeHeaders({ headers }: Destination): [string, string][] {
  const written: [string, string][] = []
  let encoding = false
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string
    encoding ||= name.toLowerCase() === 'accept-encoding'
    written.push([name, headers[index + 1] as string])
  }
  // Compression would hold small chunks of a stream back. Browsers decide this themselves and ignore it.
  if (!encoding) written.push(['accept-encoding', 'identity'])
  return written
}

function readHeaders(headers: Headers): UpstreamHeaders {
  const read: Record<string, string | string[]> = {}
  for (const [name, value] of headers) {
    if (name !== 'set-cookie') read[name] = value
  }
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) read['set-cookie'] = cookies.length === 1 ? (cookies[0] as string) : cookies
  if (read['content-encoding'] !== undefined && read['content-encoding'] !== 'identity') {
    delete read['content-encoding']
    delete read['content-length']
  }
  return read
}

function ignore(): void {}
