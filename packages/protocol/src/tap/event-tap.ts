import { joinBytes } from '../bytes/join-bytes.ts'
import type { Tap } from '../dialect.ts'
import type { FinishReason } from '../ir/finish-reason.ts'
import type { Usage } from '../ir/usage.ts'
import { parseJson } from '../json/parse-json.ts'
import { WholeEvents } from './whole-events.ts'

/** What a dialect makes of the named events of its streams. Fresh state for each exchange. */
export interface EventReader {
  /** Ends of the names of those events that only carry content: their data is not looked at. In UTF-8. */
  readonly content: Uint8Array
  /** @returns `head` for an event that commits to nothing yet, such as that of a beginning. */
  read(name: string | undefined, data: string): 'head' | 'said' | { readonly error: unknown }
  readonly complete: boolean
  usage(): Usage | undefined
  finishReason(): FinishReason | undefined
  storedId?(): string | undefined
  processing?(): string | undefined
}

/** Of what comes before the first event that says something. */
const headsLimit = 1024 * 1024

const lineFeed = 0x0a
const carriageReturn = 0x0d
const decoder = new TextDecoder()
const blankLine = new TextEncoder().encode('\n\n')
const eventField = new TextEncoder().encode('event:')

/** Watches server-sent events that have names and are relayed as they are. */
export function createEventTap(reader: EventReader): Tap {
  return new EventTap(reader)
}

/**
 * Hands on whole events only, so that an error event can follow them, and none before one that says something, so
 * that a failure can still be answered otherwise. A class for its fields: they are touched once a chunk.
 */
class EventTap implements Tap {
  readonly #reader: EventReader
  readonly #events = new WholeEvents()
  /** Whole events that commit to nothing. */
  #heads: Uint8Array[] = []
  #headsSize = 0
  started = false
  error: unknown = undefined

  constructor(reader: EventReader) {
    this.#reader = reader
  }

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (this.error !== undefined) return undefined
    const block = this.#events.take(chunk)
    this.error = this.#events.error
    return block && this.#inspect(block)
  }

  /** A last event that lacks its blank line counts when its data is whole. */
  end(): Uint8Array | undefined {
    const rest = this.error === undefined ? this.#events.rest() : undefined
    if (rest === undefined) return undefined
    const block = joinBytes([rest, blankLine])
    const { data } = readEvent(decoder.decode(block))
    return data !== undefined && parseJson(data) !== undefined ? this.#inspect(block) : undefined
  }

  get complete(): boolean {
    return this.error === undefined && this.#reader.complete
  }

  usage(): Usage | undefined {
    return this.#reader.usage()
  }

  finishReason(): FinishReason | undefined {
    return this.#reader.finishReason()
  }

  storedId(): string | undefined {
    return this.#reader.storedId?.()
  }

  processing(): string | undefined {
    return this.#reader.processing?.()
  }

  /** @param block whole events. @returns what the caller gets now. */
  #inspect(block: Uint8Array): Uint8Array | undefined {
    let start = 0
    while (start < block.length && this.error === undefined) {
      const end = endOfEvent(block, start)
      if (this.#isContent(block, start)) this.started = true
      else if (!this.#read(decoder.decode(block.subarray(start, end)))) return this.#release(block.subarray(0, start))
      start = end
    }
    return this.#release(block)
  }

  /** @returns whether the caller may have the event. */
  #read(text: string): boolean {
    const { event, data } = readEvent(text)
    if (data === undefined) return true
    const found = this.#reader.read(event, data)
    if (found === 'said') this.started = true
    else if (found !== 'head') this.error = found.error
    return this.error === undefined
  }

  #release(block: Uint8Array): Uint8Array | undefined {
    if (!this.started) {
      this.#heads.push(block)
      this.#headsSize += block.length
      if (this.#headsSize <= headsLimit) return undefined
      // Pings without end: what has come is passed on rather than gathered.
      this.started = true
      block = block.subarray(block.length)
    }
    if (this.#heads.length === 0) return block.length === 0 ? undefined : block
    const all = joinBytes([...this.#heads, block])
    this.#heads = []
    return all
  }

  /** Only looks at the line with the event's name. */
  #isContent(block: Uint8Array, start: number): boolean {
    for (let offset = 0; offset < eventField.length; offset++)
      if (block[start + offset] !== eventField[offset]) return false
    const lineEnd = endOfLine(block, start)
    const { content } = this.#reader
    const from = lineEnd - content.length
    for (let offset = 0; offset < content.length; offset++) if (block[from + offset] !== content[offset]) return false
    return true
  }
}

/** @returns the offset after the blank line that ends the event, or that of the end of the bytes. */
function endOfEvent(block: Uint8Array, start: number): number {
  for (let index = start + 1; index < block.length; index++) {
    const byte = block[index]!
    if (byte !== lineFeed && byte !== carriageReturn) continue
    if (block[index - 1] === byte) return index + 1
    if (byte === lineFeed && block[index - 1] === carriageReturn && block[index - 2] === lineFeed) return index + 1
  }
  return block.length
}

function endOfLine(block: Uint8Array, start: number): number {
  let index = start
  while (index < block.length && block[index] !== lineFeed && block[index] !== carriageReturn) index++
  return index
}

/** `data` is absent for an event of comments only. */
function readEvent(text: string): { readonly event?: string; readonly data?: string } {
  let event: string | undefined
  const data: string[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
    else if (line.startsWith('event:')) event = line.slice(6).trim()
  }
  return { ...(event !== undefined && { event }), ...(data.length > 0 && { data: data.join('\n') }) }
}
