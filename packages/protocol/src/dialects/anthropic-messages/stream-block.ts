import type { ChatEvent } from '../../ir/chat-event.ts'
import type { ContentPart } from '../../ir/chat.ts'
import { parseJson } from '../../json/parse-json.ts'
import { decodeCitation } from './citation.ts'
import { decodeBlock } from './content-block.ts'
import { isRecord, isString, keep, type WireObject } from './wire.ts'

/**
 * Turns the events of one content block into those of a part. A block that only this wire knows has no deltas in
 * the neutral form: it is told as a whole when it ends.
 */
export class StreamBlock {
  readonly #emit: (event: ChatEvent) => void
  readonly #nextPart: () => number
  #part = -1
  readonly #kind: ContentPart['type']
  #said = false
  /** What is known of a block that is told at its end. */
  #whole: Record<string, unknown> | undefined
  readonly #input: string[] = []

  /** @param nextPart gives the number of a part as it is opened. */
  constructor(emit: (event: ChatEvent) => void, nextPart: () => number, wire: unknown) {
    this.#emit = emit
    this.#nextPart = nextPart
    const content = opened(decodeBlock(wire, 'content_block'))
    this.#kind = content.type
    if (content.type === 'other') this.#whole = { ...(wire as WireObject) }
    else this.#open(content)
    if (content.type === 'tool-call' && isRecord(wire) && hasMembers(wire['input']))
      this.#addInput(JSON.stringify(wire['input']))
  }

  add(delta: WireObject): void {
    if (this.#whole !== undefined) return this.#addToWhole(this.#whole, delta)
    const { type, text, thinking, partial_json: json, signature, citation } = delta
    const at = { choice: 0, part: this.#part }
    if (type === 'text_delta' && this.#kind === 'text' && isString(text))
      this.#emit({ type: 'text-delta', ...at, text })
    else if (type === 'thinking_delta' && this.#kind === 'reasoning' && isString(thinking)) {
      this.#emit({ type: 'text-delta', ...at, text: thinking })
    } else if (type === 'signature_delta' && this.#kind === 'reasoning' && isString(signature)) {
      if (signature !== '') this.#emit({ type: 'reasoning-seal', ...at, signature })
    } else if (type === 'input_json_delta' && this.#kind === 'tool-call' && isString(json)) this.#addInput(json)
    else if (type === 'citations_delta' && this.#kind === 'text' && isRecord(citation)) {
      this.#emit({ type: 'annotation-add', ...at, annotation: decodeCitation(citation) })
    }
  }

  end(): void {
    if (this.#whole !== undefined) this.#openWhole(this.#whole)
    // A call without arguments gets no delta.
    if (this.#kind === 'tool-call' && !this.#said) this.#addInput('{}')
    this.#emit({ type: 'part-end', choice: 0, part: this.#part })
  }

  #open(content: ContentPart): void {
    this.#part = this.#nextPart()
    this.#emit({ type: 'part-start', choice: 0, part: this.#part, content })
  }

  #openWhole(whole: Record<string, unknown>): void {
    const input = this.#input.length === 0 ? undefined : parseJson(this.#input.join(''))
    if (input !== undefined) whole['input'] = input
    this.#open({ type: 'other', extensions: keep(whole).extensions ?? {} })
  }

  #addInput(input: string): void {
    if (input === '') return
    this.#said = true
    this.#emit({ type: 'tool-input-delta', choice: 0, part: this.#part, input })
  }

  #addToWhole(whole: Record<string, unknown>, { type, ...members }: WireObject): void {
    if (type === 'input_json_delta') {
      if (isString(members['partial_json'])) this.#input.push(members['partial_json'])
      return
    }
    for (const [name, value] of Object.entries(members)) {
      const before = whole[name]
      whole[name] = isString(before) && isString(value) ? before + value : value
    }
  }
}

/** The part as it stands at the block's start. */
function opened(content: ContentPart): ContentPart {
  return content.type === 'tool-call' ? { ...content, input: '' } : content
}

function hasMembers(input: unknown): boolean {
  return isRecord(input) ? Object.keys(input).length > 0 : input !== undefined && input !== null
}
