import { SluiceError, type SluiceErrorOptions } from '../errors/sluice-error.ts'
import { type AwsEventHeaders, decodeHeaders, encodeHeaders } from './aws-event-header.ts'
import { crc32 } from './crc32.ts'

/**
 * One message of `application/vnd.amazon.eventstream`: total length, length of the headers, CRC-32 of those two,
 * headers, payload, CRC-32 of all before it; integers are big-endian.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
 */
export interface AwsEventMessage {
  readonly headers: AwsEventHeaders
  readonly payload: Uint8Array
}

export interface AwsEventParserOptions {
  /** Longest message, in bytes; default 16 MiB, which is what AWS allows. */
  readonly maxMessageLength?: number
}

export interface AwsEventParser {
  /**
   * @throws SluiceError `upstream_invalid_response` for a message that is longer than the limit, or of which a
   * checksum, a length or a header is wrong; the parser is then unusable.
   */
  write(chunk: Uint8Array): void
  /** Whether the bytes so far end between two messages. */
  readonly idle: boolean
}

/** Two lengths and their checksum. */
export const preludeLength = 12
const checksumLength = 4
const defaultMaxMessageLength = 16 * 1024 * 1024

/** Parses a byte stream that is split anywhere. `onMessage` is called synchronously from `write`. */
export function createAwsEventParser(
  onMessage: (message: AwsEventMessage) => void,
  options: AwsEventParserOptions = {},
): AwsEventParser {
  return new MessageParser(onMessage, options.maxMessageLength ?? defaultMaxMessageLength)
}

/** A class for its fields: they are touched on every chunk. */
class MessageParser implements AwsEventParser {
  readonly #onMessage: (message: AwsEventMessage) => void
  readonly #limit: number
  readonly #prelude = new Uint8Array(preludeLength)
  /** The message that is not whole yet, once its length is known. */
  #message: Uint8Array | undefined
  /** Bytes of it, or of its prelude, that are here. */
  #filled = 0

  constructor(onMessage: (message: AwsEventMessage) => void, limit: number) {
    this.#onMessage = onMessage
    this.#limit = limit
  }

  write(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      const left = chunk.length - at
      if (this.#filled === 0 && left >= preludeLength) {
        const length = readMessageLength(chunk, at, this.#limit)
        if (left >= length) {
          this.#onMessage(decodeMessage(chunk.subarray(at, at + length)))
          at += length
          continue
        }
      }
      at += this.#gather(chunk, at)
    }
  }

  get idle(): boolean {
    return this.#filled === 0
  }

  /** @returns how many bytes were taken. */
  #gather(chunk: Uint8Array, at: number): number {
    const target = this.#message ?? this.#prelude
    const taken = Math.min(target.length - this.#filled, chunk.length - at)
    target.set(chunk.subarray(at, at + taken), this.#filled)
    this.#filled += taken
    if (this.#filled < target.length) return taken
    if (this.#message === undefined) {
      this.#message = new Uint8Array(readMessageLength(this.#prelude, 0, this.#limit))
      this.#message.set(this.#prelude)
    } else {
      this.#message = undefined
      this.#filled = 0
      this.#onMessage(decodeMessage(target))
    }
    return taken
  }
}

/**
 * From the prelude that begins at `at`.
 *
 * @throws SluiceError `upstream_invalid_response` for a wrong checksum, or a length that cannot be.
 */
export function readMessageLength(bytes: Uint8Array, at: number, limit: number = defaultMaxMessageLength): number {
  if (readUint32(bytes, at + 8) !== crc32(bytes, at, at + 8)) throw invalid('whose prelude has a wrong checksum')
  const length = readUint32(bytes, at)
  if (length > limit) throw invalid(`longer than ${limit} bytes`, { retryable: false })
  if (readUint32(bytes, at + 4) > length - preludeLength - checksumLength)
    throw invalid('whose headers are longer than itself')
  return length
}

/** @param bytes exactly one message, whose prelude was read. */
export function decodeMessage(bytes: Uint8Array): AwsEventMessage {
  const end = bytes.length - checksumLength
  if (readUint32(bytes, end) !== crc32(bytes, 0, end)) throw invalid('with a wrong checksum')
  const payload = preludeLength + readUint32(bytes, 4)
  return { headers: decodeHeaders(bytes.subarray(preludeLength, payload)), payload: bytes.subarray(payload, end) }
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function invalid(what: string, options?: SluiceErrorOptions): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider sent an event stream message ${what}.`, options)
}

export function encodeAwsEvent({ headers, payload }: AwsEventMessage): Uint8Array {
  return frameMessage(encodeHeaders(headers), payload)
}

/** @param headers as `encodeHeaders` wrote them. */
export function frameMessage(headers: Uint8Array, payload: Uint8Array): Uint8Array {
  const length = preludeLength + headers.length + payload.length + checksumLength
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, length)
  view.setUint32(4, headers.length)
  view.setUint32(8, crc32(bytes, 0, 8))
  bytes.set(headers, preludeLength)
  bytes.set(payload, preludeLength + headers.length)
  view.setUint32(length - checksumLength, crc32(bytes, 0, length - checksumLength))
  return bytes
}
