import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { createMemberReader, type MemberReader } from '../../json/member-reader.ts'
import { scanObject, type Span } from '../../json/scan.ts'
import { decodeStopReason } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'
import { isRecord } from './wire.ts'

/** An answer up to this size is held until it is whole, so that a failure can still be answered otherwise. */
const holdLimit = 1024 * 1024
/** Of one captured member in answers that are larger. */
const memberLimit = 64 * 1024

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const names = ['usage', 'stop_reason', 'content', 'error'] as const
const keys = names.map((key) => encoder.encode(key))

/** Watches a message that is relayed as it is. */
export function createResultTap(): Tap {
  return new ResultTap()
}

/** A class, since one is made for every request. */
class ResultTap implements Tap {
  #held: Uint8Array[] = []
  #size = 0
  #body: Uint8Array | undefined
  #spans: readonly (Span | undefined)[] = []
  /** Takes over when the answer is too large to be held. */
  #reader: MemberReader | undefined
  error: unknown = undefined
  complete = false

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
    this.#reader = createMemberReader(['usage', 'stop_reason'], memberLimit)
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
      return body
    }
    const [, , content, error] = this.#spans
    this.complete = content !== undefined && body[content.start] === 0x5b
    if (!this.complete && error !== undefined && body[error.start] !== 0x6e) this.error = parse(decoder.decode(body))
    return body
  }

  get started(): boolean {
    return this.#reader !== undefined
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#member(0))
  }

  processing(): string | undefined {
    const usage = this.#member(0)
    const tier = isRecord(usage) ? usage['service_tier'] : undefined
    return typeof tier === 'string' ? tier : undefined
  }

  finishReason(): FinishReason | undefined {
    const word = this.#member(1)
    return typeof word === 'string' ? decodeStopReason(word) : undefined
  }

  #member(index: 0 | 1): unknown {
    const span = this.#spans[index]
    if (span !== undefined && this.#body !== undefined)
      return parse(decoder.decode(this.#body.subarray(span.start, span.end)))
    const text = this.#reader?.value(names[index])
    return text === undefined ? undefined : parse(text)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
