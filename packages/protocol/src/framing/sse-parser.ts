import { SluiceError } from '../errors/sluice-error.ts'

/** One server-sent event; `data` is its data lines joined by line feeds. */
export interface SseEvent {
  readonly data: string
  readonly event?: string
  readonly id?: string
}

export interface SseParserOptions {
  /** Longest event, in UTF-16 units; default 16 Mi. */
  readonly maxEventLength?: number
}

export interface SseParser {
  /** Throws `upstream_invalid_response` when an event is longer than the limit; the parser is then unusable. */
  write(chunk: Uint8Array): void
  /** The bytes ended: delivers a last event that lacks its blank line. Whether its data is whole is for the reader to judge. */
  end(): void
}

const defaultMaxEventLength = 16 * 1024 * 1024

/**
 * Parses a byte stream that is split anywhere, by the WHATWG server-sent events grammar: lines end in LF, CRLF
 * or CR; comments and unknown fields are skipped. `onEvent` is called synchronously from `write`.
 */
export function createSseParser(onEvent: (event: SseEvent) => void, options: SseParserOptions = {}): SseParser {
  return new LineParser(onEvent, options.maxEventLength ?? defaultMaxEventLength)
}

/** A class for its fields: they are touched on every chunk. */
class LineParser implements SseParser {
  readonly #onEvent: (event: SseEvent) => void
  readonly #limit: number
  readonly #decoder = new TextDecoder()
  /** The line that is not whole yet. Pieces are joined once, so that a long line fed byte by byte stays linear. */
  #pieces: string[] = []
  #piecesLength = 0
  /** The last chunk ended in CR: an LF that opens the next one belongs to the same line end. */
  #afterCarriageReturn = false
  #data: string | undefined
  #moreData: string[] | undefined
  #dataLength = 0
  #event: string | undefined
  #id: string | undefined

  constructor(onEvent: (event: SseEvent) => void, limit: number) {
    this.#onEvent = onEvent
    this.#limit = limit
  }

  write(chunk: Uint8Array): void {
    this.#read(this.#decoder.decode(chunk, { stream: true }))
  }

  end(): void {
    this.#read(this.#decoder.decode())
    if (this.#piecesLength > 0) this.#line(this.#takeLine(''))
    this.#dispatch()
  }

  #read(text: string): void {
    if (text === '') return
    let start = 0
    if (this.#afterCarriageReturn) {
      this.#afterCarriageReturn = false
      if (text.charCodeAt(0) === 10) start = 1
    }
    let lineFeed = text.indexOf('\n', start)
    let carriageReturn = text.indexOf('\r', start)
    while (lineFeed >= 0 || carriageReturn >= 0) {
      const byReturn = carriageReturn >= 0 && (lineFeed < 0 || carriageReturn < lineFeed)
      const end = byReturn ? carriageReturn : lineFeed
      const tail = text.slice(start, end)
      this.#line(this.#piecesLength === 0 ? tail : this.#takeLine(tail))
      start = end + 1
      if (byReturn) {
        if (start === text.length) this.#afterCarriageReturn = true
        else if (start === lineFeed) start++
        carriageReturn = text.indexOf('\r', start)
      }
      if (lineFeed >= 0 && lineFeed < start) lineFeed = text.indexOf('\n', start)
    }
    if (start < text.length) this.#hold(start === 0 ? text : text.slice(start))
  }

  #hold(piece: string): void {
    this.#piecesLength += piece.length
    this.#checkLength(this.#piecesLength + this.#dataLength)
    this.#pieces.push(piece)
  }

  #takeLine(tail: string): string {
    this.#pieces.push(tail)
    const line = this.#pieces.join('')
    this.#pieces = []
    this.#piecesLength = 0
    return line
  }

  #line(line: string): void {
    if (line === '') return this.#dispatch()
    if (line.startsWith('data:')) return this.#addData(line.slice(line.charCodeAt(5) === 32 ? 6 : 5))
    const colon = line.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
    if (field === 'data') this.#addData(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
  }

  #addData(value: string): void {
    this.#dataLength += value.length + 1
    this.#checkLength(this.#dataLength)
    if (this.#data === undefined) this.#data = value
    else (this.#moreData ??= []).push(value)
  }

  #dispatch(): void {
    const data = this.#data
    const event = this.#event
    this.#event = undefined
    if (data === undefined) return
    const whole = this.#moreData === undefined ? data : `${data}\n${this.#moreData.join('\n')}`
    this.#data = undefined
    this.#moreData = undefined
    this.#dataLength = 0
    this.#onEvent({
      data: whole,
      ...(event === undefined || event === '' ? undefined : { event }),
      ...(this.#id === undefined ? undefined : { id: this.#id }),
    })
  }

  #checkLength(length: number): void {
    if (length <= this.#limit) return
    throw new SluiceError(
      'upstream_invalid_response',
      `The provider sent a stream event longer than ${this.#limit} characters.`,
      { retryable: false },
    )
  }
}
