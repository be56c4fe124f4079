import type { Tap } from '../../dialect.ts'
import { isErrorAnswer } from '../../errors/find-error.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { HeldAnswer } from '../../tap/held-answer.ts'
import { blockReason } from './decode-result.ts'
import { finishReasonOf } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'
import { isArray, isRecord, isString } from './wire.ts'

/** What is captured of answers that are too large to be held. */
const members = (): readonly string[] => ['usageMetadata', 'candidates', 'promptFeedback']

/** Watches a `GenerateContentResponse` that is relayed as it is. */
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
    const candidates = this.#answer.member('candidates')
    this.complete = (isArray(candidates) && candidates.length > 0) || this.#blocked()
    if (!this.complete && isErrorAnswer(wire)) this.error = wire
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#answer.member('usageMetadata'))
  }

  finishReason(): FinishReason | undefined {
    const candidates = this.#answer.member('candidates')
    const first: unknown = isArray(candidates) ? candidates[0] : undefined
    if (!isRecord(first)) return this.#blocked() ? 'content-filter' : undefined
    const { finishReason, content } = first
    const parts = isRecord(content) && isArray(content['parts']) ? content['parts'] : []
    const calls = parts.some((part) => isRecord(part) && 'functionCall' in part)
    return isString(finishReason) ? finishReasonOf(finishReason, calls) : undefined
  }

  #blocked(): boolean {
    return blockReason({ promptFeedback: this.#answer.member('promptFeedback') }) !== undefined
  }
}
