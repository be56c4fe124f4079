import { SluiceError } from '../errors/sluice-error.ts'
import { readPartHead } from './part-head.ts'

/** A plain field of a form: its value, and where that stands in the body's bytes. */
export interface FormField {
  readonly value: string
  readonly start: number
  readonly end: number
}

/** A file of a form: what it is called, and where its content stands in the body's bytes. */
export interface FormFile {
  readonly name: string
  /** As sent; empty when it is said in no plain form. */
  readonly filename: string
  readonly start: number
  readonly end: number
}

/**
 * Finds plain fields in a `multipart/form-data` body (RFC 7578) as it passes. Keeps no more of the body than one
 * part's head and the values asked for.
 */
export interface FormScanner {
  readonly boundary: string
  /**
   * Bytes in, split anywhere.
   *
   * @throws SluiceError `invalid_request` for what is no form, and for what two readers could understand in two
   *   ways: a field asked for that comes twice, or as a file.
   */
  write(chunk: Uint8Array): void
  /** `undefined` as long as it has not come whole. */
  field(name: string): FormField | undefined
  /** Those that have come whole, in their order. */
  readonly files: readonly FormFile[]
  /** Whether the form's end was seen. */
  readonly complete: boolean
}

/** Bytes. */
const headLimit = 8 * 1024
const valueLimit = 1024
const partLimit = 1_000

const carriageReturn = 0x0d
const lineFeed = 0x0a
const hyphen = 0x2d
const encoder = new TextEncoder()
const headEnd = encoder.encode('\r\n\r\n')

/**
 * @param boundary as the content type says it.
 * @param names the fields to find.
 */
export function createFormScanner(boundary: string, names: readonly string[]): FormScanner {
  return new Scanner(boundary, names)
}

/** A class for its fields: they are touched once a chunk. */
class Scanner implements FormScanner {
  readonly boundary: string
  readonly #names: readonly string[]
  /** What stands between parts, after a line end. */
  readonly #delimiter: Uint8Array
  /** For each beginning of the delimiter, how much of its end the delimiter begins with (Knuth, Morris, Pratt). */
  readonly #fallback: readonly number[]
  readonly #fields = new Map<string, FormField>()
  #state: 'content' | 'after-delimiter' | 'head' | 'over' = 'content'
  /** Bytes of the delimiter, or of a head's end, that were just seen. */
  #matched = 0
  /** Whether what was matched began a line. */
  #lineBegan = false
  /** The last two bytes before. */
  #last = lineFeed
  #lastButOne = carriageReturn
  /** Bytes before the chunk in hand. */
  #offset = 0
  #parts = 0
  /** Of a head, or of a value that is asked for. */
  #held: number[] = []
  /** The first byte after a delimiter. */
  #after = 0
  #name: string | undefined
  /** Of the part that is passing, where it is a file. */
  #file: { readonly name: string; readonly filename: string } | undefined
  readonly files: FormFile[] = []
  /** Where the part's content begins; after the end of a line that would be there were nothing before the first. */
  #start = -2

  constructor(boundary: string, names: readonly string[]) {
    this.boundary = boundary
    this.#names = names
    this.#delimiter = encoder.encode(`--${boundary}`)
    this.#fallback = fallbackOf(this.#delimiter)
  }

  get complete(): boolean {
    return this.#state === 'over'
  }

  field(name: string): FormField | undefined {
    return this.#fields.get(name)
  }

  write(chunk: Uint8Array): void {
    let index = 0
    while (index < chunk.length && this.#state !== 'over') {
      if (this.#state === 'content') index = this.#content(chunk, index)
      else if (this.#state === 'head') index = this.#head(chunk, index)
      else index = this.#afterDelimiter(chunk, index)
    }
    this.#offset += chunk.length
  }

  /** @returns where the content's delimiter ended, or the chunk did. */
  #content(chunk: Uint8Array, from: number): number {
    const delimiter = this.#delimiter
    for (let index = from; index < chunk.length; index++) {
      if (this.#matched === 0) {
        const next = chunk.indexOf(hyphen, index)
        index = this.#skip(chunk, index, next < 0 ? chunk.length : next)
        if (index === chunk.length) return index
      }
      const byte = chunk[index]!
      const before = this.#matched
      while (this.#matched > 0 && byte !== delimiter[this.#matched]) this.#matched = this.#fallback[this.#matched - 1]!
      if (byte === delimiter[this.#matched]) this.#matched++
      if (this.#matched === 1) this.#lineBegan = this.#last === lineFeed && this.#lastButOne === carriageReturn
      else if (this.#matched <= before) this.#lineBegan = false
      this.#skip(chunk, index, index + 1)
      if (this.#matched === delimiter.length) {
        this.#endPart(this.#offset + index + 1 - delimiter.length)
        return index + 1
      }
    }
    return chunk.length
  }

  /** Passes over content. */
  #skip(bytes: Uint8Array, from: number, to: number): number {
    if (to === from) return to
    this.#lastButOne = to - from > 1 ? bytes[to - 2]! : this.#last
    this.#last = bytes[to - 1]!
    if (this.#name === undefined) return to
    if (this.#held.length + to - from > valueLimit + this.#delimiter.length) {
      throw new SluiceError('invalid_request', `\`${this.#name}\` is longer than ${valueLimit} bytes.`, {
        param: this.#name,
      })
    }
    for (let index = from; index < to; index++) this.#held.push(bytes[index]!)
    return to
  }

  /** @param delimiter where it begins. Servers differ on one that begins no line: it is refused. */
  #endPart(delimiter: number): void {
    const end = delimiter - 2
    if (this.#start < 0 && delimiter > 0) throw notAForm('it does not begin with its boundary')
    if (!this.#lineBegan || end < this.#start) throw notAForm('its boundary stands where no part can end')
    this.#matched = 0
    this.#state = 'after-delimiter'
    const name = this.#name
    if (name !== undefined) {
      const value = decodeText(this.#held.slice(0, end - this.#start), `\`${name}\``)
      this.#fields.set(name, { value, start: this.#start, end })
    }
    if (this.#file !== undefined) this.files.push({ ...this.#file, start: this.#start, end })
    this.#name = undefined
    this.#file = undefined
    this.#held = []
  }

  #afterDelimiter(chunk: Uint8Array, index: number): number {
    const byte = chunk[index]!
    if (this.#after === 0) {
      if (byte !== carriageReturn && byte !== hyphen) throw notAForm('a boundary is followed by something else')
      this.#after = byte
    } else {
      if (byte !== (this.#after === hyphen ? hyphen : lineFeed))
        throw notAForm('a boundary is followed by something else')
      this.#state = this.#after === hyphen ? 'over' : 'head'
      this.#after = 0
      if (this.#state === 'head' && ++this.#parts > partLimit) throw notAForm(`it has more than ${partLimit} parts`)
      // A head may be empty: then its end follows the delimiter's line end at once.
      this.#matched = 2
    }
    return index + 1
  }

  #head(chunk: Uint8Array, from: number): number {
    for (let index = from; index < chunk.length; index++) {
      const byte = chunk[index]!
      this.#held.push(byte)
      if (this.#held.length > headLimit) throw notAForm(`a part's head is larger than ${headLimit} bytes`)
      this.#matched = byte === headEnd[this.#matched] ? this.#matched + 1 : byte === carriageReturn ? 1 : 0
      if (this.#matched === headEnd.length) {
        this.#beginPart(this.#offset + index + 1)
        return index + 1
      }
    }
    return chunk.length
  }

  #beginPart(start: number): void {
    const head = readPartHead(decodeText(this.#held, "a part's head"))
    this.#held = []
    this.#matched = 0
    this.#state = 'content'
    this.#start = start
    this.#lastButOne = carriageReturn
    this.#last = lineFeed
    const { name, filename } = head
    if (!this.#names.includes(name)) {
      if (filename !== undefined) this.#file = { name, filename }
      return
    }
    if (this.#fields.has(name))
      throw new SluiceError('invalid_request', `The form says \`${name}\` twice. Say it once.`, { param: name })
    if (filename !== undefined || head.encoded)
      throw new SluiceError('invalid_request', `\`${name}\` must be a plain field of the form.`, { param: name })
    this.#name = name
  }
}

function fallbackOf(pattern: Uint8Array): readonly number[] {
  const fallback = [0]
  for (let index = 1, matched = 0; index < pattern.length; index++) {
    while (matched > 0 && pattern[index] !== pattern[matched]) matched = fallback[matched - 1]!
    if (pattern[index] === pattern[matched]) matched++
    fallback.push(matched)
  }
  return fallback
}

function decodeText(bytes: readonly number[], what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))
  } catch {
    throw new SluiceError('invalid_utf8', `In the form, ${what} is not valid UTF-8.`)
  }
}

function notAForm(why: string): SluiceError {
  return new SluiceError('invalid_request', `The body is not the form that its content type says: ${why}.`)
}
