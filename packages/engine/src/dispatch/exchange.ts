import type {
  AnswerHead,
  CodecContext,
  NeutralRequest,
  Peek,
  SluiceError,
  SpokenDialect,
  Warning,
} from '@sluice/protocol'
import type { BodyStream } from '../transport/transport.ts'
import type { Decision } from '../routing/decision.ts'
import type { RouteRequest } from '../routing/route-request.ts'
import type { Abortable } from './abortable.ts'
import type { AttemptGate } from './attempt-gate.ts'
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
  /** Given up because another answered first. */
  readonly abandoned?: true
}

const noHeaders: RouteRequest['headers'] = Object.freeze({})

/** The end of a request's body, which can be sent on once, as it arrives. */
export interface RestOfBody extends BodyStream {
  /** Whether any of it was read: then the request cannot be made again. */
  readonly taken: boolean
}

/** What is kept of earlier requests, for one that goes on from them. Throws `SluiceError` for what cannot be had. */
export interface RequestMemory {
  /** The request's JSON as it is to be translated for the target; the same object for the same dialect. */
  wireFor(target: Target): unknown
  /** The request's bytes for a target of the caller's own dialect; `undefined`: as they came. */
  bodyFor(target: Target): Uint8Array | undefined
  /** What a translated answer is called. */
  readonly head: AnswerHead
}

/** A request of very many messages may lose something of each. */
const mostWarnings = 100

/** Everything known about one request as it flows. */
export class Exchange implements Abortable, CodecContext {
  readonly id: string
  /** What the caller speaks. */
  readonly dialect: SpokenDialect
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
  /** All of the caller's headers, names in lower case, for routing to look at; empty in the library. */
  callerHeaders: RouteRequest['headers'] = noHeaders
  /** Who calls, without their key. */
  principal = 'local'
  /** The choices that routes made; absent where nobody wants to know. */
  decisions: Decision[] | undefined
  /** Why the request will not have a target, where it says something about that. */
  refuses: ((target: Target) => string | undefined) | undefined
  /** Why its caller may not use a target; what they are told where no other is left. */
  forbids: ((target: Target) => SluiceError | undefined) | undefined
  /** Absent where every attempt may be made. */
  gate: AttemptGate | undefined
  /** What was asked for and will not happen as asked; of very much the first. */
  readonly warnings: Warning[] = []
  /** Whether losses are refused, where the caller says so; else as config says. */
  strict: boolean | undefined
  /** Absent where nothing is kept. */
  memory: RequestMemory | undefined
  /** Once it was worked out: `neutralRequest`. */
  neutral: { readonly wire: unknown; readonly request: NeutralRequest } | undefined
  /** Once it was worked out: `factsOf`. */
  facts: RouteRequest | undefined
  #aborted = false

  constructor(id: string, dialect: SpokenDialect, body: Uint8Array, peek: Peek, startedAt: number) {
    this.id = id
    this.dialect = dialect
    this.body = body
    this.peek = peek
    this.startedAt = startedAt
  }

  warn(warning: Warning): void {
    const { warnings } = this
    if (warnings.length >= mostWarnings) return
    // Several attempts drop the same things.
    if (!warnings.some(({ path, code }) => path === warning.path && code === warning.code)) warnings.push(warning)
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
