import type { SluiceError, Tap, Warning } from '@sluice/protocol'
import type { Answer, AnswerSink, Target, UpstreamHeaders } from 'sluice'
import { unpaidTap } from './replayed-answer.ts'

export interface FlightOptions {
  /** Bytes of an answer that are kept; a longer one is not, and nobody joins it any more. */
  readonly limit: number
  /** What the first caller was told to be lost or changed; it may grow until the answer begins. */
  readonly warnings: readonly Warning[]
  /** Hears of an answer that came whole and is short enough. */
  readonly landed: (pieces: readonly Uint8Array[]) => void
  /** Nobody may join any more: it ended, failed, grew too long, or lost its last reader. */
  readonly closed: () => void
}

/**
 * One answer of a provider on its way to all who asked the same. Readers come and go; the provider is heard until the
 * last has left, and rests while all readers rest.
 */
export class Flight implements AnswerSink {
  readonly answer: Answer
  readonly #options: FlightOptions
  readonly #readers = new Set<FlightReader>()
  /** Whom the answer is metered for; when they leave before its end, the next one. */
  #payer: FlightReader | undefined
  /** Pieces from `#first` on; those before were read by all and are let go of. */
  #pieces: Uint8Array[] = []
  #first = 0
  #size = 0
  #begun = false
  #joinable = true
  #resting = false
  over = false
  failure: SluiceError | undefined

  constructor(answer: Answer, options: FlightOptions) {
    this.answer = answer
    this.#options = options
  }

  get warnings(): readonly Warning[] {
    return this.#options.warnings
  }

  /** Reads from the beginning; `undefined` when it is too late for that. */
  join(): FlightReader | undefined {
    if (!this.#joinable) return undefined
    const reader = new FlightReader(this)
    this.#readers.add(reader)
    this.#payer ??= reader
    return reader
  }

  isPayer(reader: FlightReader): boolean {
    return this.#payer === reader
  }

  begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.answer.relay(this)
  }

  /** The piece with a number; `undefined` while it is not here. */
  piece(index: number): Uint8Array | undefined {
    return this.#pieces[index - this.#first]
  }

  write(bytes: Uint8Array): void {
    this.#pieces.push(bytes)
    this.#size += bytes.length
    if (this.#size > this.#options.limit) this.#close()
    for (const reader of this.#readers) reader.flow()
    this.balance()
  }

  end(): void {
    this.over = true
    const whole = this.#joinable && this.answer.tap.complete
    this.#close()
    if (whole) this.#options.landed(this.#pieces)
    for (const reader of this.#readers) reader.flow()
  }

  fail(error: SluiceError): void {
    this.failure = error
    this.over = true
    this.#close()
    for (const reader of this.#readers) reader.flow()
  }

  leave(reader: FlightReader): void {
    if (!this.#readers.delete(reader) || this.over) return
    const [next] = this.#readers
    if (next === undefined) {
      this.over = true
      this.#close()
      this.answer.cancel()
      return
    }
    if (this.#payer === reader) this.#payer = next
    this.balance()
  }

  /** Lets go of what all have read, and holds the provider back while nobody can take more. */
  balance(): void {
    if (this.over) return
    if (!this.#joinable) this.#trim()
    const rest = this.#mustRest()
    if (rest === this.#resting) return
    this.#resting = rest
    if (rest) this.answer.pause()
    else this.answer.resume()
  }

  /** What is kept anyway may wait for slow readers in memory; beyond that the slowest one sets the pace. */
  #mustRest(): boolean {
    let resting = 0
    for (const reader of this.#readers) if (reader.resting) resting += 1
    return this.#joinable ? resting === this.#readers.size : resting > 0
  }

  #trim(): void {
    let slowest = Infinity
    for (const reader of this.#readers) slowest = Math.min(slowest, reader.next)
    const read = Math.min(slowest - this.#first, this.#pieces.length)
    if (read <= 0) return
    this.#pieces.splice(0, read)
    this.#first += read
  }

  #close(): void {
    if (!this.#joinable) return
    this.#joinable = false
    this.#options.closed()
  }
}

/** A flight as one of its readers has it. */
export class FlightReader implements Answer {
  readonly whole = undefined
  readonly #flight: Flight
  readonly #unpaid: Tap
  #sink: AnswerSink | undefined
  #paused = false
  /** The number of the piece to come. */
  next = 0

  constructor(flight: Flight) {
    this.#flight = flight
    this.#unpaid = unpaidTap(() => flight.answer.tap.finishReason())
  }

  get target(): Target {
    return this.#flight.answer.target
  }

  get headers(): UpstreamHeaders {
    return this.#flight.answer.headers
  }

  get stream(): boolean {
    return this.#flight.answer.stream
  }

  get cached(): boolean {
    return !this.#flight.isPayer(this)
  }

  get tap(): Tap {
    return this.cached ? this.#unpaid : this.#flight.answer.tap
  }

  /** Cannot take more at the moment. */
  get resting(): boolean {
    return this.#paused || this.#sink === undefined
  }

  relay(sink: AnswerSink): void {
    this.#sink = sink
    this.#flight.begin()
    this.flow()
    this.#flight.balance()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.flow()
    this.#flight.balance()
  }

  cancel(): void {
    this.#sink = undefined
    this.#flight.leave(this)
  }

  /** Gives the sink what is here and it can take. */
  flow(): void {
    while (!this.resting) {
      const piece = this.#flight.piece(this.next)
      if (piece === undefined) break
      this.next += 1
      this.#sink?.write(piece)
    }
    const { over, failure } = this.#flight
    const sink = this.#sink
    if (!over || this.resting || sink === undefined || this.#flight.piece(this.next) !== undefined) return
    this.#sink = undefined
    if (failure === undefined) sink.end()
    else sink.fail(failure)
    this.#flight.leave(this)
  }
}
