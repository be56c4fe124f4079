import type { StreamEncodeContext, StreamEncoder } from '../../dialect.ts'
import type { PartQueue, QueuedPart } from '../../framing/part-queue.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { Extensions } from '../../ir/extensions.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import { noUsage, type Usage } from '../../ir/usage.ts'
import { createBlockQueue } from './block-queue.ts'
import { type BlockWriter, createBlockWriter } from './block-writer.ts'
import { stopMembers, warnChoices } from './encode-result.ts'
import { encodeErrorEvent } from './error.ts'
import { frame } from './frame.ts'
import { encodeKeptUsage, encodeUsage } from './usage.ts'
import { formOf, isRecord, kept, warnDropped, type WireObject } from './wire.ts'

/**
 * Writes a stream of message events: `message_start`, each block from its start to its stop before the next one
 * begins, `message_delta` once the usage is known, `message_stop`. A stream that failed ends with an error event.
 */
export function createStreamEncoder(
  emit: (text: string) => void,
  context: StreamEncodeContext,
): StreamEncoder<ChatEvent> {
  return new MessageStreamEncoder(emit, context)
}

class MessageStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #emit: (text: string) => void
  readonly #context: StreamEncodeContext
  readonly #blocks: PartQueue
  readonly #parts = new Map<number, OpenPart>()
  /** Waits for what may follow it at once: the usage so far. */
  #head: (ChatEvent & { type: 'message-start' }) | undefined
  #usage: Usage | undefined
  #providerUsage: unknown
  #members: WireObject | undefined
  #refusal = ''
  readonly #refusalParts = new Set<number>()
  #finishReason: FinishReason | undefined
  #stopForm: WireObject | undefined

  constructor(emit: (text: string) => void, context: StreamEncodeContext) {
    this.#emit = emit
    this.#context = context
    this.#blocks = createBlockQueue(emit)
  }

  write(event: ChatEvent): void {
    if (event.type === 'usage') {
      this.#usage = event.usage
      return
    }
    if (this.#head !== undefined && event.type !== 'error') this.#writeHead(this.#head)
    switch (event.type) {
      case 'message-start':
        this.#head = event
        return
      case 'message-extend':
        this.#extend(event.extensions)
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

  #writeHead({ id, model, extensions }: ChatEvent & { type: 'message-start' }): void {
    this.#head = undefined
    const form = formOf(extensions)
    const message = {
      id,
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      ...(isRecord(form?.['empty']) ? form['empty'] : undefined),
      ...kept(extensions, this.#context, ''),
      usage: encodeUsage(this.#usage ?? noUsage),
    }
    this.#emit(frame('message_start', JSON.stringify({ type: 'message_start', message })))
    this.#emit(frame('ping', '{"type":"ping"}'))
  }

  #extend(extensions: Extensions | undefined): void {
    this.#providerUsage = formOf(extensions)?.['usage'] ?? this.#providerUsage
    const members = kept(extensions, this.#context, '')
    if (members !== undefined) this.#members = { ...this.#members, ...members }
  }

  #writeChoice(event: ChoiceEvent): void {
    switch (event.type) {
      case 'part-start': {
        const { content, part } = event
        if (content.type === 'refusal') {
          this.#refusalParts.add(part)
          this.#refusal += content.text
          return
        }
        const place = this.#blocks.open()
        this.#parts.set(part, { place, writer: createBlockWriter(content, place, this.#context, `content[${part}]`) })
        return
      }
      case 'text-delta':
        if (this.#refusalParts.has(event.part)) this.#refusal += event.text
        else this.#parts.get(event.part)?.writer.text?.(event.text)
        return
      case 'tool-input-delta':
        this.#parts.get(event.part)?.writer.input?.(event.input)
        return
      case 'annotation-add':
        this.#parts.get(event.part)?.writer.citation?.(event.annotation)
        return
      case 'reasoning-seal':
        this.#parts.get(event.part)?.writer.seal?.(event.signature, event.encrypted)
        return
      case 'part-end':
        this.#endPart(event.part)
        return
      case 'choice-extend':
        kept(event.extensions, this.#context, 'choices[0]')
        this.#stopForm = formOf(event.extensions) ?? this.#stopForm
        return
      case 'choice-finish':
        this.#finishReason = event.finishReason
        return
      case 'logprobs-add':
        warnDropped(this.#context, 'choices[0].logprobs', 'Log probabilities')
        return
      case 'audio-delta':
        return
    }
  }

  #endPart(at: number): void {
    const part = this.#parts.get(at)
    if (part === undefined) return
    this.#parts.delete(at)
    part.writer.end()
    this.#blocks.close(part.place)
  }

  #end(): void {
    const stop = stopMembers(this.#finishReason ?? 'stop', this.#refusal, this.#stopForm)
    const usage = encodeKeptUsage(this.#usage ?? noUsage, this.#providerUsage)
    const delta = { ...stop, ...this.#members }
    this.#emit(frame('message_delta', JSON.stringify({ type: 'message_delta', delta, usage })))
    this.#emit(frame('message_stop', '{"type":"message_stop"}'))
  }
}

type ChoiceEvent = Extract<ChatEvent, { readonly choice: number }>

interface OpenPart {
  readonly place: QueuedPart
  readonly writer: BlockWriter
}
