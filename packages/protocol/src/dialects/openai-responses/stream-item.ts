import type { Annotation, ContentPart, TokenLogprob } from '../../ir/chat.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { isArray, isRecord, isString, type WireObject } from '../../json/wire-object.ts'
import { decodeAnnotation } from './annotation.ts'
import { decodeContent, decodeEncrypted, decodeItem, pieceSeparator } from './decode-item.ts'
import { decodeLogprobs } from './logprobs.ts'
import { formOf, keep } from './wire.ts'

interface OpenPart {
  readonly part: number
  /** How much was told, to catch up from what repeats it whole. */
  length: number
  tokens: number
  annotations: number
  /** Of reasoning: the piece that is being told. */
  piece: unknown
  closed: boolean
}

/** What the items of one stream share. */
export interface ItemSink {
  readonly emit: (event: ChatEvent) => void
  parts: number
  hasCalls: boolean
}

type Kind = 'summary' | 'content'

/** Turns the events of one output item into parts. */
export class StreamItem {
  readonly #sink: ItemSink
  readonly #wire: WireObject
  /** By the index of the content, the kind of reasoning, or `call`. */
  readonly #parts = new Map<unknown, OpenPart>()
  done = false

  /** @param wire the item as it was opened. */
  constructor(sink: ItemSink, wire: WireObject) {
    this.#sink = sink
    // What is told of it is told once it is over.
    this.#wire = 'status' in wire ? { ...wire, status: 'completed' } : wire
    const { type } = wire
    if (type === 'function_call' || type === 'custom_tool_call') this.#openAs('call', decodeItem(this.#wire)[0]!)
  }

  openContent(index: unknown, part: WireObject): void {
    if (this.done || this.#parts.has(index)) return
    if (part['type'] === 'reasoning_text') return void this.#reasoning('content')
    const content = decodeContent(part, this.#place(), null)
    // One of another kind is told when it is whole.
    if (content.type === 'text' || content.type === 'refusal') this.#openAs(index, content)
  }

  /** A fragment of a text or a refusal. */
  addText(index: unknown, type: 'text' | 'refusal', text: unknown, logprobs: unknown): void {
    if (this.done || !isString(text)) return
    let open = this.#parts.get(index)
    if (open === undefined) {
      const content: ContentPart = { type, text: '', ...keep(undefined, this.#place()) }
      open = this.#openAs(index, content)
    }
    if (open.closed) return
    if (type === 'text') this.#addTokens(open, decodeLogprobs(logprobs))
    this.#grow(open, text)
  }

  /** A fragment of a call's input. */
  addInput(input: unknown): void {
    const open = this.#parts.get('call')
    if (this.done || open === undefined || !isString(input) || input === '') return
    open.length += input.length
    this.#sink.emit({ type: 'tool-input-delta', choice: 0, part: open.part, input })
  }

  /** A new piece of reasoning, or a fragment of the present one. */
  addReasoning(kind: Kind, piece: unknown, text: unknown): void {
    if (this.done) return
    const open = this.#reasoning(kind)
    if (open.piece !== undefined && piece !== open.piece) this.#grow(open, pieceSeparator)
    open.piece = piece ?? 0
    if (isString(text)) this.#grow(open, text)
  }

  addAnnotation(index: unknown, wire: unknown): void {
    const open = this.#parts.get(index)
    if (this.done || open === undefined || open.closed || !isRecord(wire)) return
    this.#addAnnotations(open, [decodeAnnotation(wire)])
  }

  /** A content part is whole. */
  endContent(index: unknown, wire: WireObject): void {
    if (this.done || wire['type'] === 'reasoning_text') return
    const open = this.#parts.get(index)
    if (open === undefined) return
    const tokens: TokenLogprob[] = []
    this.#catchUp(open, decodeContent(wire, {}, tokens), tokens)
    this.#close(open)
  }

  /** The item is whole: what no fragment told is told now. */
  finish(wire: WireObject): void {
    if (this.done) return
    const content = wire['type'] === 'message' && isArray(wire['content']) ? wire['content'] : []
    const own = wire['type'] === 'message' && content.every(isRecord) ? content : undefined
    if (own !== undefined && own.length > 0) own.forEach((part, index) => this.#finishContent(index, part))
    else this.#finishWhole(wire)
    this.close()
  }

  /** Ends what is open. */
  close(): void {
    for (const open of this.#parts.values()) this.#close(open)
    this.done = true
  }

  #finishContent(index: number, wire: WireObject): void {
    const tokens: TokenLogprob[] = []
    const open = this.#parts.get(index)
    if (open === undefined)
      this.#tell(index, decodeContent(wire, this.#place(), null), decodeLogprobs(wire['logprobs']))
    else this.#catchUp(open, decodeContent(wire, {}, tokens), tokens)
  }

  /** An item that is no message, or one without parts. */
  #finishWhole(wire: WireObject): void {
    for (const part of decodeItem(wire)) {
      const open = this.#parts.get(keyOf(part)) ?? this.#alone(part)
      if (open !== undefined) this.#catchUp(open, part, [])
      else if (part.type !== 'other' || this.#parts.size === 0) this.#tell(keyOf(part), part, [])
    }
    const [first] = this.#parts.values()
    const seal = wire['type'] === 'reasoning' ? decodeEncrypted(wire['encrypted_content']) : {}
    if (first !== undefined && !first.closed && Object.keys(seal).length > 0) {
      this.#sink.emit({ type: 'reasoning-seal', choice: 0, part: first.part, ...seal })
    }
  }

  /** Reasoning that says nothing belongs to whatever part of it there is. */
  #alone(part: ContentPart): OpenPart | undefined {
    return part.type === 'reasoning' && part.text === '' ? this.#parts.values().next().value : undefined
  }

  /** Tells a part of which nothing was told. */
  #tell(key: unknown, part: ContentPart, tokens: readonly TokenLogprob[]): void {
    const open = this.#openAs(key, part)
    this.#catchUp(open, part, tokens)
    if (part.type !== 'reasoning') this.#close(open)
  }

  #catchUp(open: OpenPart, part: ContentPart, tokens: readonly TokenLogprob[]): void {
    if (open.closed) return
    this.#addTokens(open, tokens.slice(open.tokens))
    if (part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning')
      this.#grow(open, part.text.slice(open.length))
    else if (part.type === 'tool-call' && part.input.length > open.length) this.addInput(part.input.slice(open.length))
    if (part.type === 'text') this.#addAnnotations(open, (part.annotations ?? []).slice(open.annotations))
  }

  #reasoning(kind: Kind): OpenPart {
    const known = this.#parts.get(kind)
    if (known !== undefined) return known
    const content: ContentPart = { type: 'reasoning', text: '', ...keep(undefined, { ...this.#place(), kind }) }
    return this.#openAs(kind, content)
  }

  /** Notes which item a part belongs to. */
  #place(): WireObject {
    if (this.#parts.size > 0) return { sameItem: true }
    const { content: _, summary: __, encrypted_content: ___, ...item } = this.#wire
    return { item: item['type'] === 'reasoning' ? { ...item, summary: [] } : item }
  }

  #openAs(key: unknown, content: ContentPart): OpenPart {
    const open = { part: this.#sink.parts++, length: 0, tokens: 0, annotations: 0, piece: undefined, closed: false }
    this.#parts.set(key, open)
    if (content.type === 'tool-call') this.#sink.hasCalls = true
    this.#sink.emit({ type: 'part-start', choice: 0, part: open.part, content: opening(content) })
    return open
  }

  #grow(open: OpenPart, text: string): void {
    if (text === '') return
    open.length += text.length
    this.#sink.emit({ type: 'text-delta', choice: 0, part: open.part, text })
  }

  #addTokens(open: OpenPart, content: readonly TokenLogprob[]): void {
    if (content.length === 0) return
    open.tokens += content.length
    this.#sink.emit({ type: 'logprobs-add', choice: 0, content })
  }

  #addAnnotations(open: OpenPart, annotations: readonly Annotation[]): void {
    for (const annotation of annotations) {
      open.annotations++
      this.#sink.emit({ type: 'annotation-add', choice: 0, part: open.part, annotation })
    }
  }

  #close(open: OpenPart): void {
    if (!open.closed) this.#sink.emit({ type: 'part-end', choice: 0, part: open.part })
    open.closed = true
  }
}

/** The part before its deltas. */
function opening(part: ContentPart): ContentPart {
  switch (part.type) {
    case 'text': {
      const { annotations: _, ...rest } = part
      return { ...rest, text: '' }
    }
    case 'reasoning': {
      const { signature: _, encrypted: __, ...rest } = part
      return { ...rest, text: '' }
    }
    case 'refusal':
      return { ...part, text: '' }
    case 'tool-call':
      return { ...part, input: '' }
    default:
      return part
  }
}

function keyOf(part: ContentPart): unknown {
  if (part.type === 'tool-call') return 'call'
  if (part.type === 'reasoning') return formOf(part.extensions)?.['kind'] ?? 'summary'
  return part.type === 'other' ? 'whole' : 0
}
