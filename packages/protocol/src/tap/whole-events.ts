import { joinBytes } from '../bytes/join-bytes.ts'
import { SluiceError } from '../errors/sluice-error.ts'

/** A single event beyond this is taken for an attack or a defect. */
const eventLimit = 16 * 1024 * 1024

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Parts the bytes of server-sent events into those that are whole and the beginning of the next one, which is held
 * back. Looks for the last blank line of a chunk only. A class for its fields: they are touched once a chunk.
 */
export class WholeEvents {
  /** The beginning of an event that is not whole yet. An array, so that byte-by-byte arrival stays linear. */
  #carry: Uint8Array[] = []
  #carrySize = 0
  /** The two bytes before the next chunk, to find a blank line that is split between chunks. */
  #last = 0
  #lastButOne = 0
  /** Once an event is larger than any should be. */
  error: SluiceError | undefined = undefined

  /** @returns the whole events that are there now, as bytes. */
  take(chunk: Uint8Array): Uint8Array | undefined {
    if (chunk.length === 0) return undefined
    const boundary = lastBoundary(chunk, this.#last, this.#lastButOne)
    this.#lastButOne = chunk.length > 1 ? chunk[chunk.length - 2]! : this.#last
    this.#last = chunk[chunk.length - 1]!
    if (boundary === chunk.length && this.#carrySize === 0) return chunk
    if (boundary < 0) {
      this.#hold(chunk)
      return undefined
    }
    this.#hold(chunk.subarray(0, boundary))
    if (this.error !== undefined) return undefined
    const block = this.rest()
    if (boundary < chunk.length) this.#hold(chunk.subarray(boundary))
    return block
  }

  /** What is held back, which is no whole event; it is not held any longer then. */
  rest(): Uint8Array | undefined {
    if (this.#carrySize === 0) return undefined
    const block = joinBytes(this.#carry)
    this.#carry = []
    this.#carrySize = 0
    return block
  }

  #hold(bytes: Uint8Array): void {
    this.#carrySize += bytes.length
    if (this.#carrySize > eventLimit) {
      const message = `The provider sent an event larger than ${eventLimit} bytes.`
      this.error = new SluiceError('upstream_error', message, { retryable: false })
      this.#carry = []
    } else this.#carry.push(bytes)
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
