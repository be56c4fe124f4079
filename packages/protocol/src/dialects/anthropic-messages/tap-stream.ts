import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { decodeStopReason } from './stop-reason.ts'
import { decodeUsage, mergeUsage } from './usage.ts'
import { isRecord, isString, type WireObject } from './wire.ts'

/** A single event beyond this is taken for an attack or a defect. */
const eventLimit = 16 * 1024 * 1024

const lineFeed = 0x0a
const carriageReturn = 0x0d

const decoder = new TextDecoder()
const deltaField = new TextEncoder().encode('event: content_block_delta')
const blankLine = new TextEncoder().encode('\n\n')

/** Watches a stream of message events that is relayed as it is. */
export function createStreamTap(): Tap {
  return new StreamTap()
}

/**
 * Hands on whole events only, so that an error event can follow them. Looks at each byte once for line ends and
 * parses only the few events around the blocks' deltas. A class for its fields: they are touched once a chunk.
 */
class StreamTap implements Tap {
  /** The beginning of an event that is not whole yet. An array, so that byte-by-byte arrival stays linear. */
  #carry: Uint8Array[] = []
  #carrySize = 0
  /** The two bytes before the next chunk, to find a blank line that is split between chunks. */
  #last = 0
  #lastButOne = 0
  #usage: WireObject | undefined
  #stopReason: string | undefined
  #stopped = false
  started = false
  error: unknown = undefined

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
    return parse(dataOf(decoder.decode(block)).data) === undefined ? undefined : this.#inspect(block)
  }

  get complete(): boolean {
    return this.error === undefined && (this.#stopped || this.#stopReason !== undefined)
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#usage)
  }

  finishReason(): FinishReason | undefined {
    return this.#stopReason === undefined ? undefined : decodeStopReason(this.#stopReason)
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

  /** @param block whole events. @returns what of them the caller gets. */
  #inspect(block: Uint8Array): Uint8Array | undefined {
    if (this.error !== undefined) return undefined
    let start = 0
    while (start < block.length) {
      const end = endOfEvent(block, start)
      if (startsWith(block, start, deltaField)) this.started = true
      else this.#read(dataOf(decoder.decode(block.subarray(start, end))))
      if (this.error !== undefined) return start === 0 ? undefined : block.subarray(0, start)
      start = end
    }
    return this.started ? block : undefined
  }

  #read({ event, data }: { readonly event: string; readonly data: string }): void {
    if (data === '') return
    const wire = parse(data)
    const type = isRecord(wire) && isString(wire['type']) ? wire['type'] : event
    if (type === 'error' || event === 'error') {
      this.error = isRecord(wire) ? wire : { error: { message: data } }
      return
    }
    if (type !== 'ping') this.started = true
    if (!isRecord(wire)) return
    if (type === 'message_start' && isRecord(wire['message']))
      this.#usage = mergeUsage(this.#usage, wire['message']['usage'])
    else if (type === 'message_delta') {
      this.#usage = mergeUsage(this.#usage, wire['usage'])
      const reason = isRecord(wire['delta']) ? wire['delta']['stop_reason'] : undefined
      if (isString(reason)) this.#stopReason = reason
    } else if (type === 'message_stop') this.#stopped = true
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

function startsWith(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let offset = 0; offset < word.length; offset++) if (bytes[start + offset] !== word[offset]) return false
  return true
}

function dataOf(text: string): { readonly event: string; readonly data: string } {
  let event = ''
  const data: string[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
    else if (line.startsWith('event:')) event = line.slice(6).trim()
  }
  return { event, data: data.join('\n') }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
