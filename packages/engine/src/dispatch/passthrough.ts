import { type ErrorAnswer, SluiceError, type Tap } from '@sluice/protocol'
import type { Transport, UpstreamFlow, UpstreamHeaders, UpstreamReceiver } from '../transport/transport.ts'
import type { Answer, AnswerSink } from './answer.ts'
import type { Abortable, Exchange } from './exchange.ts'
import type { Target } from './target.ts'

/** Of an error's body; more is cut off. */
const errorBodyLimit = 64 * 1024

export interface PassthroughOptions {
  readonly transport: Transport
  /** Edit the request in place where its bytes allow it. */
  readonly fastPath: boolean
}

/**
 * Sends a request as it came, but for the model's name, and relays the answer as it comes. Resolves when the
 * answer may be committed to.
 *
 * @throws SluiceError when the provider cannot be reached, answers with an error, or breaks off before that.
 */
export function passthrough(exchange: Exchange, target: Target, options: PassthroughOptions): Promise<Answer> {
  const { dialect } = target.plan
  const changes = { model: target.model, includeUsage: exchange.peek.stream }
  const body = (options.fastPath ? dialect.patch?.(exchange.body, exchange.peek, changes) : undefined) ?? [
    dialect.rewrite(exchange.body, changes),
  ]
  return new Promise((resolve, reject) => {
    const relay = new Relay(exchange, target, resolve, reject)
    relay.flow = options.transport.send({ destination: target.destination, method: 'POST', body, timeouts: target.timeouts }, relay)
    exchange.underWay = relay
  })
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

  constructor(exchange: Exchange, target: Target, resolve: (answer: Answer) => void, reject: (error: SluiceError) => void) {
    this.#exchange = exchange
    this.target = target
    this.#resolve = resolve
    this.#reject = reject
  }

  get tap(): Tap {
    if (this.#tap === undefined) throw new SluiceError('internal_error', 'The answer has no tap yet.')
    return this.#tap
  }

  // Heard from the transport

  start(status: number, headers: UpstreamHeaders): void {
    this.#status = status
    this.headers = headers
    if (status >= 400) return
    const { dialect } = this.target.plan
    const type = headers['content-type']
    const json = typeof type === 'string' && type.includes('json')
    this.stream = this.#exchange.peek.stream && !json
    this.#tap = this.stream ? dialect.tap.stream({ hideUsage: !this.#exchange.peek.usageRequested }) : dialect.tap.result()
  }

  data(chunk: Uint8Array): void {
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
    if (this.#over) return
    const tap = this.#tap
    if (tap === undefined) return this.#fail(this.#decode(parse(join(this.#held))))
    const rest = tap.end()
    if (tap.error !== undefined) return this.#fail(this.#decode(tap.error))
    if (!tap.complete) return this.#fail(this.#incomplete())
    if (!this.stream && this.#exchange.peek.stream) return this.#fail(notAStream())
    this.#finish()
    if (rest !== undefined) {
      if (!this.#settled && this.#held.length === 0) this.whole = rest
      if (this.#sink === undefined) this.#hold(rest)
      else this.#sink.write(rest)
    }
    if (!this.#settled) this.#commit()
    this.#sink?.end()
  }

  error(error: SluiceError): void {
    this.#fail(error)
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
    this.#finish()
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

  /** Lets go of the connection's objects, which live longer than this request. */
  #finish(): void {
    this.#over = true
    this.flow = undefined
    this.#exchange.underWay = undefined
  }

  #commit(): void {
    this.#settled = true
    this.#resolve(this)
  }

  #fail(error: SluiceError): void {
    if (this.#over) return
    this.flow?.cancel()
    this.#finish()
    this.#failure = error
    if (!this.#settled) {
      this.#settled = true
      this.#reject(error)
    } else this.#sink?.fail(error)
  }

  #decode(body: unknown): SluiceError {
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
    return new SluiceError('upstream_invalid_response', 'The provider answered with something that is not an answer of its API.')
  }
}

function notAStream(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The provider answered without streaming, though a stream was asked for.')
}

const decoder = new TextDecoder()

function join(chunks: readonly Uint8Array[]): string {
  let text = ''
  for (const chunk of chunks) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
