import type { ChatDialect, ChatRequest, Dialect, CodecContext, Peek, SluiceError, Warning } from '@sluice/protocol'
import type { BodyStream } from '../transport/transport.ts'
import type { Target } from './target.ts'

/** What became of one call to a provider. */
export interface Attempt {
  readonly target: Target
  /** Milliseconds on the clock of `performance.now`. */
  readonly startedAt: number
  /** When the answer could be committed to, or the attempt had failed. */
  readonly endedAt: number
  /** Absent for the attempt whose answer was relayed. */
  readonly error?: SluiceError
}

const decoder = new TextDecoder()

/** The end of a request's body, which can be sent on once, as it arrives. */
export interface RestOfBody extends BodyStream {
  /** Whether any of it was read: then the request cannot be made again. */
  readonly taken: boolean
}

/** Something under way that can be given up. */
export interface Abortable {
  abort(): void
}

/** Everything known about one request as it flows. */
export class Exchange implements Abortable, CodecContext {
  readonly id: string
  /** What the caller speaks. */
  readonly dialect: Dialect
  readonly body: Uint8Array
  readonly peek: Peek
  /** Milliseconds on the clock of `performance.now`. */
  readonly startedAt: number
  readonly attempts: Attempt[] = []
  /** What to give up when the caller goes away now. An object and no closure: those outlived their requests. */
  underWay: Abortable | undefined
  /** Of the caller's headers those that belong to the dialect: names and values in turn. */
  forwardedHeaders: readonly string[] | undefined
  /** What of the request's body is not here yet: `body` is its beginning. Of requests that are only relayed. */
  rest: RestOfBody | undefined
  /** What was asked for and will not happen as asked. */
  readonly warnings: Warning[] = []
  #request: ChatRequest | undefined
  #aborted = false

  constructor(id: string, dialect: Dialect, body: Uint8Array, peek: Peek, startedAt: number) {
    this.id = id
    this.dialect = dialect
    this.body = body
    this.peek = peek
    this.startedAt = startedAt
  }

  /** The request in neutral form, as `caller` reads it; worked out once. Throws `SluiceError` for what cannot be read. */
  request(caller: ChatDialect): ChatRequest {
    return (this.#request ??= caller.request.decode(JSON.parse(decoder.decode(this.body)), this))
  }

  warn(warning: Warning): void {
    // Several attempts drop the same things.
    if (!this.warnings.some(({ path, code }) => path === warning.path && code === warning.code))
      this.warnings.push(warning)
  }

  /** The caller went away. */
  get aborted(): boolean {
    return this.#aborted
  }

  /** Gives up whatever is under way for this request. Idempotent. */
  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    this.underWay?.abort()
  }
}
