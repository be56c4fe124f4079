import { joinBytes } from '../bytes/join-bytes.ts'
import type { Tap } from '../dialect.ts'
import type { FinishReason } from '../ir/finish-reason.ts'
import type { Usage } from '../ir/usage.ts'
import { createMemberReader, type MemberReader } from '../json/member-reader.ts'
import { parseBody } from '../json/parse-body.ts'
import { isRecord, type WireObject } from '../json/wire-object.ts'

/** What a dialect's whole answers look like. Made once for each dialect. */
export interface ResultShape {
  /** By which an answer is known. */
  readonly member: string
  /** What the member is; a number is none below zero. Default `array`. */
  readonly type?: 'array' | 'object' | 'string' | 'number'
  /** The member that counts what was used. Default `usage`. */
  readonly usage?: string
  readUsage(wire: unknown): Usage | undefined
  /** The member that says why the answer ended. Default: that by which it is known. */
  readonly finish?: string
  readFinishReason(member: unknown): FinishReason | undefined
  /** How an answer says by what id the provider keeps it, where that is so. */
  readonly stored?: { readonly members: readonly string[]; id(values: readonly unknown[]): string | undefined }
  /** The member that says how the request was processed, as a text, or as one that `readProcessing` finds in it. */
  readonly processing?: string
  readProcessing?(value: unknown): unknown
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
  /** Parsed as a whole: that takes the platform less than to look for the members that are wanted. */
  #wire: WireObject | undefined
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
    this.#reader = createMemberReader(shortMembers(this.#shape), memberLimit)
    this.#reader.write(all)
    return all
  }

  end(): Uint8Array | undefined {
    if (this.#reader !== undefined) {
      this.complete = this.#reader.closed
      return undefined
    }
    const body = joinBytes(this.#held)
    this.#held = []
    const wire = parseBody(body)
    if (!isRecord(wire)) return body
    this.#wire = wire
    const { member, type = 'array' } = this.#shape
    const value = wire[member]
    const hasError = 'error' in wire && wire['error'] !== null
    this.complete = isOf(type, value) && !(hasError && Array.isArray(value) && value.length === 0)
    if (!this.complete && hasError) this.error = wire
    return body
  }

  get started(): boolean {
    return this.#reader !== undefined
  }

  usage(): Usage | undefined {
    return this.#shape.readUsage(this.#member(this.#shape.usage ?? 'usage'))
  }

  finishReason(): FinishReason | undefined {
    const { finish, member } = this.#shape
    return this.#shape.readFinishReason(this.#member(finish ?? member))
  }

  storedId(): string | undefined {
    const { stored } = this.#shape
    return stored?.id(stored.members.map((name) => this.#member(name)))
  }

  processing(): string | undefined {
    const { processing, readProcessing } = this.#shape
    if (processing === undefined) return undefined
    const value = this.#member(processing)
    const word = readProcessing === undefined ? value : readProcessing(value)
    return typeof word === 'string' ? word : undefined
  }

  #member(name: string): unknown {
    if (this.#wire !== undefined) return this.#wire[name]
    const text = this.#reader?.value(name)
    return text === undefined ? undefined : parse(text)
  }
}

/** Those that are read, but for that by which the answer is known. */
function shortMembers({ usage = 'usage', finish, stored, processing }: ResultShape): readonly string[] {
  return [usage, ...[finish, processing].filter((name) => name !== undefined), ...(stored?.members ?? [])]
}

function isOf(type: NonNullable<ResultShape['type']>, value: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isRecord(value)
    case 'string':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number' && value >= 0
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
