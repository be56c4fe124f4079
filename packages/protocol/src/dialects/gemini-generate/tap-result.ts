import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { createMemberReader, type MemberReader } from '../../json/member-reader.ts'
import { scanObject, skipSpace, type Span } from '../../json/scan.ts'
import { blockReason } from './decode-result.ts'
import { finishReasonOf } from './finish-reason.ts'
import { parse } from './function-call.ts'
import { decodeUsage } from './usage.ts'
import { isArray, isRecord, isString } from './wire.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const names = ['usageMetadata', 'error', 'candidates', 'promptFeedback'] as const
const keys = names.map((name) => encoder.encode(name))

/** An answer up to this size is held until it is whole, so that a failure can still be answered otherwise. */
const holdLimit = 1024 * 1024
/** Of one captured member in answers that are larger. */
const memberLimit = 64 * 1024

/** Watches a `GenerateContentResponse` that is relayed as it is. */
export function createResultTap(): Tap {
  return new ResultTap()
}

/** A class, since one is made for every request. */
class ResultTap implements Tap {
  #held: Uint8Array[] = []
  #size = 0
  #body: Uint8Array | undefined
  #spans: readonly (Span | undefined)[] = []
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
    this.#reader = createMemberReader(names, memberLimit)
    this.#reader.write(all)
    return all
  }

  end(): Uint8Array | undefined {
    if (this.#reader !== undefined) {
      this.complete = this.#reader.closed
      return undefined
    }
    const body = (this.#body = joinBytes(this.#held))
    this.#held = []
    try {
      this.#spans = scanObject(body, keys).spans
    } catch {
      // Google may put an error into an array.
      const wire = body[skipSpace(body, 0)] === 0x5b ? parse(decoder.decode(body)) : undefined
      if (isArray(wire) && isRecord(wire[0]) && isRecord(wire[0]['error'])) this.error = wire
      return body
    }
    const [, error, candidates, feedback] = this.#spans
    const answers =
      candidates !== undefined &&
      body[candidates.start] === 0x5b &&
      body[skipSpace(body, candidates.start + 1)] !== 0x5d
    this.complete = answers || (feedback !== undefined && this.#blocked())
    if (!this.complete && error !== undefined && body[error.start] !== 0x6e) this.error = parse(decoder.decode(body))
    return body
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#member(0))
  }

  finishReason(): FinishReason | undefined {
    const candidates = this.#member(2)
    const first: unknown = isArray(candidates) ? candidates[0] : undefined
    if (!isRecord(first)) return this.#blocked() ? 'content-filter' : undefined
    const { finishReason, content } = first
    const parts = isRecord(content) && isArray(content['parts']) ? content['parts'] : []
    const calls = parts.some((part) => isRecord(part) && 'functionCall' in part)
    return isString(finishReason) ? finishReasonOf(finishReason, calls) : undefined
  }

  #blocked(): boolean {
    return blockReason({ promptFeedback: this.#member(3) }) !== undefined
  }

  #member(index: 0 | 2 | 3): unknown {
    const span = this.#spans[index]
    if (span !== undefined && this.#body !== undefined)
      return parse(decoder.decode(this.#body.subarray(span.start, span.end)))
    const text = this.#reader?.value(names[index])
    return text === undefined ? undefined : parse(text)
  }
}
