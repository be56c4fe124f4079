import { joinBytes } from '../../bytes/join-bytes.ts'
import type { Tap } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { decodeMessage, preludeLength, readMessageLength } from '../../framing/aws-event-stream.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson } from '../../json/parse-json.ts'
import { decodeError } from './error.ts'
import { readFailure, textOf } from './read-failure.ts'
import { decodeStopReason } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'
import { isRecord, isString } from './wire.ts'

/** Watches an event stream that is relayed as it is. */
export function createStreamTap(): Tap {
  return new StreamTap()
}

/** Of what comes before the first message that says something. */
const headsLimit = 1024 * 1024

const decoder = new TextDecoder()
const blockName = new TextEncoder().encode('contentBlock')

/**
 * Hands on whole messages only, so that an exception can follow them, and none before one that says something, so that
 * a failure can still be answered otherwise. Reads the few messages around the blocks. A class for its fields: they are
 * touched once a chunk.
 */
class StreamTap implements Tap {
  /** The beginning of a message that is not whole yet. An array, so that byte-by-byte arrival stays linear. */
  #carry: Uint8Array[] = []
  #carrySize = 0
  /** How many bytes it takes to know more: those of a prelude, or of the message. */
  #needed = preludeLength
  /** Whole messages that commit to nothing. */
  #heads: Uint8Array[] = []
  #headsSize = 0
  #usage: unknown
  #tier: unknown
  #stopReason: string | undefined
  #stopped = false
  started = false
  error: unknown = undefined

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (this.error !== undefined) return undefined
    if (this.#carrySize + chunk.length < this.#needed) {
      this.#hold(chunk)
      return undefined
    }
    this.#hold(chunk)
    const bytes = joinBytes(this.#carry)
    const end = this.#inspect(bytes)
    this.#carry = end < bytes.length ? [bytes.subarray(end)] : []
    this.#carrySize = bytes.length - end
    return this.#release(bytes.subarray(0, end))
  }

  end(): undefined {
    return undefined
  }

  get complete(): boolean {
    return this.error === undefined && this.#stopped
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#usage)
  }

  processing(): string | undefined {
    const type = isRecord(this.#tier) ? this.#tier['type'] : undefined
    return isString(type) ? type : undefined
  }

  finishReason(): FinishReason | undefined {
    return this.#stopReason === undefined ? undefined : decodeStopReason(this.#stopReason)
  }

  #hold(bytes: Uint8Array): void {
    this.#carry.push(bytes)
    this.#carrySize += bytes.length
  }

  /** @returns the offset after the last whole message that the caller may have. */
  #inspect(bytes: Uint8Array): number {
    let start = 0
    this.#needed = preludeLength
    try {
      while (bytes.length - start >= preludeLength) {
        const length = readMessageLength(bytes, start)
        if (bytes.length - start < length) {
          this.#needed = length
          break
        }
        if (isBlock(bytes, start)) this.started = true
        else if (!this.#read(bytes.subarray(start, start + length))) break
        start += length
      }
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      this.error = error
    }
    return start
  }

  /** @returns whether the caller may have the message. */
  #read(bytes: Uint8Array): boolean {
    const message = decodeMessage(bytes)
    const failure = readFailure(message)
    if (failure !== undefined) {
      this.error = decodeError(failure)
      return false
    }
    const type = textOf(message.headers, ':event-type')
    if (type?.startsWith('contentBlock') === true) this.started = true
    if (type !== 'messageStop' && type !== 'metadata') return true
    this.started = true
    const wire = parseJson(decoder.decode(message.payload))
    if (!isRecord(wire)) return true
    if (type === 'metadata') {
      this.#usage = wire['usage']
      this.#tier = wire['serviceTier']
    } else {
      this.#stopped = true
      if (isString(wire['stopReason'])) this.#stopReason = wire['stopReason']
    }
    return true
  }

  #release(block: Uint8Array): Uint8Array | undefined {
    if (!this.started) {
      if (block.length > 0) this.#heads.push(block)
      this.#headsSize += block.length
      // Messages without end that say nothing: what has come is passed on rather than gathered.
      if (this.#headsSize <= headsLimit) return undefined
      this.started = true
      block = block.subarray(block.length)
    }
    if (this.#heads.length === 0) return block.length === 0 ? undefined : block
    const all = joinBytes([...this.#heads, block])
    this.#heads = []
    return all
  }
}

const eventTypeName = new TextEncoder().encode(':event-type')

/** Whether the message is one of a content block: looks at the first header only, which is its type with Bedrock. */
function isBlock(bytes: Uint8Array, start: number): boolean {
  const name = start + preludeLength
  if (bytes[name] !== eventTypeName.length) return false
  for (let index = 0; index < eventTypeName.length; index++)
    if (bytes[name + 1 + index] !== eventTypeName[index]) return false
  // After the name come the type of its value and that value's length.
  const value = name + 1 + eventTypeName.length + 3
  for (let index = 0; index < blockName.length; index++) if (bytes[value + index] !== blockName[index]) return false
  return true
}
