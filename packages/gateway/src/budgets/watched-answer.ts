import { type ChatDialect, type ChatEvent, SluiceError, type Tap } from '@sluice/protocol'
import type { Answer, AnswerSink, Exchange, Target, UpstreamHeaders } from 'sluice'

/** What a stream may come to. */
export interface StreamBudget {
  /** Tokens of output that are reserved. */
  readonly tokens: number
  /** Reserves as many again; absent where there shall be no more. */
  readonly extend: (() => Promise<boolean>) | undefined
}

/** Characters of text for a token, bytes where the text cannot be read. */
const charactersPerToken = 4
/** Share of what is reserved at which more is asked for. */
const almost = 0.8

/** A stream that ends when it has used what is reserved for it, and no more can be had. */
export class WatchedAnswer implements Answer, AnswerSink {
  readonly #answer: Answer
  readonly #exchange: Exchange
  readonly #budget: StreamBudget
  readonly #read: (bytes: Uint8Array) => void
  #sink: AnswerSink | undefined
  #characters = 0
  #reserved: number
  #asking = false
  #denied: boolean

  constructor(exchange: Exchange, answer: Answer, budget: StreamBudget) {
    this.#exchange = exchange
    this.#answer = answer
    this.#budget = budget
    this.#reserved = budget.tokens
    this.#denied = budget.extend === undefined
    this.#read = textReader(exchange, (characters) => void (this.#characters += characters))
  }

  get target(): Target {
    return this.#answer.target
  }

  get headers(): UpstreamHeaders {
    return this.#answer.headers
  }

  get stream(): boolean {
    return this.#answer.stream
  }

  get tap(): Tap {
    return this.#answer.tap
  }

  get whole(): Uint8Array | undefined {
    return this.#answer.whole
  }

  relay(sink: AnswerSink): void {
    this.#sink = sink
    this.#answer.relay(this)
  }

  pause(): void {
    this.#answer.pause()
  }

  resume(): void {
    this.#answer.resume()
  }

  cancel(): void {
    this.#sink = undefined
    this.#answer.cancel()
  }

  write(bytes: Uint8Array): void {
    const sink = this.#sink
    if (sink === undefined) return
    sink.write(bytes)
    this.#read(bytes)
    const tokens = this.#characters / charactersPerToken
    if (tokens < this.#reserved * almost) return
    if (!this.#asking && !this.#denied) this.#ask()
    if (tokens >= this.#reserved && this.#denied) this.#cut()
  }

  end(): void {
    this.#sink?.end()
    this.#sink = undefined
  }

  fail(error: SluiceError): void {
    this.#sink?.fail(error)
    this.#sink = undefined
  }

  #ask(): void {
    this.#asking = true
    void this.#budget.extend!().then(
      (granted) => {
        this.#asking = false
        if (granted) this.#reserved += this.#budget.tokens
        else this.#denied = true
      },
      () => {
        this.#asking = false
        this.#denied = true
      },
    )
  }

  #cut(): void {
    const sink = this.#sink
    this.#sink = undefined
    this.#answer.cancel()
    sink?.fail(
      new SluiceError(
        'budget_exceeded',
        `The answer was ended after about ${Math.round(this.#reserved)} tokens: the budget has no room for more. Say how much you want at most, or have the budget raised.`,
      ),
    )
    this.#exchange.underWay = undefined
  }
}

/** Counts the characters of a chat's text in the caller's own dialect. */
function textReader({ dialect }: Exchange, hear: (characters: number) => void): (bytes: Uint8Array) => void {
  const chat = dialect.operation === 'chat' && 'result' in dialect ? (dialect as ChatDialect) : undefined
  if (chat === undefined) return (bytes) => hear(bytes.length)
  let decoder: { write(bytes: Uint8Array): void } | undefined = chat.stream.decoder((event) => hear(lengthOf(event)), {
    warn: () => undefined,
  })
  return (bytes) => {
    try {
      if (decoder === undefined) hear(bytes.length)
      else decoder.write(bytes)
    } catch {
      decoder = undefined
    }
  }
}

function lengthOf(event: ChatEvent): number {
  switch (event.type) {
    case 'text-delta':
      return event.text.length
    case 'tool-input-delta':
      return event.input.length
    case 'part-start':
      return event.content.type === 'text' || event.content.type === 'reasoning' ? event.content.text.length : 0
    default:
      return 0
  }
}
