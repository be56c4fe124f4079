import { joinBytes } from '../bytes/join-bytes.ts'
import { createMemberReader, type MemberReader } from '../json/member-reader.ts'
import { parseBody } from '../json/parse-body.ts'
import { parseJson } from '../json/parse-json.ts'
import { isRecord, type WireObject } from '../json/wire-object.ts'

/** An answer up to this size is held until it is whole, so that a failure can still be answered otherwise. */
const holdLimit = 1024 * 1024
/** Of one captured member in answers that are larger. */
const memberLimit = 64 * 1024

/** A JSON answer that is relayed as it is, held until it is whole or too large for that, as pictures make it. */
export class HeldAnswer {
  readonly #members: () => readonly string[]
  #pieces: Uint8Array[] = []
  #size = 0
  /** Parsed as a whole: that takes the platform less than to look for the members that are wanted. */
  #wire: unknown
  /** Takes over when the answer is too large to be held. */
  #reader: MemberReader | undefined

  /** @param members what is captured of an answer that is too large. */
  constructor(members: () => readonly string[]) {
    this.#members = members
  }

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#reader !== undefined) {
      this.#reader.write(chunk)
      return chunk
    }
    this.#pieces.push(chunk)
    this.#size += chunk.length
    if (this.#size <= holdLimit) return undefined
    const all = joinBytes(this.#pieces)
    this.#pieces = []
    this.#reader = createMemberReader(this.#members(), memberLimit)
    this.#reader.write(all)
    return all
  }

  /** What was held; `undefined` where it is on its way already. */
  end(): Uint8Array | undefined {
    if (this.#reader !== undefined) return undefined
    const body = joinBytes(this.#pieces)
    this.#pieces = []
    this.#wire = parseBody(body)
    return body
  }

  /** Whether it is too large to be held. */
  get relayed(): boolean {
    return this.#reader !== undefined
  }

  /** Whether one that is relayed was read to its closing brace. */
  get closed(): boolean {
    return this.#reader?.closed === true
  }

  /** One that was held, after its end; `undefined` where that is no JSON, or no UTF-8. */
  get wire(): unknown {
    return this.#wire
  }

  member(name: string): unknown {
    if (isRecord(this.#wire)) return this.#wire[name]
    const text = this.#reader?.value(name)
    return text === undefined ? undefined : parseJson(text)
  }

  /** The answer as far as it is known. */
  members(): WireObject {
    if (isRecord(this.#wire)) return this.#wire
    return Object.fromEntries(this.#members().map((name) => [name, this.member(name)]))
  }
}
