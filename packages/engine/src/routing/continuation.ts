import type {
  ChatDialect,
  ChatEvent,
  ChatRequest,
  SluiceError,
  SpokenDialect,
  StreamDecoder,
  Tap,
} from '@sluice/protocol'
import type { Abortable } from '../dispatch/abortable.ts'
import type { Answer, AnswerSink } from '../dispatch/answer.ts'
import { Exchange } from '../dispatch/exchange.ts'
import { neutralRequest } from '../dispatch/neutral-request.ts'
import type { Target } from '../dispatch/target.ts'
import { ContinuedText } from './continued-text.ts'
import { sumUsage } from './sum-usage.ts'

/** A call that goes on where another broke off. */
export interface Elsewhere {
  readonly target: Target
  /** On the clock of `performance.now`. */
  readonly startedAt: number
  readonly answer: Promise<Answer>
}

/** Asks another target than the one that failed; `undefined` when there is none. */
export type GoOn = (failed: Target, request: Exchange) => Elsewhere | undefined

/**
 * An answer that goes on at another target when its stream breaks off, as long as it is plain text: the other one is
 * asked with what was said so far as the beginning of its answer, and its words follow in the same stream. What it
 * repeats is left out. `first` itself for wires that have no neutral form.
 */
export function continueElsewhere(exchange: Exchange, first: Answer, goOn: GoOn): Answer {
  const dialect = asChat(exchange.dialect)
  return dialect === undefined ? first : new ContinuedAnswer(exchange, dialect, first, goOn)
}

function asChat(dialect: SpokenDialect): ChatDialect | undefined {
  return dialect.operation === 'chat' && 'request' in dialect ? (dialect as ChatDialect) : undefined
}

/** Characters of an answer that can be continued: no model says more. */
const mostSaid = 4 * 1024 * 1024
/** What each event counts for besides, in characters. */
const eventWeight = 16

class ContinuedAnswer implements Answer, Abortable {
  readonly #exchange: Exchange
  readonly #dialect: ChatDialect
  readonly #goOn: GoOn
  /** Those before the present one, which broke off. */
  readonly #broken: Answer[] = []
  #current: Answer
  /** What the caller was told so far, as events: only of the kinds that can be continued. */
  readonly #said: ChatEvent[] = []
  #saidSize = 0
  #continuable = true
  #sink: AnswerSink | undefined
  /** The request that asks for the rest. */
  #request: Exchange | undefined
  #paused = false
  #gone = false

  constructor(exchange: Exchange, dialect: ChatDialect, first: Answer, goOn: GoOn) {
    this.#exchange = exchange
    this.#dialect = dialect
    this.#goOn = goOn
    this.#current = first
  }

  get target(): Target {
    return this.#current.target
  }

  get headers(): Answer['headers'] {
    return this.#current.headers
  }

  get stream(): boolean {
    return this.#current.stream
  }

  get whole(): Uint8Array | undefined {
    return this.#current.whole
  }

  get tap(): Tap {
    const { tap } = this.#current
    if (this.#broken.length === 0) return tap
    const all = [...this.#broken.map((answer) => answer.tap.usage()), tap.usage()]
    return {
      write: (chunk) => tap.write(chunk),
      end: () => tap.end(),
      started: true,
      complete: tap.complete,
      error: tap.error,
      usage: () => sumUsage(all),
      finishReason: () => tap.finishReason(),
    }
  }

  relay(sink: AnswerSink): void {
    this.#sink = sink
    const decoder = this.#listen((event) => this.#note(event))
    this.#current.relay({
      write: (bytes) => {
        sink.write(bytes)
        if (this.#continuable) this.#guard(() => decoder.write(bytes))
      },
      end: () => sink.end(),
      fail: (error) => this.#fail(error),
    })
  }

  pause(): void {
    this.#paused = true
    this.#current.pause()
  }

  resume(): void {
    this.#paused = false
    this.#current.resume()
  }

  cancel(): void {
    this.#gone = true
    this.#request?.abort()
    this.#current.cancel()
  }

  /** The caller went away. */
  abort(): void {
    this.cancel()
  }

  #listen(hear: (event: ChatEvent) => void): StreamDecoder {
    return this.#dialect.stream.decoder(hear, { warn: () => undefined })
  }

  #guard(action: () => void): void {
    try {
      action()
    } catch {
      this.#continuable = false
    }
  }

  /** Remembers what can be continued, until something cannot. */
  #note(event: ChatEvent): void {
    if (!this.#continuable) return
    const { type } = event
    const plain =
      type === 'message-start' ||
      type === 'usage' ||
      type === 'message-extend' ||
      (type === 'part-start' && event.choice === 0 && event.content.type === 'text') ||
      (type === 'text-delta' && event.choice === 0)
    if (plain) this.#said.push(event)
    this.#saidSize += eventWeight + sizeOf(event)
    if ((plain || type === 'error') && this.#saidSize <= mostSaid) return
    this.#continuable = false
    this.#said.length = 0
  }

  #fail(error: SluiceError): void {
    if (this.#gone) return
    const failed = this.#current
    const request = this.#continuable ? this.#continuation() : undefined
    const elsewhere = request && this.#goOn(failed.target, request)
    if (elsewhere === undefined) {
      this.#sink?.fail(error)
      return
    }
    this.#request = request
    // The call that the caller's request knew of is over.
    this.#exchange.underWay = this
    blame(this.#exchange, failed.target, error)
    const { target, startedAt } = elsewhere
    elsewhere.answer.then(
      (answer) => {
        this.#exchange.attempts.push({ target, startedAt, endedAt: performance.now() })
        try {
          this.#adopt(answer)
        } catch {
          // A defect of the dialect. What broke off has broken off.
          answer.cancel()
          this.#sink?.fail(error)
        }
      },
      (thrown: SluiceError) => {
        this.#exchange.attempts.push({ target, startedAt, endedAt: performance.now(), error: thrown })
        if (!this.#gone) this.#sink?.fail(error)
      },
    )
  }

  /** The same request, with what was said so far as the beginning of the answer. */
  #continuation(): Exchange | undefined {
    const { id, dialect, peek, principal, callerHeaders, forwardedHeaders, strict, gate, startedAt } = this.#exchange
    try {
      const asked = neutralRequest(this.#exchange, this.#dialect, this.#current.target) as ChatRequest
      if ((asked.tools?.length ?? 0) > 0 || (asked.choiceCount ?? 1) > 1) return undefined
      if (asked.responseFormat !== undefined && asked.responseFormat.type !== 'text') return undefined
      // Some models' APIs refuse a beginning that ends in a space.
      const text = textOf(this.#said).trimEnd()
      const messages = text === '' ? asked.messages : [...asked.messages, { role: 'assistant' as const, content: text }]
      const wire = this.#dialect.request.encode({ ...asked, messages, stream: true }, { warn: () => undefined })
      const body = new TextEncoder().encode(JSON.stringify(wire))
      const request = new Exchange(id, dialect, body, { ...dialect.peek(body), ...peek, plain: false }, startedAt)
      return Object.assign(request, { principal, callerHeaders, forwardedHeaders, strict, gate })
    } catch {
      return undefined
    }
  }

  #adopt(answer: Answer): void {
    if (this.#gone) {
      answer.cancel()
      return
    }
    const sink = this.#sink
    this.#broken.push(this.#current)
    this.#current = answer
    if (this.#paused) answer.pause()
    // What the caller has heard brings the encoder to where the stream stands; only what comes now is sent.
    let live = false
    const encoder = this.#dialect.stream.encoder(
      (bytes) => {
        if (live) sink?.write(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
      },
      { warn: () => undefined, includeUsage: this.#exchange.peek.usageRequested },
    )
    for (const event of this.#said) encoder.write(event)
    live = true
    const before = this.#broken.map(({ tap }) => tap.usage())
    const continued = new ContinuedText(this.#said, (event) => {
      this.#note(event)
      encoder.write(
        event.type === 'usage' ? { ...event, usage: sumUsage([...before, event.usage]) ?? event.usage } : event,
      )
    })
    const decoder = this.#listen((event) => continued.write(event))
    answer.relay({
      write: (bytes) => this.#guard(() => decoder.write(bytes)),
      end: () => {
        this.#guard(() => decoder.end())
        sink?.end()
      },
      fail: (error) => this.#fail(error),
    })
  }
}

/** Characters of what an event says, where a provider may say as much as it wants. */
function sizeOf(event: ChatEvent): number {
  switch (event.type) {
    case 'text-delta':
      return event.text.length
    case 'message-start':
    case 'message-extend':
    case 'part-start':
      return JSON.stringify(event).length
    default:
      return 0
  }
}

function textOf(events: readonly ChatEvent[]): string {
  let text = ''
  for (const event of events) {
    if (event.type === 'text-delta') text += event.text
    else if (event.type === 'part-start' && event.content.type === 'text') text += event.content.text
  }
  return text
}

/** The attempt that had been answered has failed after all. */
function blame({ attempts }: Exchange, target: Target, error: SluiceError): void {
  const index = attempts.findLastIndex((attempt) => attempt.target === target && attempt.error === undefined)
  const attempt = attempts[index]
  if (attempt !== undefined) attempts[index] = { ...attempt, error }
}
