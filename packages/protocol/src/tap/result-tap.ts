import { joinBytes } from '../bytes/join-bytes.ts'
import type { Tap } from '../dialect.ts'
import type { FinishReason } from '../ir/finish-reason.ts'
import type { Usage } from '../ir/usage.ts'
import { createMemberReader, type MemberReader } from '../json/member-reader.ts'
import { scanObject, skipSpace, type Span } from '../json/scan.ts'

/** What a dialect's whole answers look like. Made once for each dialect. */
export interface ResultShape {
  /** By which an answer is known: an array, unless `opening` says otherwise. */
  readonly member: string
  /** The byte with which the member begins: `"`, `{`, or the default `[`. */
  readonly opening?: number | 'number'
  /** The member that counts what was used. Default `usage`. */
  readonly usage?: string
  readUsage(wire: unknown): Usage | undefined
  /** From the parsed array. */
  readFinishReason(member: unknown): FinishReason | undefined
  /** How an answer says by what id the provider keeps it, where that is so. */
  readonly stored?: { readonly members: readonly string[]; id(values: readonly unknown[]): string | undefined }
  /** The member that says how the request was processed, as a text, or as one that `readProcessing` finds in it. */
  readonly processing?: string
  readProcessing?(value: unknown): unknown
  /** `usage`, `error`, the member, and those that say what is stored and how it was processed, in UTF-8. */
  readonly keys: readonly Uint8Array[]
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function resultShape(shape: Omit<ResultShape, 'keys'>): ResultShape {
  const keys = [usageMember(shape), 'error', shape.member, ...besides(shape)]
  return { ...shape, keys: keys.map((key) => encoder.encode(key)) }
}

function usageMember({ usage = 'usage' }: Pick<ResultShape, 'usage'>): string {
  return usage
}

function besides({ stored, processing }: Omit<ResultShape, 'keys'>): readonly string[] {
  return [...(stored?.members ?? []), ...(processing === undefined ? [] : [processing])]
}

/** An answer up to this size is held until it is whole, so that a failure can still be answered otherwise. */
const holdLimit = 1024 * 1024
/** Of one captured member in answers that are larger. */
const memberLimit = 64 * 1024

/** Watches a whole JSON answer that is relayed as it is. */
export function createResultTap(shape: ResultShape): Tap {
  return new ResultTap(shape)
}

/** A class, since one is made for every request. */
class ResultTap implements Tap {
  readonly #shape: ResultShape
  #held: Uint8Array[] = []
  #size = 0
  #body: Uint8Array | undefined
  #spans: readonly (Span | undefined)[] = []
  /** Takes over when the answer is too large to be held. */
  #reader: MemberReader | undefined
  error: unknown = undefined
  complete = false

  constructor(shape: ResultShape) {
    this.#shape = shape
  }

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#reader !== undefined) {
      this.#reader.write(chunk)
      return chunk
    }
    this.#held.push(chunk)
    this.#size += chunk.length
    if (this.#size <= holdLimit) return undefined
    const all = joinBytes(this.#held)
    this.#held = []
    this.#reader = createMemberReader([usageMember(this.#shape), 'error', ...besides(this.#shape)], memberLimit)
    this.#reader.write(all)
    return all
  }

  end(): Uint8Array | undefined {
    if (this.#reader !== undefined) {
      this.complete = this.#reader.closed
      return undefined
    }
    const body = (this.#body = joinBytes(this.#held))
    this.#held = []
    try {
      this.#spans = scanObject(body, this.#shape.keys).spans
    } catch {
      return body
    }
    const [, error, member] = this.#spans
    const hasError = error !== undefined && body[error.start] !== 0x6e
    const hasMember = member !== undefined && opens(body[member.start], this.#shape.opening)
    this.complete = hasMember && !(hasError && body[skipSpace(body, member.start + 1)] === 0x5d)
    if (!this.complete && hasError) this.error = parse(decoder.decode(body))
    return body
  }

  get started(): boolean {
    return this.#reader !== undefined
  }

  usage(): Usage | undefined {
    return this.#shape.readUsage(this.#member(0, usageMember(this.#shape)))
  }

  finishReason(): FinishReason | undefined {
    return this.#shape.readFinishReason(this.#member(2, this.#shape.member))
  }

  storedId(): string | undefined {
    const { stored } = this.#shape
    return stored?.id(stored.members.map((name, index) => this.#member(3 + index, name)))
  }

  processing(): string | undefined {
    const { processing, readProcessing, stored } = this.#shape
    if (processing === undefined) return undefined
    const value = this.#member(3 + (stored?.members.length ?? 0), processing)
    const word = readProcessing === undefined ? value : readProcessing(value)
    return typeof word === 'string' ? word : undefined
  }

  #member(index: number, name: string): unknown {
    const span = this.#spans[index]
    if (span !== undefined && this.#body !== undefined)
      return parse(decoder.decode(this.#body.subarray(span.start, span.end)))
    const text = this.#reader?.value(name)
    return text === undefined ? undefined : parse(text)
  }
}

function opens(byte: number | undefined, opening: ResultShape['opening'] = 0x5b): boolean {
  return opening === 'number' ? byte !== undefined && byte >= 0x30 && byte <= 0x39 : byte === opening
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
