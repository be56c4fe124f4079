import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { createMemberReader, type MemberReader } from '../../json/member-reader.ts'
import { parseBody } from '../../json/parse-body.ts'
import { blockReason } from './decode-result.ts'
import { finishReasonOf } from './finish-reason.ts'
import { parse } from './function-call.ts'
import { decodeUsage } from './usage.ts'
import { isArray, isRecord, isString, type WireObject } from './wire.ts'

/** An answer up to this size is held until it is whole, so that a failure can still be answered otherwise. */
const holdLimit = 1024 * 1024
/** What is captured of answers that are larger. */
const members = ['usageMetadata', 'candidates', 'promptFeedback']
/** Of one of them. */
const memberLimit = 64 * 1024

/** Watches a `GenerateContentResponse` that is relayed as it is. */
export function createResultTap(): Tap {
  return new ResultTap()
}

/** A class, since one is made for every request. */
class ResultTap implements Tap {
  #held: Uint8Array[] = []
  #size = 0
  #wire: WireObject | undefined
  /** Takes over when the answer is too large to be held, as pictures make it. */
  #reader: MemberReader | undefined
  error: unknown = undefined
  complete = false

  get started(): boolean {
    return this.#reader !== undefined
  }

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#reader !== undefined) {
      this.#reader.write(chunk)
      return chunk
    }
    this.#held.push(chunk)
    this.#size += chunk.length
    if (this.#size <= holdLimit) return undefined
    const all = joinBytes(this.#held)
    this.#held = []
    this.#reader = createMemberReader(members, memberLimit)
    this.#reader.write(all)
    return all
  }

  end(): Uint8Array | undefined {
    if (this.#reader !== undefined) {
      this.complete = this.#reader.closed
      return undefined
    }
    const body = joinBytes(this.#held)
    this.#held = []
    const wire = parseBody(body)
    if (isRecord(wire)) this.#wire = wire
    const candidates = this.#member('candidates')
    this.complete = (isArray(candidates) && candidates.length > 0) || this.#blocked()
    if (!this.complete && hasError(wire)) this.error = wire
    return body
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#member('usageMetadata'))
  }

  finishReason(): FinishReason | undefined {
    const candidates = this.#member('candidates')
    const first: unknown = isArray(candidates) ? candidates[0] : undefined
    if (!isRecord(first)) return this.#blocked() ? 'content-filter' : undefined
    const { finishReason, content } = first
    const parts = isRecord(content) && isArray(content['parts']) ? content['parts'] : []
    const calls = parts.some((part) => isRecord(part) && 'functionCall' in part)
    return isString(finishReason) ? finishReasonOf(finishReason, calls) : undefined
  }

  #blocked(): boolean {
    return blockReason({ promptFeedback: this.#member('promptFeedback') }) !== undefined
  }

  #member(name: string): unknown {
    if (this.#wire !== undefined) return this.#wire[name]
    const text = this.#reader?.value(name)
    return text === undefined ? undefined : parse(text)
  }
}

/** Google may put an error into an array. */
function hasError(wire: unknown): boolean {
  if (isArray(wire)) return isRecord(wire[0]) && isRecord(wire[0]['error'])
  return isRecord(wire) && 'error' in wire && wire['error'] !== null
}
