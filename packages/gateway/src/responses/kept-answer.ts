import { type SluiceError, type Tap } from '@sluice/protocol'
import { type FinishedResponse, readFinishedResponse } from '@sluice/protocol/dialects'
import type { Answer, AnswerSink, Target, UpstreamHeaders } from 'sluice'

/** A stream whose last event waits until the response is saved. A class for its fields: they are touched once a chunk. */
export class KeptAnswer implements Answer, AnswerSink {
  readonly #answer: Answer
  readonly #save: (response: FinishedResponse) => Promise<void>
  readonly whole = undefined
  #sink: AnswerSink | undefined
  /** What waits; `undefined` while nothing does. */
  #waiting: Uint8Array[] | undefined
  #ended = false
  #failure: SluiceError | undefined

  constructor(answer: Answer, save: (response: FinishedResponse) => Promise<void>) {
    this.#answer = answer
    this.#save = save
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
    if (this.#waiting !== undefined) this.#waiting.push(bytes)
    else if (!this.#answer.tap.complete) this.#sink?.write(bytes)
    else this.#finish(bytes)
  }

  end(): void {
    this.#ended = true
    if (this.#waiting === undefined) this.#sink?.end()
  }

  fail(error: SluiceError): void {
    this.#failure = error
    if (this.#waiting === undefined) this.#sink?.fail(error)
  }

  #finish(bytes: Uint8Array): void {
    const response = readFinishedResponse(bytes, true)
    if (response === undefined) {
      this.#sink?.write(bytes)
      return
    }
    this.#waiting = [bytes]
    void this.#save(response).then(() => this.#release())
  }

  #release(): void {
    for (const bytes of this.#waiting ?? []) this.#sink?.write(bytes)
    this.#waiting = undefined
    if (this.#failure !== undefined) this.#sink?.fail(this.#failure)
    else if (this.#ended) this.#sink?.end()
  }
}
