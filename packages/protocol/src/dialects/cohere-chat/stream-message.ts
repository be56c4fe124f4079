import type { ChatEvent } from '../../ir/chat-event.ts'
import type { ContentPart } from '../../ir/chat.ts'
import { planPart } from './assistant-message.ts'
import { decodeCitation } from './citation.ts'
import { decodePart } from './content-part.ts'
import { decodeToolCall } from './tool-call.ts'
import { isFilled, isNumber, keep, type WireObject } from './wire.ts'

interface OpenPart {
  readonly kind: ContentPart['type']
  readonly part: number
  open: boolean
  /** A call that has begun its arguments. */
  said: boolean
}

/**
 * Turns the events of one message into those of its parts. A text stays open after its end until something else begins,
 * since its citations follow it.
 */
export class StreamMessage {
  readonly #emit: (event: ChatEvent) => void
  readonly #callPrefix: string
  #parts = 0
  readonly #contents = new Map<number, OpenPart>()
  /** Where the first text is: what a citation is of that does not say. */
  #firstText: number | undefined
  readonly #calls = new Map<number, OpenPart>()
  /** Of the contents: those that are open though they have ended. */
  readonly #ended = new Set<OpenPart>()
  #plan: OpenPart | undefined
  /** Citations of what is closed already, or no text. */
  readonly #unplaced: WireObject[] = []

  constructor(emit: (event: ChatEvent) => void, callPrefix: string) {
    this.#emit = emit
    this.#callPrefix = callPrefix
  }

  startContent(index: number, wire: WireObject): void {
    this.#close(this.#contents.get(index))
    this.#closeEnded()
    const typed = wire['type'] === undefined ? { ...wire, type: 'thinking' in wire ? 'thinking' : 'text' } : wire
    // A beginning may leave out the empty text.
    const member = typed['type'] === 'thinking' ? 'thinking' : 'text'
    const content = decodePart({ [member]: '', ...typed }, 'content')
    const part = content.type === 'other' ? keep(wire).extensions : undefined
    this.#openContent(index, part === undefined ? content : { type: 'other', extensions: part })
  }

  addContent(index: number, { text, thinking }: WireObject): void {
    const more = isFilled(text) ? text : thinking
    if (!isFilled(more)) return
    const kind = isFilled(text) ? 'text' : 'reasoning'
    let content = this.#contents.get(index)
    if (content?.open !== true) {
      this.#closeEnded()
      content = this.#openContent(index, { type: kind, text: '' })
    }
    if (content.kind === kind) this.#emit({ type: 'text-delta', choice: 0, part: content.part, text: more })
  }

  endContent(index: number): void {
    const content = this.#contents.get(index)
    if (content === undefined) return
    if (content.kind === 'text') this.#ended.add(content)
    else this.#close(content)
  }

  addPlan(text: string): void {
    if (this.#plan?.open !== true) {
      this.#closeEnded()
      this.#plan = this.#open(planPart(''))
    }
    this.#emit({ type: 'text-delta', choice: 0, part: this.#plan.part, text })
  }

  startCall(index: number, wire: WireObject): void {
    this.#close(this.#calls.get(index))
    this.#close(this.#plan)
    this.#closeEnded()
    const call = decodeToolCall(wire, `${this.#callPrefix}${index}`)
    if (call.type !== 'tool-call') {
      this.#calls.set(index, this.#open(call))
      return
    }
    const { input, extensions: _, ...bare } = call
    this.#calls.set(index, this.#open({ ...bare, input: '' }))
    if (input !== '{}') this.addInput(index, input)
  }

  addInput(index: number, input: unknown): void {
    const call = this.#calls.get(index)
    if (call?.open !== true || call.kind !== 'tool-call' || !isFilled(input)) return
    call.said = true
    this.#emit({ type: 'tool-input-delta', choice: 0, part: call.part, input })
  }

  endCall(index: number): void {
    this.#close(this.#calls.get(index))
  }

  cite(wire: WireObject): void {
    const { content_index: index, type } = wire
    const at = isNumber(index) ? index : this.#firstText
    const cited = type === 'PLAN' ? this.#plan : at === undefined ? undefined : this.#contents.get(at)
    if (cited?.open === true && cited.kind === 'text') {
      this.#emit({ type: 'annotation-add', choice: 0, part: cited.part, annotation: decodeCitation(wire) })
    } else this.#unplaced.push(wire)
  }

  end(): void {
    for (const content of this.#contents.values()) this.#close(content)
    this.#close(this.#plan)
    for (const call of this.#calls.values()) this.#close(call)
    const { extensions } = keep(this.#unplaced.length === 0 ? undefined : { citations: this.#unplaced })
    if (extensions !== undefined) this.#emit({ type: 'choice-extend', choice: 0, extensions })
  }

  #open(content: ContentPart): OpenPart {
    const part = this.#parts++
    this.#emit({ type: 'part-start', choice: 0, part, content })
    return { kind: content.type, part, open: true, said: false }
  }

  #openContent(index: number, content: ContentPart): OpenPart {
    const part = this.#open(content)
    this.#contents.set(index, part)
    if (part.kind === 'text') this.#firstText ??= index
    return part
  }

  #closeEnded(): void {
    for (const content of this.#ended) this.#close(content)
    this.#ended.clear()
  }

  #close(part: OpenPart | undefined): void {
    if (part?.open !== true) return
    part.open = false
    // A call without arguments gets no delta.
    if (part.kind === 'tool-call' && !part.said) {
      this.#emit({ type: 'tool-input-delta', choice: 0, part: part.part, input: '{}' })
    }
    this.#emit({ type: 'part-end', choice: 0, part: part.part })
  }
}
