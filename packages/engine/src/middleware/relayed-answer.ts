import { answerLimit, answerTooLong, joinBytes, type SluiceError, type Tap } from '@sluice/protocol'
import type { Answer, AnswerSink } from '../dispatch/answer.ts'
import { gatherAnswer } from '../dispatch/gather-answer.ts'
import type { Target } from '../dispatch/target.ts'
import { callerGone, middlewareFailure } from './middleware-failure.ts'

/** Another answer's bytes, which are looked at, or changed, when they are relayed. */
export abstract class RelayedAnswer implements Answer {
  readonly target: Target
  readonly headers: Answer['headers']
  readonly stream: boolean
  readonly tap: Tap
  readonly whole = undefined
  protected readonly inner: Answer

  constructor(inner: Answer) {
    const { target, headers, stream, tap } = inner
    this.target = target
    this.headers = headers
    this.stream = stream
    this.tap = tap
    this.inner = inner
  }

  abstract relay(sink: AnswerSink): void

  pause(): void {
    this.inner.pause()
  }

  resume(): void {
    this.inner.resume()
  }

  cancel(): void {
    this.inner.cancel()
  }
}

/** Runs what a middleware wants done with an answer: a failure breaks the answer off. */
export class Guard {
  readonly #answer: Answer
  readonly #fail: (error: SluiceError) => void
  over = false

  constructor(answer: Answer, fail: (error: SluiceError) => void) {
    this.#answer = answer
    this.#fail = fail
  }

  run(action: () => void): void {
    if (this.over) return
    try {
      action()
    } catch (thrown) {
      this.fail(middlewareFailure(thrown))
    }
  }

  fail(error: SluiceError): void {
    if (this.over) return
    this.over = true
    this.#answer.cancel()
    this.#fail(error)
  }
}

/** Takes an answer that is no stream until all of it is there. Throws where it is longer than is kept. */
export function whenWhole(read: (whole: Uint8Array) => void): Pick<AnswerSink, 'write' | 'end'> {
  const pieces: Uint8Array[] = []
  let size = 0
  return {
    write(bytes) {
      size += bytes.length
      if (size > answerLimit) throw answerTooLong()
      pieces.push(bytes)
    },
    end: () => read(joinBytes(pieces)),
  }
}

/** All bytes of an answer. Rejects when it breaks off, and when the caller goes away meanwhile. */
export function gather(answer: Answer, signal: AbortSignal): Promise<Uint8Array> {
  if (answer.whole !== undefined) return Promise.resolve(answer.whole)
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(callerGone()), { once: true })
    gatherAnswer(answer).then(resolve, reject)
  })
}
