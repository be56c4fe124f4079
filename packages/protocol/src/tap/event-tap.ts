import { joinBytes } from '../bytes/join-bytes.ts'
import type { Tap } from '../dialect.ts'
import type { FinishReason } from '../ir/finish-reason.ts'
import type { Usage } from '../ir/usage.ts'

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
}

/** A single event beyond this is taken for an attack or a defect. */
const eventLimit = 16 * 1024 * 1024
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
  /** The beginning of an event that is not whole yet. An array, so that byte-by-byte arrival stays linear. */
  #carry: Uint8Array[] = []
  #carrySize = 0
  /** Whole events that commit to nothing. */
  #heads: Uint8Array[] = []
  #headsSize = 0
  /** The two bytes before the next chunk, to find a blank line that is split between chunks. */
  #last = 0
  #lastButOne = 0
  started = false
  error: unknown = undefined

  constructor(reader: EventReader) {
    this.#reader = reader
  }

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (chunk.length === 0 || this.error !== undefined) return undefined
    const boundary = lastBoundary(chunk, this.#last, this.#lastButOne)
    this.#lastButOne = chunk.length > 1 ? chunk[chunk.length - 2]! : this.#last
    this.#last = chunk[chunk.length - 1]!
    if (boundary === chunk.length && this.#carrySize === 0) return this.#inspect(chunk)
    if (boundary < 0) {
      this.#hold(chunk)
      return undefined
    }
    this.#hold(chunk.subarray(0, boundary))
    const block = this.#takeCarry()
    if (boundary < chunk.length) this.#hold(chunk.subarray(boundary))
    return this.#inspect(block)
  }

  /** A last event that lacks its blank line counts when its data is whole. */
  end(): Uint8Array | undefined {
    if (this.#carrySize === 0 || this.error !== undefined) return undefined
    const block = joinBytes([this.#takeCarry(), blankLine])
    return isJson(readEvent(decoder.decode(block)).data) ? this.#inspect(block) : undefined
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

  #hold(bytes: Uint8Array): void {
    this.#carrySize += bytes.length
    if (this.#carrySize > eventLimit) {
      this.error = { error: { message: `The provider sent an event larger than ${eventLimit} bytes.` } }
      this.#carry = []
    } else this.#carry.push(bytes)
  }

  #takeCarry(): Uint8Array {
    const block = joinBytes(this.#carry)
    this.#carry = []
    this.#carrySize = 0
    return block
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

/** @returns the offset after the last blank line, or -1. */
function lastBoundary(chunk: Uint8Array, last: number, lastButOne: number): number {
  for (let index = chunk.length - 1; index >= 0; index--) {
    const byte = chunk[index]!
    if (byte !== lineFeed && byte !== carriageReturn) continue
    const before = index > 0 ? chunk[index - 1]! : last
    if (before === byte) return index + 1
    if (byte === lineFeed && before === carriageReturn) {
      const beforeThat = index > 1 ? chunk[index - 2]! : index === 1 ? last : lastButOne
      if (beforeThat === lineFeed) return index + 1
    }
  }
  return -1
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

function isJson(text: string | undefined): boolean {
  try {
    return text !== undefined && JSON.parse(text) !== undefined
  } catch {
    return false
  }
}
