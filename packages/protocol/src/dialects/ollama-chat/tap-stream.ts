import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import { SluiceError, type SluiceErrorOptions } from '../../errors/sluice-error.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson } from '../../json/parse-json.ts'
import { skipSpace } from '../../json/scan.ts'
import { findOllamaError } from './error.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'
import { isRecord, type WireObject } from './wire.ts'

/** A single line beyond this is taken for an attack or a defect. */
const lineLimit = 16 * 1024 * 1024

const lineFeed = 0x0a
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const doneKey = encoder.encode('done"')
const errorKey = encoder.encode('error"')
const callsKey = encoder.encode('tool_calls"')

/** Watches a streamed answer of `/api/chat` that is relayed as it is. */
export function createStreamTap(): Tap {
  return new StreamTap()
}

/**
 * Hands on whole lines only, so that an error line can follow what the caller holds. Looks at each byte once and parses
 * only the lines that may tell of the end or of an error. A class for its fields: they are touched once a chunk.
 */
class StreamTap implements Tap {
  /** The beginning of a line that is not whole yet. An array, so that byte-by-byte arrival stays linear. */
  #carry: Uint8Array[] = []
  #carrySize = 0
  #last: WireObject | undefined
  #calls = false
  started = false
  error: unknown = undefined

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (chunk.length === 0 || this.error !== undefined) return undefined
    const boundary = chunk.lastIndexOf(lineFeed) + 1
    if (boundary === chunk.length && this.#carrySize === 0) return this.#inspect(chunk)
    if (boundary === 0) {
      this.#hold(chunk)
      return undefined
    }
    this.#hold(chunk.subarray(0, boundary))
    if (this.error !== undefined) return undefined
    const block = this.#takeCarry()
    if (boundary < chunk.length) this.#hold(chunk.subarray(boundary))
    return this.#inspect(block)
  }

  /** A last line that lacks its line feed counts when it is whole. */
  end(): Uint8Array | undefined {
    if (this.#carrySize === 0 || this.error !== undefined) return undefined
    const block = this.#takeCarry()
    return parseJson(decoder.decode(block)) === undefined ? undefined : this.#inspect(block)
  }

  get complete(): boolean {
    return this.error === undefined && this.#last !== undefined
  }

  usage(): Usage | undefined {
    return this.#last === undefined ? undefined : decodeUsage(this.#last)
  }

  finishReason(): FinishReason | undefined {
    return this.#last === undefined ? undefined : decodeFinishReason(this.#last['done_reason'], this.#calls)
  }

  #hold(bytes: Uint8Array): void {
    this.#carrySize += bytes.length
    if (this.#carrySize > lineLimit) {
      this.error = invalid(`a line larger than ${lineLimit} bytes`, { retryable: false })
      this.#carry = []
    } else this.#carry.push(bytes)
  }

  #takeCarry(): Uint8Array {
    const block = joinBytes(this.#carry)
    this.#carry = []
    this.#carrySize = 0
    return block
  }

  /** @param block whole lines. @returns what of them the caller gets. */
  #inspect(block: Uint8Array): Uint8Array | undefined {
    let start = 0
    while (start < block.length) {
      const lineEnd = block.indexOf(lineFeed, start)
      const end = lineEnd < 0 ? block.length : lineEnd + 1
      this.#readLine(block, start, end)
      if (this.error !== undefined) return start === 0 || !this.started ? undefined : block.subarray(0, start)
      start = end
    }
    return this.started ? block : undefined
  }

  #readLine(block: Uint8Array, start: number, end: number): void {
    const first = block[skipSpace(block, start)]
    // A blank line, whose space goes on into the next one.
    if (first === undefined || skipSpace(block, start) >= end) return
    if (first !== 0x7b) {
      this.error = invalid('a stream line that is no JSON object')
      return
    }
    if (!this.#tells(block, start, end)) {
      this.started = true
      return
    }
    const line = parseJson(decoder.decode(block.subarray(start, end)))
    this.error = findOllamaError(line)
    if (this.error !== undefined) return
    this.started = true
    if (isRecord(line) && line['done'] === true) this.#last = line
  }

  /** Whether a key of the line may say that it is the last one or an error; notes whether there is one of calls. */
  #tells(block: Uint8Array, start: number, end: number): boolean {
    for (let mark = block.indexOf(0x22, start); mark >= 0 && mark < end; mark = block.indexOf(0x22, mark + 1)) {
      // In JSON text these bytes can only be a key: inside a string the mark would be escaped.
      switch (block[mark + 1]) {
        case 0x64:
          if (matches(block, mark + 1, doneKey) && valueAfter(block, mark + 1 + doneKey.length) === 0x74) return true
          break
        case 0x65:
          if (matches(block, mark + 1, errorKey)) return true
          break
        case 0x74:
          this.#calls ||= matches(block, mark + 1, callsKey)
          break
      }
    }
    return false
  }
}

/** @returns the first byte of the value of a key that ends before `index`. */
function valueAfter(bytes: Uint8Array, index: number): number | undefined {
  const colon = skipSpace(bytes, index)
  return bytes[colon] === 0x3a ? bytes[skipSpace(bytes, colon + 1)] : undefined
}

function matches(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let offset = 0; offset < word.length; offset++) if (bytes[start + offset] !== word[offset]) return false
  return true
}

function invalid(what: string, options?: SluiceErrorOptions): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider sent ${what}.`, options)
}
