import type { StreamEncodeContext, StreamEncoder } from '../../dialect.ts'
import { encodeSseLine } from '../../framing/encode-sse.ts'
import { append } from '../../ir/append.ts'
import type { TokenLogprob } from '../../ir/chat.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { Usage } from '../../ir/usage.ts'
import { encodeErrorEvent } from '../openai-chat/encode-error.ts'
import { encodeFinishReason } from '../openai-chat/finish-reason.ts'
import { encodeLogprobs } from '../openai-chat/logprobs.ts'
import { encodeUsage } from '../openai-chat/usage.ts'
import { dropFromAnswer } from './completion.ts'
import { completionLogprobs } from './logprobs.ts'

/**
 * Writes a stream of `text_completion`s: for each choice its texts and a last one with the finish reason; then the
 * usage, if the caller asked for it; then `[DONE]`. A stream that failed ends with an error and no `[DONE]`.
 */
export function createStreamEncoder(
  emit: (text: string) => void,
  context: StreamEncodeContext,
): StreamEncoder<ChatEvent> {
  return new CompletionStreamEncoder(emit, context)
}

interface OpenChoice {
  /** The parts whose text is told. */
  readonly texts: Set<number>
  /** Of the next text. */
  logprobs: TokenLogprob[] | undefined
  /** Where the next token begins. */
  offset: number
  finished: boolean
}

/** A class for its fields: they are touched once an event. */
class CompletionStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #emit: (text: string) => void
  readonly #context: StreamEncodeContext
  readonly #choices = new Map<number, OpenChoice>()
  readonly #base: Record<string, unknown> = { id: '', object: 'text_completion', created: 0, model: '' }
  /** The members that every chunk has, as JSON text without its closing brace. */
  #head = ''
  #usage: Usage | undefined

  constructor(emit: (text: string) => void, context: StreamEncodeContext) {
    this.#emit = emit
    this.#context = context
  }

  write(event: ChatEvent): void {
    switch (event.type) {
      case 'message-start':
        Object.assign(this.#base, { id: event.id, created: event.created ?? 0, model: event.model })
        this.#extend(event)
        this.#choice(0)
        return
      case 'message-extend':
        this.#extend(event)
        return
      case 'part-start':
        this.#startPart(event)
        return
      case 'text-delta':
        if (this.#choice(event.choice).texts.has(event.part)) this.#say(event.choice, event.text)
        return
      case 'logprobs-add':
        append((this.#choice(event.choice).logprobs ??= []), event.content ?? event.refusal ?? [])
        return
      case 'choice-finish':
        this.#finish(event.choice, encodeFinishReason(event.finishReason))
        return
      case 'usage':
        this.#usage = event.usage
        return
      case 'error':
        this.#emit(encodeErrorEvent(event.error))
        return
      case 'message-end':
        this.#end()
        return
      default:
    }
  }

  #extend({ serviceTier }: { readonly serviceTier?: string | null }): void {
    if (serviceTier !== undefined) this.#base['service_tier'] = serviceTier
    this.#head = JSON.stringify(this.#base).slice(0, -1)
  }

  #choice(index: number): OpenChoice {
    let choice = this.#choices.get(index)
    if (choice === undefined) {
      choice = { texts: new Set(), logprobs: undefined, offset: 0, finished: false }
      this.#choices.set(index, choice)
    }
    return choice
  }

  #startPart({ choice, part, content }: ChatEvent & { type: 'part-start' }): void {
    if (content.type !== 'text' && content.type !== 'refusal') {
      dropFromAnswer(content.type, `choices[${choice}]`, this.#context)
      return
    }
    this.#choice(choice).texts.add(part)
    if (content.text !== '') this.#say(choice, content.text)
  }

  #finish(choice: number, reason: string): void {
    this.#choice(choice).finished = true
    this.#say(choice, '', reason)
  }

  #say(index: number, text: string, reason: string | null = null): void {
    const choice = this.#choice(index)
    let logprobs = 'null'
    if (choice.logprobs !== undefined) {
      logprobs = JSON.stringify(completionLogprobs(encodeLogprobs({ content: choice.logprobs }), choice.offset))
      for (const { token } of choice.logprobs) choice.offset += token.length
      choice.logprobs = undefined
    }
    this.#send(
      `{"text":${JSON.stringify(text)},"index":${index},"logprobs":${logprobs},"finish_reason":${JSON.stringify(reason)}}`,
    )
  }

  /** @param choice as JSON text; empty for none. */
  #send(choice: string, usage: unknown = null): void {
    const told = this.#context.includeUsage ? `,"usage":${JSON.stringify(usage)}` : ''
    this.#emit(encodeSseLine(`${this.#head},"choices":[${choice}]${told}}`))
  }

  #end(): void {
    for (const [index, { finished }] of this.#choices) if (!finished) this.#finish(index, 'stop')
    if (this.#context.includeUsage && this.#usage !== undefined) this.#send('', encodeUsage(this.#usage))
    this.#emit('data: [DONE]\n\n')
  }
}
