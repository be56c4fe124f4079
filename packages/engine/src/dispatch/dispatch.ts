import { type ErrorAnswer, joinBytes, SluiceError, type Tap } from '@sluice/protocol'
import { timedOut } from '../transport/failure.ts'
import type {
  BodyStream,
  Destination,
  Timeouts,
  Transport,
  UpstreamFlow,
  UpstreamHeaders,
  UpstreamReceiver,
} from '../transport/transport.ts'
import type { Answer, AnswerSink } from './answer.ts'
import type { Abortable } from './abortable.ts'
import type { Exchange } from './exchange.ts'
import { blamesTarget } from '../routing/error-policy.ts'
import type { EndedCall } from '../routing/ended-call.ts'
import type { Target } from './target.ts'
import { ofProvider } from './without-secrets.ts'

/** Of an error's body; more is cut off. */
const errorBodyLimit = 64 * 1024

export interface DispatchOptions {
  readonly transport: Transport
  /** What is sent to a target. Throws `SluiceError` for what cannot be sent there. */
  prepare(exchange: Exchange, target: Target): readonly Uint8Array[] | BodyStream
  /** Where it goes, and with what headers. */
  address(exchange: Exchange, target: Target): Destination
  /** Milliseconds that may pass until the answer begins, where that is less than the target's own limit. */
  readonly timeout?: number | undefined
}

/**
 * Makes one attempt. Where caller and provider speak the same dialect the request goes as it came, but for the
 * model's name, and the answer is relayed as it comes; else both are translated. Resolves when the answer may be
 * committed to.
 *
 * @throws SluiceError when the provider cannot be reached, answers with an error, or breaks off before that.
 */
export function dispatch(exchange: Exchange, target: Target, options: DispatchOptions): Promise<Answer> {
  const { plan } = target
  if (plan.kind === 'estimate') return plan.answer(exchange, target) as Promise<Answer>
  const body = options.prepare(exchange, target)
  const destination = options.address(exchange, target)
  return new Promise((resolve, reject) => {
    const relay = new Relay(exchange, target, resolve, reject)
    exchange.underWay = relay
    const { timeout } = options
    relay.flow = options.transport.send(
      { destination, method: 'POST', body, timeouts: timeoutsFor(target, timeout) },
      relay,
    )
    // The time that a body takes which is not all here yet is its sender's.
    if (timeout !== undefined && !('size' in body)) relay.giveUpAfter(timeout)
  })
}

/** The time to connect stays the target's: connections are kept by it. */
function timeoutsFor({ timeouts }: Target, limit: number | undefined): Timeouts {
  if (limit === undefined) return timeouts
  const { firstByte } = timeouts
  return { ...timeouts, firstByte: firstByte > 0 ? Math.min(firstByte, limit) : limit }
}

/** One answer on its way. A class for its fields: they are touched once a chunk. */
class Relay implements UpstreamReceiver, Answer, Abortable {
  readonly target: Target
  readonly #exchange: Exchange
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: SluiceError) => void
  flow: UpstreamFlow | undefined
  headers: UpstreamHeaders = {}
  stream = false
  whole: Uint8Array | undefined
  #status = 0
  #tap: Tap | undefined
  /** The promise is settled: the answer was handed out, or the attempt failed. */
  #settled = false
  /** The provider has nothing more to say. */
  #over = false
  #sink: AnswerSink | undefined
  /** What came before the sink: body bytes, or the body of an error. */
  #held: Uint8Array[] = []
  #heldSize = 0
  #failure: SluiceError | undefined
  /** On the clock of `performance.now`. */
  readonly #startedAt: number
  #committedAt: number | undefined
  #bytes = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    exchange: Exchange,
    target: Target,
    resolve: (answer: Answer) => void,
    reject: (error: SluiceError) => void,
  ) {
    this.#exchange = exchange
    this.target = target
    this.#resolve = resolve
    this.#reject = reject
    this.#startedAt = performance.now()
    target.state.begin(this.#startedAt)
  }

  get tap(): Tap {
    if (this.#tap === undefined) throw new SluiceError('internal_error', 'The answer has no tap yet.')
    return this.#tap
  }

  /** Where the answer's head has not come by then; whatever the time was spent on. @param limit milliseconds. */
  giveUpAfter(limit: number): void {
    if (this.#over || this.#status > 0) return
    this.#timer = setTimeout(() => this.#fail(timedOut('firstByte', Math.round(limit))), limit)
  }

  // Heard from the transport

  start(status: number, headers: UpstreamHeaders): void {
    clearTimeout(this.#timer)
    this.#status = status
    this.headers = headers
    this.target.state.heard?.(headers, this.target.state)
    if (status >= 400) return
    const type = headers['content-type']
    const streams = this.#exchange.peek.stream && !(typeof type === 'string' && type.startsWith('application/json'))
    // First of all: what fails here is heard by `error`, which asks the tap of a stream.
    this.#tap = this.#createTap(streams)
    this.stream = this.#exchange.peek.stream && (streams || this.target.plan.kind === 'translate')
  }

  #createTap(streams: boolean): Tap {
    const { plan } = this.target
    if (plan.kind === 'translate') return plan.tap(this.#exchange, this.target, streams)
    return streams
      ? plan.dialect.tap.stream({ hideUsage: !this.#exchange.peek.usageRequested })
      : plan.dialect.tap.result(this.#exchange.body)
  }

  data(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    const tap = this.#tap
    if (tap === undefined) {
      this.#hold(chunk)
      // An error that does not end says enough by now.
      if (this.#heldSize >= errorBodyLimit) this.end()
      return
    }
    const bytes = tap.write(chunk)
    if (bytes !== undefined) {
      if (this.#sink === undefined) this.#hold(bytes)
      else this.#sink.write(bytes)
    }
    if (tap.error !== undefined) return this.#fail(this.#decode(tap.error))
    if (!this.#settled && tap.started) this.#commit()
  }

  end(): void {
    this.#end(undefined)
  }

  /** @param cut what ended the connection, if that was no proper end. */
  #end(cut: SluiceError | undefined): void {
    if (this.#over) return
    const tap = this.#tap
    if (tap === undefined) return this.#fail(this.#decode(parse(this.#held)))
    const rest = tap.end()
    if (tap.error !== undefined) {
      const error = this.#decode(tap.error)
      return this.#fail(cut?.code === error.code ? cut : error)
    }
    if (!tap.complete) return this.#fail(cut ?? this.#incomplete())
    if (!this.stream && this.#exchange.peek.stream) return this.#fail(notAStream())
    this.#finish('ok', undefined)
    if (rest !== undefined) {
      if (!this.#settled && this.#held.length === 0) this.whole = rest
      if (this.#sink === undefined) this.#hold(rest)
      else this.#sink.write(rest)
    }
    if (!this.#settled) this.#commit()
    this.#sink?.end()
  }

  error(error: SluiceError): void {
    // Nothing is missing of a stream that had said it was over. Of one that is translated only its end tells.
    const cut = this.#settled && error.code === 'upstream_disconnected'
    if (!this.#over && this.stream && (cut || this.tap.complete)) this.#end(error)
    else this.#fail(error)
  }

  // Asked by the responder

  relay(sink: AnswerSink): void {
    this.#sink = sink
    const held = this.#held
    this.#held = []
    for (const bytes of held) sink.write(bytes)
    if (this.#failure !== undefined) sink.fail(this.#failure)
    else if (this.#over) sink.end()
  }

  pause(): void {
    this.flow?.pause()
  }

  resume(): void {
    this.flow?.resume()
  }

  cancel(): void {
    this.flow?.cancel()
    this.#sink = undefined
    // What the caller heard of a stream until it left was good.
    this.#finish(this.#settled ? 'ok' : 'neutral', undefined)
  }

  /** The caller went away. */
  abort(): void {
    this.cancel()
    if (!this.#settled) {
      this.#settled = true
      this.#reject(new SluiceError('client_closed_request', 'The caller went away.'))
    }
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes)
    this.#heldSize += bytes.length
  }

  /** Lets go of the connection's objects, which live longer than this request, and tells the target's state. */
  #finish(outcome: EndedCall['outcome'], error: SluiceError | undefined): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.flow = undefined
    if (this.#exchange.underWay === this) this.#exchange.underWay = undefined
    const { state } = this.target
    const now = performance.now()
    const begun = this.#committedAt ?? (outcome === 'ok' ? now : undefined)
    const firstByte = begun === undefined ? undefined : begun - this.#startedAt
    if (firstByte !== undefined && this.#committedAt === undefined) state.answered(firstByte)
    const streamed = this.stream && begun !== undefined ? now - begun : 0
    state.end({ outcome, error, firstByte, streamed, bytes: this.#bytes, startedAt: this.#startedAt, now })
  }

  #commit(): void {
    this.#settled = true
    if (!this.#over) {
      this.#committedAt = performance.now()
      this.target.state.answered(this.#committedAt - this.#startedAt)
    }
    this.#resolve(this)
  }

  #fail(told: SluiceError): void {
    if (this.#over) return
    this.flow?.cancel()
    const error = ofProvider(told, this.target.provider)
    this.#finish(blamesTarget(error) ? 'failed' : 'neutral', error)
    this.#failure = error
    if (!this.#settled) {
      this.#settled = true
      this.#reject(error)
    } else this.#sink?.fail(error)
  }

  #decode(body: unknown): SluiceError {
    if (body instanceof SluiceError) return body
    const headers = this.headers
    const answer: ErrorAnswer = {
      status: this.#status,
      header(name) {
        const value = headers[name]
        return typeof value === 'string' ? value : value?.[0]
      },
      body,
    }
    return this.target.plan.dialect.error.decode(answer)
  }

  #incomplete(): SluiceError {
    if (this.stream && this.tap.started) {
      return new SluiceError('upstream_disconnected', 'The provider ended the stream before the answer was whole.')
    }
    return new SluiceError(
      'upstream_invalid_response',
      'The provider answered with something that is not an answer of its API.',
    )
  }
}

function notAStream(): SluiceError {
  return new SluiceError(
    'upstream_invalid_response',
    'The provider answered without streaming, though a stream was asked for.',
  )
}

const decoder = new TextDecoder()

/** JSON, or text. */
function parse(pieces: readonly Uint8Array[]): unknown {
  const text = decoder.decode(joinBytes(pieces))
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
