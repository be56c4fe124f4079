import type { FinishReason, Tap } from '@sluice/protocol'
import type { Answer, AnswerSink, Target, UpstreamHeaders } from 'sluice'
import type { KeptAnswer } from './kept-answer.ts'

/** A kept answer, given again. A stream comes in the pieces that it came in the first time. */
export class ReplayedAnswer implements Answer {
  readonly cached = true
  readonly target: Target
  readonly headers: UpstreamHeaders
  readonly stream: boolean
  readonly tap: Tap
  readonly whole: Uint8Array | undefined
  readonly #pieces: readonly Uint8Array[]
  #sink: AnswerSink | undefined
  #next = 0
  #paused = false

  constructor({ headers, stream, finishReason, pieces }: KeptAnswer, target: Target) {
    this.target = target
    this.headers = headers
    this.stream = stream
    this.tap = unpaidTap(() => finishReason)
    this.#pieces = pieces
    this.whole = stream ? undefined : pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  relay(sink: AnswerSink): void {
    this.#sink = sink
    this.#flow()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#flow()
  }

  cancel(): void {
    this.#sink = undefined
  }

  #flow(): void {
    while (!this.#paused && this.#sink !== undefined) {
      const piece = this.#pieces[this.#next++]
      if (piece !== undefined) this.#sink.write(piece)
      else {
        const sink = this.#sink
        this.#sink = undefined
        sink.end()
      }
    }
  }
}

/** Of an answer that another pays for, or paid for: nothing was used for this one. */
export function unpaidTap(finishReason: () => FinishReason | undefined): Tap {
  return {
    write: (chunk) => chunk,
    end: () => undefined,
    started: true,
    error: undefined,
    complete: true,
    usage: () => undefined,
    finishReason,
  }
}
