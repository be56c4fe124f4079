import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * `open`: not over. `answered`: the answer was sent to its end. `aborted`: the client left before.
 * `broken`: the simulator itself broke it off, as it was told to.
 */
export type Outcome = 'open' | 'answered' | 'aborted' | 'broken'

/** One request as it came over the wire. */
export class RecordedRequest {
  readonly method: string
  /** With query, as sent. */
  readonly path: string
  /** Names and values in turn, in the spelling and order sent. */
  readonly rawHeaders: readonly string[]
  /** Which connection it came on, counted from 1. */
  readonly connection: number
  /** Milliseconds since 1970, when the head had come. */
  readonly receivedAt: number = Date.now()
  /** When the body had come, or its reading was given up. */
  bodyAt: number | undefined
  /** When it was over. */
  closedAt: number | undefined
  /** Whether all of the body was read. */
  bodyComplete = false
  outcome: Outcome = 'open'
  readonly #headers: IncomingMessage['headers']
  #pieces: Buffer[] = []
  #size = 0
  #parsed: { readonly value: unknown } | undefined
  #waiting: ((outcome: Outcome) => void)[] = []

  constructor(request: IncomingMessage, connection: number) {
    this.method = request.method ?? 'GET'
    this.path = request.url ?? '/'
    this.rawHeaders = request.rawHeaders
    this.#headers = request.headers
    this.connection = connection
  }

  /** By its name in any case; several of one name are joined by a comma. */
  header(name: string): string | undefined {
    const value = this.#headers[name.toLowerCase()]
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** The exact bytes read so far. */
  get body(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)]
    return this.#pieces[0] as Buffer
  }

  get bodySize(): number {
    return this.#size
  }

  /** The body as JSON. Throws `SyntaxError` when it is none. */
  json(): unknown {
    this.#parsed ??= { value: JSON.parse(this.body.toString('utf8')) }
    return this.#parsed.value
  }

  /** Resolves when the request is over. */
  closed(): Promise<Outcome> {
    if (this.outcome !== 'open') return Promise.resolve(this.outcome)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** For the simulator: a piece of the body has come. */
  append(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#size += piece.length
  }

  /** For the simulator: the first outcome stands. */
  settle(outcome: Outcome): void {
    if (this.outcome !== 'open') return
    this.outcome = outcome
    this.closedAt = Date.now()
    for (const resolve of this.#waiting) resolve(outcome)
    this.#waiting = []
  }
}

export interface RecordingLimits {
  /** How many requests are kept, the newest; default 1000. */
  readonly requests?: number
  /** How many bytes of bodies are kept; default 64 MiB. The newest request is always whole. */
  readonly bytes?: number
}

/** The newest requests, within limits. */
export class Recording {
  readonly requests: RecordedRequest[] = []
  readonly #maximum: number
  readonly #maximumBytes: number

  constructor(limits: RecordingLimits) {
    this.#maximum = limits.requests ?? 1000
    this.#maximumBytes = limits.bytes ?? 64 * 1024 * 1024
  }

  start(request: IncomingMessage, response: ServerResponse, connection: number): RecordedRequest {
    const record = new RecordedRequest(request, connection)
    response.once('finish', () => record.settle('answered'))
    response.once('close', () => record.settle('aborted'))
    if (this.#maximum === 0) return record
    this.requests.push(record)
    if (this.requests.length > this.#maximum) this.requests.shift()
    return record
  }

  /** To be called when a body has come. */
  trim(): void {
    let bytes = 0
    let keep = this.requests.length
    while (keep > 0) {
      bytes += this.requests[keep - 1]?.bodySize ?? 0
      if (bytes > this.#maximumBytes && keep < this.requests.length) break
      keep -= 1
    }
    this.requests.splice(0, keep)
  }

  /**
   * For the simulator: nothing is open any more on a connection that is closed. Node does not tell the answer of a
   * request that came before the answer before it was let go of.
   */
  closeConnection(connection: number): void {
    for (const record of this.requests) if (record.connection === connection) record.settle('aborted')
  }

  clear(): void {
    this.requests.length = 0
  }
}
