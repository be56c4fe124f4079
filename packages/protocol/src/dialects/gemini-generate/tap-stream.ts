import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson } from '../../json/parse-json.ts'
import { skipSpace } from '../../json/scan.ts'
import { WholeEvents } from '../../tap/whole-events.ts'
import { blockReason, readIndex } from './decode-result.ts'
import { findGoogleError } from './error.ts'
import { finishReasonOf } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'
import { isArray, isFilled, isRecord } from './wire.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const blankLine = encoder.encode('\n\n')
/** Keys that say more than text goes on; an event that has one of them is parsed. By their first byte. */
const telling: ReadonlyMap<number, readonly Uint8Array[]> = Map.groupBy(
  ['error"', 'finishReason"', 'blockReason"', 'functionCall"'].map((key) => encoder.encode(key)),
  (key) => key[0]!,
)
const usageKey = encoder.encode('usageMetadata"')
const indexKey = encoder.encode('index"')

/** Watches a stream of `GenerateContentResponse`s that is relayed as it is. */
export function createStreamTap(): Tap {
  return new StreamTap()
}

/**
 * Hands on whole events only, so that an error event can follow what the caller holds. Looks at each byte once and
 * parses only the events that tell of an end, a call, an error or a further candidate; of those with usage, the last.
 * A class for its fields: they are touched once a chunk.
 */
class StreamTap implements Tap {
  readonly #events = new WholeEvents()
  #usageEvent: Uint8Array | undefined
  #open = new Set<number>()
  #finished = new Set<number>()
  #calls = false
  #finishWord: string | undefined
  #blocked = false
  started = false
  error: unknown = undefined

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (this.error !== undefined) return undefined
    const block = this.#events.take(chunk)
    this.error = this.#events.error
    return block && this.#inspect(block)
  }

  end(): Uint8Array | undefined {
    const rest = this.error === undefined ? this.#events.rest() : undefined
    if (rest === undefined) return undefined
    // An error may stand there with no event around it.
    const bare = parseJson(decoder.decode(rest))
    if (findGoogleError(bare) !== undefined) {
      this.error = bare
      return undefined
    }
    const block = joinBytes([rest, blankLine])
    return parseJson(eventData(block, 0, block.length)) === undefined ? undefined : this.#inspect(block)
  }

  get complete(): boolean {
    if (this.error !== undefined) return false
    return (this.#finished.size > 0 && this.#open.size === 0) || (this.#blocked && this.#open.size === 0)
  }

  usage(): Usage | undefined {
    const event = this.#usageEvent
    const chunk = event === undefined ? undefined : parseJson(eventData(event, 0, event.length))
    return isRecord(chunk) ? decodeUsage(chunk['usageMetadata']) : undefined
  }

  finishReason(): FinishReason | undefined {
    if (this.#finishWord !== undefined) return finishReasonOf(this.#finishWord, this.#calls)
    return this.#blocked ? 'content-filter' : undefined
  }

  /** @param block whole events. @returns what of them the caller gets. */
  #inspect(block: Uint8Array): Uint8Array | undefined {
    let eventStart = 0
    let lineStart = 0
    let tells = false
    let usage = false
    for (let index = 0; index < block.length; index++) {
      const byte = block[index]!
      if (byte === 0x22) {
        // In JSON text these bytes can only be a key: inside a string the mark would be escaped.
        tells ||= isTelling(block, index + 1)
        usage ||= matches(block, index + 1, usageKey)
        continue
      }
      if (byte !== lineFeed && (byte !== carriageReturn || block[index + 1] === lineFeed)) continue
      const blank = index === lineStart || (index === lineStart + 1 && block[lineStart] === carriageReturn)
      lineStart = index + 1
      if (!blank) continue
      this.#finishEvent(block.subarray(eventStart, lineStart), tells)
      if (this.error !== undefined) return eventStart === 0 ? undefined : block.subarray(0, eventStart)
      if (usage) this.#usageEvent = block.subarray(eventStart, lineStart)
      eventStart = lineStart
      tells = usage = false
    }
    return this.started ? block : undefined
  }

  #finishEvent(event: Uint8Array, tells: boolean): void {
    // A comment, or lines between two events.
    if (event.indexOf(0x7b) < 0) return
    if (!tells) {
      if (this.#finished.size === 0) this.#open.add(0)
      this.started = true
      return
    }
    const chunk = parseJson(eventData(event, 0, event.length))
    if (findGoogleError(chunk) !== undefined) {
      this.error = chunk
      return
    }
    this.started = true
    if (!isRecord(chunk)) return
    this.#blocked ||= blockReason(chunk) !== undefined
    if (this.#blocked) this.#open.delete(0)
    if (isArray(chunk['candidates']))
      for (const [position, candidate] of chunk['candidates'].entries()) this.#follow(candidate, position)
  }

  #follow(candidate: unknown, position: number): void {
    if (!isRecord(candidate)) return
    const index = readIndex(candidate, position)
    const { finishReason, content } = candidate
    if (index === 0 && isRecord(content) && isArray(content['parts'])) {
      this.#calls ||= content['parts'].some((part) => isRecord(part) && 'functionCall' in part)
    }
    if (!isFilled(finishReason)) {
      if (!this.#finished.has(index)) this.#open.add(index)
      return
    }
    if (index === 0) this.#finishWord ??= finishReason
    this.#open.delete(index)
    this.#finished.add(index)
  }
}

/** Whether the key at `start` is one that tells, or names a candidate that is not the first. */
function isTelling(bytes: Uint8Array, start: number): boolean {
  const first = bytes[start]!
  if (first === 0x69 && matches(bytes, start, indexKey)) {
    const colon = skipSpace(bytes, start + indexKey.length)
    const digit = bytes[colon] === 0x3a ? bytes[skipSpace(bytes, colon + 1)]! : 0
    return digit >= 0x31 && digit <= 0x39
  }
  return telling.get(first)?.some((key) => matches(bytes, start, key)) === true
}

function matches(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let offset = 0; offset < word.length; offset++) if (bytes[start + offset] !== word[offset]) return false
  return true
}

/** The `data` lines of one event. */
function eventData(bytes: Uint8Array, start: number, end: number): string {
  const lines = decoder.decode(bytes.subarray(start, end)).split(/\r\n|\r|\n/)
  const data: string[] = []
  for (const line of lines) if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
  return data.join('\n')
}
