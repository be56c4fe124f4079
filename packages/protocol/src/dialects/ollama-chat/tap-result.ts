import type { Tap } from '../../dialect.ts'
import { isErrorAnswer } from '../../errors/find-error.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { HeldAnswer } from '../../tap/held-answer.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'
import { isArray, isRecord, isString } from './wire.ts'

/** What is captured of answers that are too large to be held. */
const members = (): readonly string[] => ['done_reason', 'prompt_eval_count', 'eval_count']

/** Watches a whole answer of `/api/chat` that is relayed as it is. */
export function createResultTap(): Tap {
  return new ResultTap()
}

/** A class, since one is made for every request. */
class ResultTap implements Tap {
  readonly #answer = new HeldAnswer(members)
  error: unknown = undefined
  complete = false

  get started(): boolean {
    return this.#answer.relayed
  }

  write(chunk: Uint8Array): Uint8Array | undefined {
    return this.#answer.write(chunk)
  }

  end(): Uint8Array | undefined {
    const body = this.#answer.end()
    if (body === undefined) this.complete = this.#answer.closed
    else this.#judge(this.#answer.wire)
    return body
  }

  #judge(wire: unknown): void {
    const { message, response } = this.#answer.members()
    // Its text stands alone in an answer of `/api/generate`.
    this.complete = isRecord(message) || isString(response)
    if (!this.complete && isErrorAnswer(wire)) this.error = wire
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#answer.members())
  }

  finishReason(): FinishReason | undefined {
    const { done_reason: word, message } = this.#answer.members()
    const calls = isRecord(message) && isArray(message['tool_calls']) && message['tool_calls'].length > 0
    return word === undefined ? undefined : decodeFinishReason(word, calls)
  }
}
