import type { StreamEncodeContext, StreamEncoder } from '../../dialect.ts'
import type { Annotation } from '../../ir/chat.ts'
import { PartQueue, type QueuedPart } from '../../framing/part-queue.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { Extensions } from '../../ir/extensions.ts'
import type { Usage } from '../../ir/usage.ts'
import { isPlan } from './assistant-message.ts'
import { encodeCitation } from './citation.ts'
import { warnChoices } from './encode-result.ts'
import { encodeErrorEvent } from './error.ts'
import { finishWord } from './finish-reason.ts'
import { frame } from './frame.ts'
import { encodeItem } from './logprobs.ts'
import { createPartWriter, type Counters, type PartWriter } from './part-writer.ts'
import { encodeKeptUsage } from './usage.ts'
import { formOf, isArray, kept, type WireObject } from './wire.ts'

/**
 * Writes a stream of chat events: `message-start`, each part from its start to its end before the next one begins,
 * `message-end` with the finish reason and the usage, `[DONE]`.
 */
export function createStreamEncoder(
  emit: (text: string) => void,
  context: StreamEncodeContext,
): StreamEncoder<ChatEvent> {
  return new CohereStreamEncoder(emit, context)
}

type ChoiceEvent = Extract<ChatEvent, { readonly choice: number }>

interface OpenPart {
  readonly place: QueuedPart
  readonly writer: PartWriter
  /** Where citations of it point. */
  readonly cited: { readonly type: 'TEXT_CONTENT' | 'PLAN'; readonly index: number }
  /** Of a text, to quote from it. */
  text: string
}

/** Of one text, kept to quote what is cited. */
const keptText = 1024 * 1024

class CohereStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #emit: (text: string) => void
  readonly #context: StreamEncodeContext
  readonly #queue: PartQueue
  readonly #parts = new Map<number, OpenPart>()
  readonly #counters: Counters = { content: 0, calls: 0 }
  #citations = 0
  #finish = 'COMPLETE'
  #usage: Usage | undefined
  #providerUsage: unknown
  #members: WireObject | undefined

  constructor(emit: (text: string) => void, context: StreamEncodeContext) {
    this.#emit = emit
    this.#context = context
    // The events of its parts come whole.
    this.#queue = new PartQueue((_, frames) => emit(frames))
  }

  write(event: ChatEvent): void {
    switch (event.type) {
      case 'message-start':
        this.#start(event.id, event.extensions)
        return
      case 'message-extend':
        this.#providerUsage = formOf(event.extensions)?.['usage'] ?? this.#providerUsage
        this.#members = { ...this.#members, ...kept(event.extensions, this.#context, '') }
        return
      case 'usage':
        this.#usage = event.usage
        return
      case 'warning':
        return
      case 'error':
        this.#emit(encodeErrorEvent(event.error))
        return
      case 'message-end':
        this.#end()
        return
      default:
        if (event.choice === 0) this.#writeChoice(event)
        else warnChoices(this.#context)
    }
  }

  #start(id: string, extensions: Extensions | undefined): void {
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
    const start = { id, ...kept(extensions, this.#context, ''), delta: { message } }
    this.#emit(frame('message-start', JSON.stringify(start).slice(1, -1)))
  }

  #writeChoice(event: ChoiceEvent): void {
    switch (event.type) {
      case 'part-start': {
        const { content, part } = event
        const place = this.#queue.open()
        const cited = { type: isPlan(content) ? 'PLAN' : 'TEXT_CONTENT', index: this.#counters.content } as const
        const write = (text: string): void => place.delta(text)
        const writer = createPartWriter(content, write, this.#counters, this.#context, `message.content[${part}]`)
        const text = content.type === 'text' ? content.text : ''
        const open = { place, writer, cited, text }
        this.#parts.set(part, open)
        if (content.type === 'text') for (const annotation of content.annotations ?? []) this.#cite(annotation, open)
        return
      }
      case 'text-delta': {
        const part = this.#parts.get(event.part)
        if (part === undefined) return
        if (part.text.length < keptText) part.text += event.text
        part.writer.add(event.text)
        return
      }
      case 'tool-input-delta':
        this.#parts.get(event.part)?.writer.add(event.input)
        return
      case 'annotation-add': {
        const part = this.#parts.get(event.part)
        if (part !== undefined) this.#cite(event.annotation, part)
        return
      }
      case 'reasoning-seal':
        this.#parts.get(event.part)?.writer.seal?.(event.signature, event.encrypted)
        return
      case 'part-end': {
        const part = this.#parts.get(event.part)
        if (part === undefined) return
        this.#parts.delete(event.part)
        part.writer.end()
        this.#queue.close(part.place)
        return
      }
      case 'logprobs-add':
        this.#writeLogprobs(event)
        return
      case 'choice-extend': {
        const members = kept(event.extensions, this.#context, 'message')
        if (!isArray(members?.['citations'])) return
        for (const citation of members['citations']) this.#writeCitation(citation, this.#emit)
        return
      }
      case 'choice-finish':
        this.#finish = finishWord(event.finishReason, event.providerFinishReason)
        return
      case 'audio-delta':
        return
    }
  }

  #cite(annotation: Annotation, { place, cited, text }: OpenPart): void {
    const citation = encodeCitation(annotation, { ...cited, text }, this.#context, 'message.annotations')
    if (citation !== undefined) this.#writeCitation(citation, (frames) => place.delta(frames))
  }

  #writeCitation(citation: unknown, write: (text: string) => void): void {
    const index = this.#citations++
    write(frame('citation-start', `"index":${index},"delta":{"message":{"citations":${JSON.stringify(citation)}}}`))
    write(frame('citation-end', `"index":${index}`))
  }

  #writeLogprobs({ content = [], refusal = [] }: ChatEvent & { type: 'logprobs-add' }): void {
    const index = Math.max(0, this.#counters.content - 1)
    for (const token of [...content, ...refusal]) {
      const item = JSON.stringify(encodeItem(token))
      this.#emit(
        frame('content-delta', `"index":${index},"delta":{"message":{"content":{"text":""}}},"logprobs":${item}`),
      )
    }
  }

  #end(): void {
    const usage = this.#usage === undefined ? undefined : encodeKeptUsage(this.#usage, this.#providerUsage)
    const delta = { ...this.#members, finish_reason: this.#finish, ...(usage !== undefined && { usage }) }
    this.#emit(`${frame('message-end', `"delta":${JSON.stringify(delta)}`)}data: [DONE]\n\n`)
  }
}
