import type { ChatEvent } from '../../ir/chat-event.ts'
import type { ContentPart } from '../../ir/chat.ts'
import { parseJson } from '../../json/parse-json.ts'
import { decodeCitation } from './citation.ts'
import { decodeBlock } from './content-block.ts'
import { decodeRedacted } from './redacted.ts'
import { inner, isRecord, isString, type WireObject } from './wire.ts'

/**
 * Turns the events of one content block into those of a part. What kind of part it is shows with its start, or with its
 * first delta. Blocks that have no deltas in the neutral form are told as a whole when they end.
 */
export class StreamBlock {
  readonly #emit: (event: ChatEvent) => void
  readonly #nextPart: () => number
  #part = -1
  #kind: ContentPart['type'] | undefined
  #said = false
  /** A block that is told at its end, by its kind. */
  #whole: { readonly kind: string; readonly head: WireObject; readonly pieces: unknown[] } | undefined

  /** @param nextPart gives the number of a part as it is opened. */
  constructor(emit: (event: ChatEvent) => void, nextPart: () => number) {
    this.#emit = emit
    this.#nextPart = nextPart
  }

  start(wire: WireObject): void {
    const [kind = ''] = Object.keys(wire)
    const head = inner(wire, kind) ?? {}
    const call = kind === 'toolUse' ? decodeBlock({ toolUse: head }, 'start') : undefined
    if (call?.type === 'tool-call') this.#open({ ...call, input: '' })
    else this.#whole = { kind, head, pieces: [] }
  }

  add(delta: WireObject): void {
    if (this.#whole !== undefined) {
      this.#whole.pieces.push(delta[this.#whole.kind])
      return
    }
    const { text, toolUse, reasoningContent, citation } = delta
    if (isString(text)) this.#text('text', text)
    else if (isRecord(toolUse)) this.#input(toolUse['input'])
    else if (isRecord(reasoningContent)) this.#reasoning(reasoningContent)
    else if (isRecord(citation) && this.#is('text')) {
      this.#emit({ type: 'annotation-add', ...this.#at(), annotation: decodeCitation(citation) })
    } else if (this.#kind === undefined) this.#begin(delta)
  }

  end(): void {
    if (this.#whole !== undefined) this.#open(decodeBlock(wholeOf(this.#whole), 'content'))
    if (this.#kind === undefined) return
    // A call without arguments gets no delta.
    if (this.#kind === 'tool-call' && !this.#said) this.#input('{}')
    this.#emit({ type: 'part-end', ...this.#at() })
  }

  /** A kind of block that came without its start. */
  #begin(delta: WireObject): void {
    const [kind = ''] = Object.keys(delta)
    this.#whole = { kind, head: {}, pieces: [delta[kind]] }
  }

  #text(kind: 'text' | 'reasoning', text: string): void {
    if (this.#is(kind)) this.#emit({ type: 'text-delta', ...this.#at(), text })
  }

  #input(input: unknown): void {
    if (this.#kind !== 'tool-call' || !isString(input) || input === '') return
    this.#said = true
    this.#emit({ type: 'tool-input-delta', ...this.#at(), input })
  }

  #reasoning({ text, signature, redactedContent }: WireObject): void {
    if (!this.#is('reasoning')) return
    if (isString(text)) this.#text('reasoning', text)
    if (isString(signature)) this.#emit({ type: 'reasoning-seal', ...this.#at(), signature })
    if (isString(redactedContent)) {
      this.#emit({ type: 'reasoning-seal', ...this.#at(), encrypted: decodeRedacted(redactedContent) })
    }
  }

  /** Whether the part is of this kind; opens it as such when it is the first to say so. */
  #is(kind: 'text' | 'reasoning'): boolean {
    if (this.#kind === undefined) this.#open({ type: kind, text: '' })
    return this.#kind === kind
  }

  #open(content: ContentPart): void {
    this.#part = this.#nextPart()
    this.#kind = content.type
    this.#emit({ type: 'part-start', choice: 0, part: this.#part, content })
  }

  #at(): { readonly choice: number; readonly part: number } {
    return { choice: 0, part: this.#part }
  }
}

/** The block as a whole answer would have it. */
function wholeOf({ kind, head, pieces }: { kind: string; head: WireObject; pieces: readonly unknown[] }): WireObject {
  if (kind === 'toolResult') return { toolResult: { ...head, content: joinTexts(pieces.flat()) } }
  if (kind === 'toolUse') {
    const text = pieces.map((piece) => (isRecord(piece) && isString(piece['input']) ? piece['input'] : '')).join('')
    return { toolUse: { ...head, input: parseJson(text === '' ? '{}' : text) ?? text } }
  }
  return { [kind]: Object.fromEntries([head, ...pieces.filter(isRecord)].flatMap(Object.entries)) }
}

/** Texts that follow one another are one. */
function joinTexts(pieces: readonly unknown[]): readonly unknown[] {
  const joined: unknown[] = []
  let texts: (WireObject & { readonly text: string })[] = []
  const endText = (): void => {
    if (texts.length > 0) joined.push(texts.length === 1 ? texts[0] : { text: texts.map(({ text }) => text).join('') })
    texts = []
  }
  for (const piece of pieces) {
    if (isText(piece)) texts.push(piece)
    else {
      endText()
      joined.push(piece)
    }
  }
  endText()
  return joined
}

function isText(piece: unknown): piece is WireObject & { readonly text: string } {
  return isRecord(piece) && isString(piece['text'])
}
