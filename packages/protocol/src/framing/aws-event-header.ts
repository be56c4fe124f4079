import { SluiceError } from '../errors/sluice-error.ts'

/** The value of one header of a message. Longs and timestamps (milliseconds since 1970) have 64 bits; a UUID is 16 bytes. */
export type AwsEventHeader =
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'byte' | 'short' | 'integer'; readonly value: number }
  | { readonly type: 'long' | 'timestamp'; readonly value: bigint }
  | { readonly type: 'binary' | 'uuid'; readonly value: Uint8Array }
  | { readonly type: 'string'; readonly value: string }

export type AwsEventHeaders = ReadonlyMap<string, AwsEventHeader>

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** @throws SluiceError `upstream_invalid_response` for headers that do not fill `bytes` exactly. */
export function decodeHeaders(bytes: Uint8Array): AwsEventHeaders {
  const headers = new Map<string, AwsEventHeader>()
  try {
    const reader = new HeaderReader(bytes)
    while (!reader.done) {
      const name = decoder.decode(reader.take(reader.byte()))
      headers.set(name, reader.value(reader.byte()))
    }
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw malformed('a header that is longer than its message', cause)
  }
  return headers
}

/** Throws `RangeError` past the end. */
class HeaderReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  byte(): number {
    return this.#view.getUint8(this.#move(1))
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new RangeError('past the end')
    const start = this.#move(length)
    return this.#bytes.subarray(start, start + length)
  }

  value(type: number): AwsEventHeader {
    switch (type) {
      case 0:
      case 1:
        return { type: 'boolean', value: type === 0 }
      case 2:
        return { type: 'byte', value: this.#view.getInt8(this.#move(1)) }
      case 3:
        return { type: 'short', value: this.#view.getInt16(this.#move(2)) }
      case 4:
        return { type: 'integer', value: this.#view.getInt32(this.#move(4)) }
      case 5:
        return { type: 'long', value: this.#view.getBigInt64(this.#move(8)) }
      case 6:
        return { type: 'binary', value: this.take(this.#length()).slice() }
      case 7:
        return { type: 'string', value: decoder.decode(this.take(this.#length())) }
      case 8:
        return { type: 'timestamp', value: this.#view.getBigInt64(this.#move(8)) }
      case 9:
        return { type: 'uuid', value: this.take(16).slice() }
      default:
        throw malformed(`a header of the unknown type ${type}`)
    }
  }

  #length(): number {
    return this.#view.getUint16(this.#move(2))
  }

  #move(by: number): number {
    const before = this.#at
    this.#at += by
    return before
  }
}

function malformed(what: string, cause?: unknown): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider sent an event stream message with ${what}.`, {
    cause,
  })
}

/** @throws RangeError for a name or a value that is longer than the format can say. */
export function encodeHeaders(headers: AwsEventHeaders): Uint8Array {
  const pieces: number[] = []
  for (const [name, header] of headers) {
    const key = encoder.encode(name)
    if (key.length > 0xff) throw new RangeError('The name of a header has at most 255 bytes.')
    pieces.push(key.length, ...key, ...encodeValue(header))
  }
  return Uint8Array.from(pieces)
}

function encodeValue({ type, value }: AwsEventHeader): readonly number[] {
  switch (type) {
    case 'boolean':
      return [value ? 0 : 1]
    case 'byte':
      return [2, ...written(1, (view) => view.setInt8(0, value))]
    case 'short':
      return [3, ...written(2, (view) => view.setInt16(0, value))]
    case 'integer':
      return [4, ...written(4, (view) => view.setInt32(0, value))]
    case 'long':
      return [5, ...written(8, (view) => view.setBigInt64(0, value))]
    case 'binary':
      return [6, ...withLength(value)]
    case 'string':
      return [7, ...withLength(encoder.encode(value))]
    case 'timestamp':
      return [8, ...written(8, (view) => view.setBigInt64(0, value))]
    case 'uuid':
      return [9, ...value]
  }
}

function written(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size)
  write(new DataView(bytes.buffer))
  return bytes
}

function withLength(bytes: Uint8Array): readonly number[] {
  if (bytes.length > 0x7fff) throw new RangeError('The value of a header has at most 32,767 bytes.')
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes]
}
