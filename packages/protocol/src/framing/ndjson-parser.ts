import { SluiceError } from '../errors/sluice-error.ts'
import { parseJson } from '../json/parse-json.ts'

export interface NdjsonParserOptions {
  /** Longest line, in UTF-16 units; default 16 Mi. */
  readonly maxLineLength?: number
}

export interface NdjsonParser {
  /**
   * @throws SluiceError `upstream_invalid_response` for a line that is no JSON, no UTF-8, or longer than the limit;
   * the parser is then unusable.
   */
  write(chunk: Uint8Array): void
  /** The bytes ended: delivers a last line that lacks its line feed. What was cut within a line is dropped. */
  end(): void
}

const defaultMaxLineLength = 16 * 1024 * 1024

/**
 * Parses a byte stream of one JSON value a line, split anywhere. Lines end in LF or CRLF; blank ones are skipped.
 * `onValue` is called synchronously from `write` and `end`.
 */
export function createNdjsonParser(onValue: (value: unknown) => void, options: NdjsonParserOptions = {}): NdjsonParser {
  return new LineParser(onValue, options.maxLineLength ?? defaultMaxLineLength)
}

/** A class for its fields: they are touched on every chunk. */
class LineParser implements NdjsonParser {
  readonly #onValue: (value: unknown) => void
  readonly #limit: number
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  /** The line that is not whole yet. Pieces are joined once, so that a long line fed byte by byte stays linear. */
  #pieces: string[] = []
  #length = 0

  constructor(onValue: (value: unknown) => void, limit: number) {
    this.#onValue = onValue
    this.#limit = limit
  }

  write(chunk: Uint8Array): void {
    let text: string
    try {
      text = this.#decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw new SluiceError('upstream_invalid_response', 'The provider sent a stream that is not UTF-8.', { cause })
    }
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#line(this.#join(text.slice(start, end)))
      start = end + 1
    }
    if (start === text.length) return
    this.#checkLength(this.#length + text.length - start)
    this.#length += text.length - start
    this.#pieces.push(start === 0 ? text : text.slice(start))
  }

  end(): void {
    const line = this.#join('').trim()
    if (line === '' || !isWhole(this.#decoder)) return
    const value = parseJson(line)
    if (value !== undefined) this.#onValue(value)
  }

  #join(tail: string): string {
    if (this.#length === 0) return tail
    this.#pieces.push(tail)
    const line = this.#pieces.join('')
    this.#pieces = []
    this.#length = 0
    return line
  }

  #line(line: string): void {
    this.#checkLength(line.length)
    // JSON takes the carriage return for white space.
    const value = parseJson(line)
    if (value !== undefined) this.#onValue(value)
    else if (line.trim() !== '')
      throw new SluiceError('upstream_invalid_response', 'The provider sent a stream line that is not JSON.')
  }

  #checkLength(length: number): void {
    if (length <= this.#limit) return
    throw new SluiceError(
      'upstream_invalid_response',
      `The provider sent a stream line longer than ${this.#limit} characters.`,
      { retryable: false },
    )
  }
}

/** Whether the bytes did not end within a character. */
function isWhole(decoder: TextDecoder): boolean {
  try {
    decoder.decode()
    return true
  } catch {
    return false
  }
}
