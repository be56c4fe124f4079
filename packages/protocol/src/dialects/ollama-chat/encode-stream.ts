import type { StreamEncodeContext, StreamEncoder } from '../../dialect.ts'
import { append } from '../../ir/append.ts'
import type { ContentPart, TokenLogprob } from '../../ir/chat.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { Extensions } from '../../ir/extensions.ts'
import type { Usage } from '../../ir/usage.ts'
import { dropPart, noteReasoning, noteText } from './encode-message.ts'
import { encodeErrorLine } from './error.ts'
import { encodeFinishReason } from './finish-reason.ts'
import { encodeLogprobs } from './logprobs.ts'
import { encodeImage } from './media.ts'
import { writeTime } from './time.ts'
import { encodeToolCall } from './tool-call.ts'
import { encodeUsage } from './usage.ts'
import { drop, formOf, kept, type WireObject } from './wire.ts'

/**
 * Writes the lines of a streamed answer: text as it comes, calls when they are whole, and a last line with the reason
 * and the counts. Every line has the time of the answer, there being no clock here.
 */
export function createStreamEncoder(
  emit: (text: string) => void,
  context: StreamEncodeContext,
): StreamEncoder<ChatEvent> {
  return new OllamaStreamEncoder(emit, context)
}

interface OpenPart {
  readonly content: ContentPart
  /** Of a call's input. */
  readonly pieces: string[]
}

class OllamaStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #emit: (text: string) => void
  readonly #context: StreamEncodeContext
  readonly #parts: (OpenPart | undefined)[] = []
  /** The members that every line has, as JSON text without the closing brace. */
  #head = ''
  #own = false
  #calls = 0
  #otherChoices = false
  /** What waits for the next line. */
  #members: WireObject | undefined
  #messageMembers: WireObject | undefined
  #logprobs: TokenLogprob[] = []
  #usage: Usage | undefined
  #doneReason = 'stop'

  constructor(emit: (text: string) => void, context: StreamEncodeContext) {
    this.#emit = emit
    this.#context = context
  }

  write(event: ChatEvent): void {
    switch (event.type) {
      case 'message-start': {
        const form = formOf(event.extensions)
        this.#own = form !== undefined
        const time = writeTime(event.created, form?.['created_at'])
        this.#head = JSON.stringify({ model: event.model, ...(time !== undefined && { created_at: time }) }).slice(
          0,
          -1,
        )
        this.#extend(event.extensions)
        return
      }
      case 'message-extend':
        this.#extend(event.extensions)
        return
      case 'usage':
        this.#usage = event.usage
        return
      case 'warning':
        return
      case 'error':
        this.#emit(encodeErrorLine(event.error))
        return
      case 'message-end':
        this.#end()
        return
      default:
        if (event.choice === 0) this.#writeChoice(event)
        else if (!this.#otherChoices) {
          this.#otherChoices = true
          drop(this.#context, 'choices[1]', 'Only one answer has a place in this dialect; every other')
        }
    }
  }

  #extend(extensions: Extensions | undefined): void {
    const members = kept(extensions, this.#context, '')
    if (members !== undefined) this.#members = { ...this.#members, ...members }
  }

  #writeChoice(event: ChatEvent & { readonly choice: number }): void {
    switch (event.type) {
      case 'part-start':
        this.#startPart(event.part, event.content)
        return
      case 'text-delta':
        this.#addText(event.part, event.text)
        return
      case 'tool-input-delta':
        this.#parts[event.part]?.pieces.push(event.input)
        return
      case 'audio-delta':
        return
      case 'annotation-add':
        drop(this.#context, 'message.content.annotations', 'Citations have no place in this dialect')
        return
      case 'reasoning-seal':
        noteReasoning(event, this.#context, 'message.thinking')
        return
      case 'part-end':
        this.#endPart(event.part)
        return
      case 'logprobs-add':
        if (event.content !== undefined) append(this.#logprobs, event.content)
        return
      case 'choice-extend': {
        const members = kept(event.extensions, this.#context, 'message')
        if (members !== undefined) this.#messageMembers = { ...this.#messageMembers, ...members }
        return
      }
      case 'choice-finish':
        this.#doneReason = encodeFinishReason(event.finishReason, this.#own ? event.providerFinishReason : undefined)
    }
  }

  #startPart(at: number, content: ContentPart): void {
    switch (content.type) {
      case 'text':
      case 'refusal':
        noteText(content, this.#context, 'message.content')
        break
      case 'reasoning':
        noteReasoning(content, this.#context, 'message.thinking')
        break
      case 'tool-call':
        break
      case 'image': {
        const image = encodeImage(content, this.#context, 'message.images')
        if (image !== undefined) this.#send(`,"images":[${JSON.stringify(image)}]`)
        return
      }
      default:
        dropPart(content, this.#context, 'message.content')
        return
    }
    this.#parts[at] = { content, pieces: [] }
    if (content.type !== 'tool-call' && content.text !== '') this.#addText(at, content.text)
  }

  #addText(at: number, text: string): void {
    const content = this.#parts[at]?.content
    if (content === undefined) return
    if (content.type === 'reasoning') this.#send(`,"thinking":${JSON.stringify(text)}`)
    else this.#send('', JSON.stringify(text))
  }

  #endPart(at: number): void {
    const part = this.#parts[at]
    this.#parts[at] = undefined
    if (part?.content.type !== 'tool-call') return
    const whole = { ...part.content, input: part.content.input + part.pieces.join('') }
    const call = encodeToolCall(whole, this.#calls++, this.#context, 'message.tool_calls')
    this.#send(`,"tool_calls":[${JSON.stringify(call)}]`)
  }

  #end(): void {
    const usage = this.#usage === undefined ? undefined : encodeUsage(this.#usage)
    this.#members = { done_reason: this.#doneReason, ...this.#members, ...usage }
    this.#send('', '""', true)
  }

  /** @param members of the message, and `content`, as JSON text. */
  #send(members: string, content = '""', done = false): void {
    let line = `${this.#head},"message":{"role":"assistant","content":${content}${members}`
    if (this.#messageMembers !== undefined) {
      line += `,${JSON.stringify(this.#messageMembers).slice(1, -1)}`
      this.#messageMembers = undefined
    }
    line += `},"done":${done}`
    if (this.#logprobs.length > 0) {
      line += `,"logprobs":${JSON.stringify(encodeLogprobs(this.#logprobs))}`
      this.#logprobs = []
    }
    if (this.#members !== undefined) {
      line += `,${JSON.stringify(this.#members).slice(1, -1)}`
      this.#members = undefined
    }
    this.#emit(`${line}}\n`)
  }
}
