import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Dialect, type Reframer, SluiceError, type Warning } from '@sluice/protocol'
import type { Abortable, Answer, AnswerSink, Attempt, Exchange } from 'sluice'
import type { Relayed } from '../ledger/estimate-usage.ts'
import { traceHeader } from '../telemetry/trace-header.ts'
import type { Call } from './call.ts'

export function sendJson(call: Call, status: number, value: unknown, headers: readonly string[] = []): void {
  const body = Buffer.from(JSON.stringify(value))
  call.response.writeHead(status, [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    'x-request-id',
    call.id,
    ...(call.headers ?? []),
    ...headers,
  ])
  call.response.end(body)
}

/** A page of our own. @param policy what it may load: https://www.w3.org/TR/CSP3/ */
export function sendPage(
  call: Call,
  status: number,
  page: string,
  policy: string,
  headers: readonly string[] = [],
): void {
  const body = Buffer.from(page)
  call.response.writeHead(status, [
    'content-type',
    'text/html; charset=utf-8',
    'content-length',
    String(body.length),
    'content-security-policy',
    policy,
    'x-content-type-options',
    'nosniff',
    'referrer-policy',
    'no-referrer',
    'x-request-id',
    call.id,
    ...headers,
  ])
  call.response.end(body)
}

/**
 * Renders an error in the caller's dialect: the only place where that happens before the first byte.
 * @param failed the attempts that came before it, which callers are told of who ask for them.
 */
export function sendError(
  call: Call,
  error: SluiceError,
  dialect: Dialect,
  attempts: number,
  more?: readonly string[],
  failed: readonly Attempt[] = [],
): void {
  const { request, response } = call
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const headers: string[] = more === undefined ? [] : [...more]
  if (error.retryAfterMs !== undefined) {
    headers.push(
      'retry-after',
      String(Math.ceil(error.retryAfterMs / 1000)),
      'retry-after-ms',
      String(Math.ceil(error.retryAfterMs)),
    )
  }
  // Official SDKs obey this, else they repeat by status: what was repeated here, or cannot pass (an empty account is
  // a 429 too), they need not repeat.
  if (attempts > 1 || !error.retryable) headers.push('x-should-retry', 'false')
  if (attempts > 0) headers.push('x-sluice-attempts', String(attempts))
  // What is left of an unread body would be taken for the next request.
  if (!request.complete && hasBody(request)) headers.push('connection', 'close')
  const body = dialect.error.encode(error, call.id)
  const told = request.headers['x-sluice-attempts'] === 'true' && failed.length > 0
  sendJson(call, error.status, told ? { ...(body as object), sluice: ownWords(failed) } : body, headers)
}

/** The last ones, where there are very many. */
const mostAttempts = 32

/** What stands beside the dialect's own members: of each attempt what its error tells callers, and nothing else. */
function ownWords(failed: readonly Attempt[]): object {
  const attempts = failed.slice(-mostAttempts).flatMap(({ target, error }) => {
    if (error === undefined) return []
    const { code, message, upstream } = error
    return { provider: target.provider.id, model: target.model, status: upstream?.status ?? null, code, message }
  })
  return { attempts }
}

/** RFC 9112, section 6.3. */
function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) > 0)
}

/**
 * Sends an answer as it comes. `settle` is called once, before the last byte goes out or when the caller has
 * gone, with the error that broke the answer off, if one did, and what of it was relayed before. An answer that is whole
 * already goes out when `whenWritten` says so.
 */
export function sendAnswer(
  call: Call,
  dialect: Dialect,
  exchange: Exchange,
  answer: Answer,
  settle: (error: SluiceError | undefined, relayed?: Relayed) => void,
  whenWritten: (send: () => void) => void,
): void {
  const { response } = call
  const { framing } = exchange.peek
  const reframer = answer.stream ? framing?.reframer() : undefined
  const whole = answer.whole && reframer ? reframed(answer.whole, reframer) : answer.whole
  if (whole !== undefined) {
    settle(undefined)
    const headers = answerHeaders(call, exchange, answer)
    headers.push('content-length', String(whole.length))
    response.writeHead(200, headers)
    whenWritten(() => {
      // As text the body joins the head in one write, half the price of two; Latin-1 keeps every byte.
      if (whole.length <= oneWriteLimit)
        response.end(Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('latin1'), 'latin1')
      else response.end(whole)
    })
    return
  }
  response.writeHead(200, answerHeaders(call, exchange, answer))
  const sink = new ResponseSink(call, dialect, answer, reframer, settle)
  call.underWay = sink
  response.on('drain', () => sink.drained())
  answer.relay(sink)
}

/** Up to this size a string is written without being copied to the heap first. */
const oneWriteLimit = 12 * 1024

/** Writes an answer's body to the caller's socket. A class for its fields: they are touched once a chunk. */
class ResponseSink implements AnswerSink, Abortable {
  readonly #response: ServerResponse
  readonly #call: Call
  readonly #dialect: Dialect
  readonly #answer: Answer
  readonly #reframer: Reframer | undefined
  readonly #settle: (error: SluiceError | undefined, relayed?: Relayed) => void
  #bytes = 0
  #first: Uint8Array | undefined
  #last: Uint8Array | undefined
  #paused = false
  #over = false

  constructor(
    call: Call,
    dialect: Dialect,
    answer: Answer,
    reframer: Reframer | undefined,
    settle: (error: SluiceError | undefined, relayed?: Relayed) => void,
  ) {
    this.#call = call
    this.#dialect = dialect
    this.#response = call.response
    this.#answer = answer
    this.#reframer = reframer
    this.#settle = settle
  }

  write(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    this.#first ??= bytes
    this.#last = bytes
    if (this.#send(bytes) || this.#paused) return
    // The reader is slower than the provider: hold the provider back rather than the bytes.
    this.#paused = true
    this.#answer.pause()
  }

  end(): void {
    this.#finish(undefined)
    this.#response.end(this.#reframer?.end())
  }

  fail(error: SluiceError): void {
    this.#finish(error)
    if (this.#answer.stream) {
      const event = this.#dialect.error.encodeEvent(error, this.#call.id)
      this.#response.end(this.#reframer === undefined ? event : reframed(Buffer.from(event), this.#reframer))
      // A body that is cut short must not look whole: the connection says so.
    } else this.#response.destroy()
  }

  drained(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#answer.resume()
  }

  /** The caller went away. */
  abort(): void {
    this.#answer.cancel()
    this.#finish(new SluiceError('client_closed_request', 'The caller went away.'))
  }

  /** @returns whether the caller can take more. */
  #send(bytes: Uint8Array): boolean {
    if (this.#reframer === undefined) return this.#response.write(bytes)
    const text = this.#reframer.write(bytes)
    return text === '' || this.#response.write(text)
  }

  #finish(error: SluiceError | undefined): void {
    if (this.#over) return
    this.#over = true
    if (error === undefined || this.#first === undefined || this.#last === undefined) this.#settle(error)
    else this.#settle(error, { bytes: this.#bytes, first: this.#first, last: this.#last })
  }
}

function answerHeaders(call: Call, exchange: Exchange, answer: Answer): string[] {
  const { attempts } = exchange
  let waited = 0
  for (const attempt of attempts) waited += attempt.endedAt - attempt.startedAt
  const overhead = performance.now() - exchange.startedAt - waited
  const headers = [
    'content-type',
    contentType(answer, exchange),
    'x-request-id',
    call.id,
    'x-sluice-provider',
    answer.target.provider.id,
    'x-sluice-model',
    answer.target.model,
    'x-sluice-attempts',
    String(attempts.length),
    'x-sluice-overhead-ms',
    milliseconds(overhead),
  ]
  if (answer.target.plan.kind === 'estimate') headers.push('x-sluice-estimate', 'true')
  if (call.headers !== undefined) headers.push(...call.headers)
  const trace = traceHeader(call, exchange)
  if (trace !== undefined) headers.push(...trace)
  if (exchange.warnings.length > 0) headers.push('x-sluice-warnings', describeWarnings(exchange.warnings))
  // Proxies must neither store nor gather a stream.
  if (answer.stream) headers.push('cache-control', 'no-cache', 'x-accel-buffering', 'no')
  return headers
}

function reframed(bytes: Uint8Array, reframer: Reframer): Uint8Array {
  return Buffer.from(reframer.write(bytes) + reframer.end())
}

function contentType(answer: Answer, { dialect, peek }: Exchange): string {
  if (answer.stream && peek.framing !== undefined) return peek.framing.contentType
  if (answer.stream) return dialect.stream?.contentType ?? 'text/event-stream; charset=utf-8'
  if (!('resultType' in dialect)) return 'application/json'
  const said = answer.headers['content-type']
  return dialect.resultType ?? (typeof said === 'string' ? said : 'application/octet-stream')
}

/** With three decimals; `toFixed` would cost more than all other headers together. */
function milliseconds(value: number): string {
  const micros = Math.max(0, Math.round(value * 1000))
  const rest = micros % 1000
  return `${(micros - rest) / 1000}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`
}

/** What a header can carry: the paths of what was dropped or changed, in ASCII, at most 1 KiB. */
function describeWarnings(warnings: readonly Warning[]): string {
  const text = warnings.map(({ code, path }) => `${code} ${path}`).join(', ')
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 1024)
}
