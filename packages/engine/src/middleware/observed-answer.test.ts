import { answerLimit, openaiChat, type SluiceError, type Tap } from '@sluice/protocol'
import { expect, it } from 'vitest'
import type { Answer, AnswerSink } from '../dispatch/answer.ts'
import type { Target } from '../dispatch/target.ts'
import { ObservedAnswer } from './observed-answer.ts'

/** An answer that is no stream, and goes on until it is given up; `pieces` are all that it has. */
function answerOf(pieces: Iterable<Uint8Array>): Answer & { cancelled: boolean } {
  return {
    target: {} as Target,
    headers: {},
    stream: false,
    tap: { usage: () => undefined } as Tap,
    whole: undefined,
    cancelled: false,
    relay(sink) {
      for (const piece of pieces) if (!this.cancelled) sink.write(piece)
      if (!this.cancelled) sink.end()
    },
    pause() {},
    resume() {},
    cancel() {
      this.cancelled = true
    },
  }
}

it('keeps no more of a whole answer to hear than is kept of any', () => {
  const piece = new Uint8Array(1024 * 1024)
  let given = 0
  function* endless(): Generator<Uint8Array> {
    for (; given < 2 * answerLimit; given += piece.length) yield piece
  }
  const answer = answerOf(endless())
  const failures: SluiceError[] = []
  const sink: AnswerSink = { write: () => {}, end: () => {}, fail: (error) => failures.push(error) }
  new ObservedAnswer(answer, openaiChat, { event: () => {} }).relay(sink)
  expect(failures).toMatchObject([{ code: 'upstream_invalid_response' }])
  expect(answer.cancelled).toBe(true)
})
