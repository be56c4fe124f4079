import type { StreamEncodeContext, StreamEncoder } from '../../dialect.ts'
import type { PartQueue, QueuedPart } from '../../framing/part-queue.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { Extensions } from '../../ir/extensions.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { createBlockQueue } from './block-queue.ts'
import { type BlockWriter, createBlockWriter } from './block-writer.ts'
import { stopReasonOf, tierMember, unmeasured, usageMember, warnChoices } from './encode-result.ts'
import { encodeErrorEvent } from './error.ts'
import { frame } from './frame.ts'
import { formOf, kept, warnDropped, type WireObject } from './wire.ts'

/**
 * Writes the event stream of `ConverseStream`: `messageStart`, each block to its stop before the next one begins,
 * `messageStop`, `metadata`. A stream that failed ends with an exception.
 */
export function createStreamEncoder(
  emit: (bytes: Uint8Array) => void,
  context: StreamEncodeContext,
): StreamEncoder<ChatEvent> {
  return new ConverseStreamEncoder(emit, context)
}

class ConverseStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #emit: (bytes: Uint8Array) => void
  readonly #context: StreamEncodeContext
  readonly #blocks: PartQueue
  readonly #parts = new Map<number, { readonly place: QueuedPart; readonly writer: BlockWriter }>()
  #usage: Usage | undefined
  #form: WireObject | undefined
  #tier: string | null | undefined
  #members: WireObject = {}
  readonly #refusals = new Set<number>()
  #refused = false
  #finishReason: FinishReason | undefined
  #stopForm: WireObject | undefined

  constructor(emit: (bytes: Uint8Array) => void, context: StreamEncodeContext) {
    this.#emit = emit
    this.#context = context
    this.#blocks = createBlockQueue(emit)
  }

  write(event: ChatEvent): void {
    switch (event.type) {
      case 'message-start':
        this.#extend(event.extensions, event.serviceTier)
        this.#emit(frame('messageStart', '{"role":"assistant"}'))
        return
      case 'message-extend':
        this.#extend(event.extensions, event.serviceTier)
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

  /** What an answer says of itself comes with its end. */
  #extend(extensions: Extensions | undefined, tier: string | null | undefined): void {
    this.#form = formOf(extensions) ?? this.#form
    this.#tier = tier ?? this.#tier
    this.#members = { ...this.#members, ...kept(extensions, this.#context, '') }
  }

  #writeChoice(event: Extract<ChatEvent, { readonly choice: number }>): void {
    switch (event.type) {
      case 'part-start': {
        const { content, part } = event
        if (content.type === 'refusal') {
          this.#refusals.add(part)
          this.#refused ||= content.text !== ''
        }
        const place = this.#blocks.open()
        this.#parts.set(part, { place, writer: createBlockWriter(content, place, this.#context, `content[${part}]`) })
        return
      }
      case 'text-delta':
        if (this.#refusals.has(event.part)) this.#refused = true
        this.#parts.get(event.part)?.writer.text?.(event.text)
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
    const { additionalModelResponseFields: fields, ...members } = this.#members
    const stopReason = stopReasonOf(this.#finishReason ?? 'stop', this.#refused, this.#stopForm)
    const stop = { stopReason, ...(fields !== undefined && { additionalModelResponseFields: fields }) }
    this.#emit(frame('messageStop', JSON.stringify(stop)))
    const usage = usageMember(this.#usage, this.#form)
    const metadata = {
      ...(usage !== undefined && { usage }),
      ...(this.#form === undefined && unmeasured),
      ...members,
      ...tierMember(this.#tier),
    }
    this.#emit(frame('metadata', JSON.stringify(metadata)))
  }
}
