import type { StreamEncodeContext, StreamEncoder } from '../../dialect.ts'
import { encodeSseLine } from '../../framing/encode-sse.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { Extensions } from '../../ir/extensions.ts'
import type { Usage } from '../../ir/usage.ts'
import { encodeErrorEvent } from './encode-error.ts'
import { ChoiceWriter } from './choice-writer.ts'
import { encodeKeptUsage } from './usage.ts'
import { kept } from './wire.ts'

/**
 * Writes a stream of `chat.completion.chunk`s: for each choice a chunk with the role, its deltas and a chunk
 * with the finish reason; then the usage, if the caller asked for it; then `[DONE]`. A stream that failed ends
 * with an error event and no `[DONE]`.
 */
export function createStreamEncoder(
  emit: (text: string) => void,
  context: StreamEncodeContext,
): StreamEncoder<ChatEvent> {
  return new ChatStreamEncoder(emit, context)
}

class ChatStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #emit: (text: string) => void
  readonly #context: StreamEncodeContext
  readonly #choices = new Map<number, ChoiceWriter>()
  /** The members that every chunk has, as JSON text without its closing brace. */
  #head = ''
  readonly #base: Record<string, unknown> = { id: '', object: 'chat.completion.chunk', created: 0, model: '' }
  /** Members that belong to the whole answer and wait for the next chunk. */
  #pending: Record<string, unknown> | undefined
  #usage: Usage | undefined
  #providerUsage: unknown

  constructor(emit: (text: string) => void, context: StreamEncodeContext) {
    this.#emit = emit
    this.#context = context
  }

  write(event: ChatEvent): void {
    switch (event.type) {
      case 'message-start':
        Object.assign(this.#base, { id: event.id, created: event.created ?? 0, model: event.model })
        this.#extendMessage(event)
        this.#choice(0)
        return
      case 'message-extend':
        this.#extendMessage(event)
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
        this.#choice(event.choice).write(event)
    }
  }

  #choice(index: number): ChoiceWriter {
    let choice = this.#choices.get(index)
    if (choice === undefined) {
      choice = new ChoiceWriter(index, (json) => this.#send(json), this.#context)
      this.#choices.set(index, choice)
      choice.open()
    }
    return choice
  }

  #extendMessage(event: { readonly serviceTier?: string | null; readonly extensions?: Extensions }): void {
    if (event.serviceTier !== undefined) this.#base['service_tier'] = event.serviceTier
    const { usage, system_fingerprint: fingerprint, ...others } = kept(event.extensions, this.#context, '') ?? {}
    if (usage !== undefined) this.#providerUsage = usage
    if (fingerprint !== undefined) this.#base['system_fingerprint'] = fingerprint
    if (Object.keys(others).length > 0) this.#pending = { ...this.#pending, ...others }
    this.#head = JSON.stringify(this.#base).slice(0, -1)
  }

  /** @param choices the chunk's `choices` as JSON text. */
  #send(choices: string, usage: unknown = null): void {
    let chunk = `${this.#head},"choices":[${choices}]`
    if (this.#context.includeUsage) chunk += `,"usage":${JSON.stringify(usage)}`
    if (this.#pending !== undefined) {
      chunk += `,${JSON.stringify(this.#pending).slice(1, -1)}`
      this.#pending = undefined
    }
    this.#emit(encodeSseLine(`${chunk}}`))
  }

  #end(): void {
    for (const choice of this.#choices.values()) choice.end()
    const usage = this.#context.includeUsage ? this.#usage : undefined
    if (usage !== undefined) this.#send('', encodeKeptUsage(usage, this.#providerUsage))
    else if (this.#pending !== undefined) this.#send('')
    this.#emit('data: [DONE]\n\n')
  }
}
