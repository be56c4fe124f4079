import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { createMemberReader, type MemberReader } from '../../json/member-reader.ts'
import { type ObjectScan, scanObject, skipSpace } from '../../json/scan.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'

/** An answer up to this size is held until it is whole, so that a failure can still be answered otherwise. */
const holdLimit = 1024 * 1024
/** Of one captured member in answers that are larger. */
const memberLimit = 64 * 1024

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const keys = ['usage', 'error', 'choices'].map((key) => encoder.encode(key))

/** Watches a `chat.completion` that is relayed as it is. */
export function createResultTap(): Tap {
  let held: Uint8Array[] = []
  let size = 0
  let body: Uint8Array | undefined
  let scan: ObjectScan | undefined
  /** Takes over when the answer is too large to be held. */
  let reader: MemberReader | undefined
  let error: unknown
  let complete = false

  function member(index: 0 | 1 | 2, name: string): unknown {
    const span = scan?.spans[index]
    if (span !== undefined && body !== undefined) return JSON.parse(decoder.decode(body.subarray(span.start, span.end)))
    const text = reader?.value(name)
    return text === undefined ? undefined : parse(text)
  }

  return {
    write(chunk) {
      if (reader !== undefined) {
        reader.write(chunk)
        return chunk
      }
      held.push(chunk)
      size += chunk.length
      if (size <= holdLimit) return undefined
      const all = joinBytes(held)
      held = []
      reader = createMemberReader(['usage', 'error'], memberLimit)
      reader.write(all)
      return all
    },
    end() {
      if (reader !== undefined) {
        complete = true
        return undefined
      }
      body = joinBytes(held)
      held = []
      try {
        scan = scanObject(body, keys)
      } catch {
        return body
      }
      const [, errorSpan, choicesSpan] = scan.spans
      const hasError = errorSpan !== undefined && body[errorSpan.start] !== 0x6e
      const hasChoices = choicesSpan !== undefined && body[choicesSpan.start] === 0x5b
      complete = hasChoices && !(hasError && body[skipSpace(body, choicesSpan.start + 1)] === 0x5d)
      if (!complete && hasError) error = parse(decoder.decode(body))
      return body
    },
    get started() {
      return reader !== undefined
    },
    get error() {
      return error
    },
    get complete() {
      return complete
    },
    usage(): Usage | undefined {
      return decodeUsage(member(0, 'usage'))
    },
    finishReason(): FinishReason | undefined {
      const choices = member(2, 'choices')
      const first: unknown = Array.isArray(choices) ? choices[0] : undefined
      const word = typeof first === 'object' && first !== null && 'finish_reason' in first ? first.finish_reason : undefined
      return typeof word === 'string' ? decodeFinishReason(word) : undefined
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
