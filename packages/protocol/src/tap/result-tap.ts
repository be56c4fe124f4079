import type { Tap } from '../dialect.ts'
import { hasError, isErrorAnswer } from '../errors/find-error.ts'
import type { FinishReason } from '../ir/finish-reason.ts'
import type { Usage } from '../ir/usage.ts'
import { isRecord } from '../json/wire-object.ts'
import { HeldAnswer } from './held-answer.ts'

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

/** Watches a whole JSON answer that is relayed as it is. */
export function createResultTap(shape: ResultShape): Tap {
  return new ResultTap(shape)
}

/** A class, since one is made for every request. */
class ResultTap implements Tap {
  readonly #shape: ResultShape
  readonly #answer: HeldAnswer
  error: unknown = undefined
  complete = false

  constructor(shape: ResultShape) {
    this.#shape = shape
    this.#answer = new HeldAnswer(() => shortMembers(shape))
  }

  get started(): boolean {
    return this.#answer.relayed
  }

  write(chunk: Uint8Array): Uint8Array | undefined {
    return this.#answer.write(chunk)
  }

  end(): Uint8Array | undefined {
    const body = this.#answer.end()
    if (body === undefined) this.complete = this.#answer.closed
    else this.#judge(this.#answer.wire)
    return body
  }

  #judge(wire: unknown): void {
    const { member, type = 'array' } = this.#shape
    const value = this.#answer.member(member)
    this.complete = isOf(type, value) && !(Array.isArray(value) && value.length === 0 && hasError(wire))
    if (!this.complete && isErrorAnswer(wire)) this.error = wire
  }

  usage(): Usage | undefined {
    return this.#shape.readUsage(this.#answer.member(this.#shape.usage ?? 'usage'))
  }

  finishReason(): FinishReason | undefined {
    const { finish, member } = this.#shape
    return this.#shape.readFinishReason(this.#answer.member(finish ?? member))
  }

  storedId(): string | undefined {
    const { stored } = this.#shape
    return stored?.id(stored.members.map((name) => this.#answer.member(name)))
  }

  processing(): string | undefined {
    const { processing, readProcessing } = this.#shape
    if (processing === undefined) return undefined
    const value = this.#answer.member(processing)
    const word = readProcessing === undefined ? value : readProcessing(value)
    return typeof word === 'string' ? word : undefined
  }
}

/** Those that are read, but for that by which the answer is known where it is the answer itself. */
function shortMembers({ member, type, usage = 'usage', finish, stored, processing }: ResultShape): readonly string[] {
  const word = finish ?? (type === 'string' ? member : undefined)
  return [usage, ...[word, processing].filter((name) => name !== undefined), ...(stored?.members ?? [])]
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
