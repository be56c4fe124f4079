import type { CodecContext } from '../../dialect.ts'
import { append } from '../../ir/append.ts'
import type { Annotation, ContentPart, ReasoningPart, TextPart, TokenLogprob, ToolCallPart } from '../../ir/chat.ts'
import { isRecord, type WireObject } from '../../json/wire-object.ts'
import { encodeAnnotation } from './annotation.ts'
import { dropPart } from './content-part.ts'
import { encodeEncrypted } from './decode-item.ts'
import { encodeRefusal, encodeText, hasPlace } from './encode-items.ts'
import { encodeLogprobs } from './logprobs.ts'
import { formOf, kept, recordOr, splitExtra } from './wire.ts'

export interface WriterOptions {
  /** Sends one event; members are given in order, without type and sequence number. */
  readonly send: (type: string, members: WireObject) => void
  /** Sends one event whose members are JSON text already. */
  readonly sendText: (type: string, members: string) => void
  readonly id: (prefix: string, index: number) => string
  readonly context: CodecContext
}

/** One item that is being written. */
interface OpenItem {
  readonly index: number
  readonly id: string
  readonly wire: Record<string, unknown>
  readonly content: WireObject[]
  closed: boolean
}

/** One part that is being written. */
interface OpenPart {
  readonly start: ContentPart
  readonly item: OpenItem
  /** Of content; or of a piece of a summary. */
  readonly index: number
  readonly pieces: string[]
  readonly annotations: Annotation[]
  readonly tokens: TokenLogprob[]
  /** The members of its deltas, but the delta. */
  readonly delta: { readonly type: string; readonly members: string }
}

/** Writes the events of output items, with one counter for all of them. */
export class ItemWriter {
  readonly #options: WriterOptions
  readonly #parts = new Map<number, OpenPart>()
  readonly output: WireObject[] = []
  #items = 0
  /** The message that takes further texts, or the reasoning that takes further pieces. */
  #current: OpenItem | undefined
  /** Wait for the next text. */
  #tokens: TokenLogprob[] = []

  constructor(options: WriterOptions) {
    this.#options = options
  }

  start(at: number, part: ContentPart): void {
    const form = formOf(part.extensions)
    switch (part.type) {
      case 'text':
      case 'refusal':
        this.#startContent(at, part, form)
        return
      case 'reasoning':
        this.#startReasoning(at, part, form)
        return
      case 'tool-call':
        this.#startCall(at, part, form)
        return
      case 'other':
        this.#writeOther(part, form)
        return
      default:
        dropPart(this.#options.context, 'output', `An ${part.type} part of the model's`)
    }
  }

  grow(at: number, text: string): void {
    const open = this.#parts.get(at)
    if (open === undefined) return
    if (open.start.type === 'reasoning' && open.pieces.length === 0) this.#openPiece(open)
    open.pieces.push(text)
    let members = `${open.delta.members},"delta":${JSON.stringify(text)}`
    if (open.start.type === 'text') members += `,"logprobs":${this.#takeTokens(open)}`
    this.#options.sendText(open.delta.type, members)
  }

  annotate(at: number, annotation: Annotation): void {
    const open = this.#parts.get(at)
    const wire = encodeAnnotation(annotation, this.#options.context, 'annotations')
    if (open?.start.type !== 'text' || wire === undefined) return
    open.annotations.push(annotation)
    this.#options.send('response.output_text.annotation.added', {
      ...place(open),
      annotation_index: open.annotations.length - 1,
      annotation: wire,
    })
  }

  seal(at: number, seal: { readonly signature?: string; readonly encrypted?: string }): void {
    const open = this.#parts.get(at)
    const encrypted = encodeEncrypted(seal)
    if (open !== undefined && encrypted !== undefined) open.item.wire['encrypted_content'] = encrypted
  }

  addTokens(tokens: readonly TokenLogprob[]): void {
    append(this.#tokens, tokens)
  }

  end(at: number): void {
    const open = this.#parts.get(at)
    if (open === undefined) return
    this.#parts.delete(at)
    const { start } = open
    const text = open.pieces.join('')
    if (start.type === 'tool-call') this.#endCall(open, start, text)
    else if (start.type === 'reasoning') this.#endReasoning(open, text)
    else if (start.type === 'text') this.#endText(open, start, text)
    else if (start.type === 'refusal') {
      this.#options.send('response.refusal.done', { ...place(open), refusal: text })
      this.#endContent(open, encodeRefusal({ ...start, text }, this.#options.context, 'output'))
    }
  }

  /** Ends what is open. */
  close(): void {
    for (const at of this.#parts.keys()) this.end(at)
    this.#closeCurrent()
  }

  #open(wire: Record<string, unknown>, prefix: string, opened: WireObject): OpenItem {
    const index = this.#items++
    const id = typeof wire['id'] === 'string' ? wire['id'] : this.#options.id(prefix, index)
    const { type, ...others } = wire
    const item: OpenItem = { index, id, wire: { type, id, ...others }, content: [], closed: false }
    this.#options.send('response.output_item.added', { output_index: index, item: { ...item.wire, ...opened } })
    return item
  }

  #close(item: OpenItem): void {
    if (item.closed) return
    item.closed = true
    this.output[item.index] = item.wire
    this.#options.send('response.output_item.done', { output_index: item.index, item: item.wire })
  }

  #closeCurrent(): void {
    const item = this.#current
    if (item === undefined) return
    this.#current = undefined
    for (const [at, part] of this.#parts) if (part.item === item) this.end(at)
    this.#close(item)
  }

  #startContent(at: number, part: ContentPart & { type: 'text' | 'refusal' }, form: WireObject | undefined): void {
    if (this.#current?.wire['type'] !== 'message' || form?.['item'] !== undefined) {
      this.#closeCurrent()
      const own = {
        ...recordOr(form?.['item'], {}),
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [],
      }
      this.#current = this.#open(own, 'msg_', { status: 'in_progress' })
      this.#current.wire['content'] = this.#current.content
    }
    const item = this.#current
    const index = item.content.length
    // Holds the place, since parts may end in another order.
    item.content.push({})
    const members = `"item_id":${JSON.stringify(item.id)},"output_index":${item.index},"content_index":${index}`
    const type = part.type === 'text' ? 'response.output_text.delta' : 'response.refusal.delta'
    const open = openPart(part, item, index, { type, members })
    this.#parts.set(at, open)
    const wire =
      part.type === 'text'
        ? { type: 'output_text', text: '', annotations: [], logprobs: [] }
        : { type: 'refusal', refusal: '' }
    this.#options.send('response.content_part.added', { ...place(open), part: wire })
    if (part.text !== '') this.grow(at, part.text)
    if (part.type === 'text') for (const annotation of part.annotations ?? []) this.annotate(at, annotation)
  }

  #endText(open: OpenPart, start: TextPart, text: string): void {
    const { context } = this.#options
    this.#takeTokens(open)
    this.#options.send('response.output_text.done', { ...place(open), text, logprobs: encodeLogprobs(open.tokens) })
    const { annotations: _, ...rest } = start
    this.#endContent(open, encodeText({ ...rest, text, annotations: open.annotations }, open.tokens, context, 'output'))
  }

  #endContent(open: OpenPart, wire: WireObject): void {
    open.item.content[open.index] = wire
    this.#options.send('response.content_part.done', { ...place(open), part: wire })
  }

  /** As JSON text. */
  #takeTokens(open: OpenPart): string {
    if (this.#tokens.length === 0) return '[]'
    const tokens = this.#tokens
    this.#tokens = []
    append(open.tokens, tokens)
    return JSON.stringify(encodeLogprobs(tokens))
  }

  #startReasoning(at: number, part: ReasoningPart, form: WireObject | undefined): void {
    if (form?.['sameItem'] !== true || this.#current?.wire['type'] !== 'reasoning') {
      this.#closeCurrent()
      const own = isRecord(form?.['item']) ? form['item'] : {}
      this.#current = this.#open({ ...own, type: 'reasoning', summary: [] }, 'rs_', {})
    }
    const item = this.#current
    kept(part.extensions, this.#options.context, 'output')
    const raw = form?.['kind'] === 'content'
    const type = raw ? 'response.reasoning_text.delta' : 'response.reasoning_summary_text.delta'
    const members = `"item_id":${JSON.stringify(item.id)},"output_index":${item.index},"${raw ? 'content' : 'summary'}_index":0`
    const open = openPart(part, item, 0, { type, members })
    this.#parts.set(at, open)
    this.seal(at, part)
    if (part.text !== '') this.grow(at, part.text)
  }

  /** Reasoning that is only encrypted has no piece. */
  #openPiece({ item, delta }: OpenPart): void {
    const at = { item_id: item.id, output_index: item.index }
    if (delta.type === 'response.reasoning_text.delta') {
      this.#options.send('response.content_part.added', {
        ...at,
        content_index: 0,
        part: { type: 'reasoning_text', text: '' },
      })
    } else
      this.#options.send('response.reasoning_summary_part.added', {
        ...at,
        summary_index: 0,
        part: { type: 'summary_text', text: '' },
      })
  }

  #endReasoning(open: OpenPart, text: string): void {
    const raw = open.delta.type === 'response.reasoning_text.delta'
    if (text !== '') {
      const index = raw ? { content_index: 0 } : { summary_index: 0 }
      const at = { item_id: open.item.id, output_index: open.item.index, ...index }
      const part = { type: raw ? 'reasoning_text' : 'summary_text', text }
      this.#options.send(raw ? 'response.reasoning_text.done' : 'response.reasoning_summary_text.done', { ...at, text })
      this.#options.send(raw ? 'response.content_part.done' : 'response.reasoning_summary_part.done', { ...at, part })
      open.item.wire[raw ? 'content' : 'summary'] = [part]
    }
  }

  #startCall(at: number, part: ToolCallPart, form: WireObject | undefined): void {
    this.#closeCurrent()
    const custom = part.kind === 'custom'
    const member = custom ? 'input' : 'arguments'
    const { extra, extensions } = splitExtra(part.extensions)
    const wire = {
      ...recordOr(form?.['item'], {}),
      type: custom ? 'custom_tool_call' : 'function_call',
      status: 'completed',
      ...kept(extensions, this.#options.context, 'output'),
      ...extra,
      call_id: part.id,
      name: part.name,
      ...(part.namespace !== undefined && { namespace: part.namespace }),
      [member]: '',
    }
    const item = this.#open(wire, custom ? 'ctc_' : 'fc_', { status: 'in_progress' })
    const type = custom ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta'
    const members = `"item_id":${JSON.stringify(item.id)},"output_index":${item.index}`
    this.#parts.set(at, openPart(part, item, 0, { type, members }))
    if (part.input !== '') this.grow(at, part.input)
  }

  #endCall({ item }: OpenPart, part: ToolCallPart, input: string): void {
    const custom = part.kind === 'custom'
    item.wire[custom ? 'input' : 'arguments'] = input
    const at = { item_id: item.id, output_index: item.index }
    if (custom) this.#options.send('response.custom_tool_call_input.done', { ...at, input })
    else this.#options.send('response.function_call_arguments.done', { ...at, name: part.name, arguments: input })
    this.#close(item)
  }

  #writeOther(part: ContentPart, form: WireObject | undefined): void {
    const wire = kept(part.extensions, this.#options.context, 'output')
    if (wire === undefined) return dropPart(this.#options.context, 'output', 'This part')
    const message = this.#current?.wire['type'] === 'message' ? this.#current : undefined
    if (hasPlace(form) && form?.['item'] === undefined && message !== undefined) {
      message.content.push(wire)
      return
    }
    this.#closeCurrent()
    if (hasPlace(form)) {
      const own = {
        ...recordOr(form?.['item'], {}),
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [],
      }
      this.#current = this.#open(own, 'msg_', { status: 'in_progress' })
      this.#current.wire['content'] = this.#current.content
      this.#current.content.push(wire)
    } else this.#close(this.#open({ ...wire }, 'item_', {}))
  }
}

function openPart(start: ContentPart, item: OpenItem, index: number, delta: OpenPart['delta']): OpenPart {
  return { start, item, index, pieces: [], annotations: [], tokens: [], delta }
}

function place({ item, index }: OpenPart): WireObject {
  return { item_id: item.id, output_index: item.index, content_index: index }
}
