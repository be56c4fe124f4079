import type { FinishReason, Tap, Usage } from '@sluice/protocol'
import type { Answer, AnswerSink } from '../dispatch/answer.ts'
import type { Target } from '../dispatch/target.ts'

interface WholeFacts {
  readonly target: Target
  readonly headers: Answer['headers']
  readonly stream: boolean
  readonly tap: Tap
}

/** All of it is here, a stream's bytes too. */
export class WholeAnswer implements Answer {
  readonly target: Target
  readonly headers: Answer['headers']
  readonly stream: boolean
  readonly tap: Tap
  readonly whole: Uint8Array

  constructor(whole: Uint8Array, { target, headers, stream, tap }: WholeFacts) {
    this.whole = whole
    this.target = target
    this.headers = headers
    this.stream = stream
    this.tap = tap
  }

  relay(sink: AnswerSink): void {
    sink.write(this.whole)
    sink.end()
  }

  pause(): void {}
  resume(): void {}
  cancel(): void {}
}

/** Of an answer that came from nowhere. */
export function tellingTap(usage: Usage, finishReason: FinishReason | undefined): Tap {
  return {
    write: (chunk) => chunk,
    end: () => undefined,
    started: true,
    error: undefined,
    complete: true,
    usage: () => usage,
    finishReason: () => finishReason,
  }
}
