import type { ContentPart } from '../../ir/chat.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { callPrefix, finishOf } from './decode-result.ts'
import { decodeGrounding } from './grounding.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodePart } from './part.ts'
import { isArray, isFilled, isRecord, keep, ownOf, type WireObject } from './wire.ts'

/** Of the answer's text, kept so that sources can be put to their places; longer answers get them without. */
const keptText = 1024 * 1024

interface OpenText {
  readonly kind: 'text' | 'reasoning'
  readonly part: number
  text: string
}

/** Members of a candidate that have events of their own. */
const known: ReadonlySet<string> = new Set(['content', 'index', 'finishReason', 'logprobsResult'])

/** Reads one candidate out of the chunks of a stream, each of which holds whole parts: pieces of text, or a call. */
export class StreamCandidate {
  readonly #emit: (event: ChatEvent) => void
  readonly #choice: number
  readonly #callPrefix: string
  #parts = 0
  #calls = 0
  #open: OpenText | undefined
  /** A signature on an empty text: told when the text before it is over. */
  #pending: ContentPart[] = []
  #grounding: unknown
  #members: Record<string, unknown> | undefined
  finished = false

  constructor(emit: (event: ChatEvent) => void, choice: number, resultId: string) {
    this.#emit = emit
    this.#choice = choice
    this.#callPrefix = callPrefix(resultId, choice)
  }

  read(wire: WireObject): void {
    const { content, finishReason, logprobsResult, groundingMetadata } = wire
    if (groundingMetadata !== undefined) this.#grounding = groundingMetadata
    this.#readMembers(wire)
    if (!this.finished && isRecord(content) && isArray(content['parts'])) {
      for (const part of content['parts']) if (isRecord(part)) this.#readPart(part)
    }
    const logprobs = decodeLogprobs(logprobsResult)
    if (logprobs !== undefined) this.#emit({ type: 'logprobs-add', choice: this.#choice, ...logprobs })
    if (isFilled(finishReason)) this.#finish(finishReason)
  }

  /** The prompt was blocked: there is no candidate. */
  block(reason: string): void {
    if (this.finished) return
    this.finished = true
    const choice = this.#choice
    const { extensions } = keep(undefined, { blocked: true })
    if (extensions !== undefined) this.#emit({ type: 'choice-extend', choice, extensions })
    this.#emit({ type: 'choice-finish', choice, finishReason: 'content-filter', providerFinishReason: reason })
  }

  /** The last value of each counts; they are told with the end. */
  #readMembers(wire: WireObject): void {
    for (const name in wire) {
      if (known.has(name)) continue
      const value = wire[name]
      if (this.finished) this.#extend({ [name]: value })
      else (this.#members ??= {})[name] = value
    }
  }

  #extend(members: WireObject): void {
    const { extensions } = keep(members)
    if (extensions !== undefined) this.#emit({ type: 'choice-extend', choice: this.#choice, extensions })
  }

  #readPart(wire: WireObject): void {
    const part = decodePart(wire, `${this.#callPrefix}${this.#calls}`)
    if (part.type !== 'text' && part.type !== 'reasoning') {
      this.#whole(part)
      return
    }
    if (ownOf(part.extensions) === undefined) {
      this.#append(part.type, part.text)
      if (part.type === 'reasoning' && part.signature !== undefined) this.#seal(part.signature)
    } else if (part.text === '') this.#pending.push(part)
    else this.#whole(part)
  }

  #append(kind: OpenText['kind'], text: string): void {
    if (text === '') return
    if (this.#open?.kind !== kind || this.#pending.length > 0) {
      this.#close()
      this.#open = { kind, part: this.#start({ type: kind, text: '' }), text: '' }
    }
    const open = this.#open
    if (open === undefined) return
    if (kind === 'text' && open.text.length < keptText) open.text += text
    this.#emit({ type: 'text-delta', choice: this.#choice, part: open.part, text })
  }

  /** The reasoning so far has its signature; what follows is another part. */
  #seal(signature: string): void {
    const choice = this.#choice
    const part = this.#open?.kind === 'reasoning' ? this.#open.part : this.#start({ type: 'reasoning', text: '' })
    this.#emit({ type: 'reasoning-seal', choice, part, signature })
    if (this.#open?.part === part) this.#close()
    else this.#end(part)
  }

  /** A part that came at once. */
  #whole(content: ContentPart): void {
    this.#close()
    const choice = this.#choice
    switch (content.type) {
      case 'text':
      case 'reasoning': {
        const part = this.#start({ ...content, text: '' })
        if (content.text !== '') this.#emit({ type: 'text-delta', choice, part, text: content.text })
        this.#end(part)
        return
      }
      case 'tool-call': {
        this.#calls++
        const part = this.#start({ ...content, input: '' })
        this.#emit({ type: 'tool-input-delta', choice, part, input: content.input })
        this.#end(part)
        return
      }
      default:
        this.#end(this.#start(content))
    }
  }

  #start(content: ContentPart): number {
    const part = this.#parts++
    this.#emit({ type: 'part-start', choice: this.#choice, part, content })
    return part
  }

  #end(part: number): void {
    this.#emit({ type: 'part-end', choice: this.#choice, part })
  }

  #close(): void {
    const open = this.#open
    this.#open = undefined
    if (open !== undefined) {
      if (open.kind === 'text' && open.text.length < keptText) this.#annotate(open)
      this.#end(open.part)
    }
    for (const part of this.#pending.splice(0)) this.#end(this.#start(part))
  }

  #annotate({ part, text }: OpenText): void {
    for (const annotation of decodeGrounding(this.#grounding, text)) {
      this.#emit({ type: 'annotation-add', choice: this.#choice, part, annotation })
    }
    this.#grounding = undefined
  }

  #finish(word: string): void {
    if (this.finished) return
    this.#close()
    if (this.#members !== undefined) this.#extend(this.#members)
    this.finished = true
    this.#emit({ type: 'choice-finish', choice: this.#choice, ...finishOf(word, this.#calls > 0) })
  }
}
