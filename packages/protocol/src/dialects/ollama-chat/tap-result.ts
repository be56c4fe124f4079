import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { createMemberReader, type MemberReader } from '../../json/member-reader.ts'
import { findOllamaError } from './error.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'
import { isArray, isRecord, isString, parse, type WireObject } from './wire.ts'

/** An answer up to this size is held until it is whole, so that a failure can still be answered otherwise. */
const holdLimit = 1024 * 1024
/** Of one captured member in answers that are larger. */
const memberLimit = 64
const members = ['done_reason', 'prompt_eval_count', 'eval_count'] as const

const decoder = new TextDecoder()

/** Watches a whole answer of `/api/chat` that is relayed as it is. */
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
    const wire = parse(decoder.decode(body))
    if (isRecord(wire)) this.#wire = wire
    // Its text stands alone in an answer of `/api/generate`.
    this.complete = isRecord(this.#wire?.['message']) || isString(this.#wire?.['response'])
    if (!this.complete) this.error = findOllamaError(wire)
    return body
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#wire ?? this.#captured())
  }

  finishReason(): FinishReason | undefined {
    const { done_reason: word, message } = this.#wire ?? this.#captured()
    const calls = isRecord(message) && isArray(message['tool_calls']) && message['tool_calls'].length > 0
    return word === undefined ? undefined : decodeFinishReason(word, calls)
  }

  #captured(): WireObject {
    const found: Record<string, unknown> = {}
    for (const name of members) {
      const text = this.#reader?.value(name)
      if (text !== undefined) found[name] = parse(text)
    }
    return found
  }
}
