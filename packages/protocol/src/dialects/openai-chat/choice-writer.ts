import type { CodecContext } from '../../dialect.ts'
import { append } from '../../ir/append.ts'
import type { ContentPart, ReasoningPart, TokenLogprob } from '../../ir/chat.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { encodeAnnotation } from './annotation.ts'
import { encodeContentPart } from './content-part.ts'
import { finishWord } from './encode-result.ts'
import { encodeLogprobs, type Logprobs } from './logprobs.ts'
import {
  type DetailType,
  detailType,
  encodeDetailText,
  encodeReasoningDetail,
  needsDetail,
  reasoningFields,
} from './reasoning.ts'
import { encodeFunctionCall, encodeToolCall, isFunctionCall } from './tool-call.ts'
import { formOf, kept, keptOfMessage, type WireObject } from './wire.ts'

type ChoiceEvent = Exclude<
  ChatEvent,
  { type: 'message-start' | 'message-extend' | 'usage' | 'warning' | 'error' | 'message-end' }
>

/** How deltas of an open part are written. */
type PartWriter =
  | {
      readonly kind: 'text'
      readonly field: string
      readonly offset: number
      /** Reasoning that was sealed from the start: the seal follows its text, to be taken for that text's. */
      readonly sealed?: ReasoningPart
    }
  | { readonly kind: 'detail'; readonly type: DetailType; readonly rest: WireObject | undefined }
  | { readonly kind: 'call'; readonly index: number; readonly custom: boolean }
  | { readonly kind: 'function-call' | 'audio' | 'other' }

/** Writes the chunks of one choice. */
export class ChoiceWriter {
  readonly #index: number
  readonly #send: (choice: string) => void
  readonly #context: CodecContext
  readonly #parts: (PartWriter | undefined)[] = []
  #calls = 0
  #textLength = 0
  #finishWord: unknown
  #finished = false
  // What waits for the next chunk of this choice.
  #logprobs: { content?: TokenLogprob[]; refusal?: TokenLogprob[] } | undefined
  #members: WireObject | undefined
  #deltaMembers: WireObject | undefined

  constructor(index: number, send: (choice: string) => void, context: CodecContext) {
    this.#index = index
    this.#send = send
    this.#context = context
  }

  open(): void {
    this.#write({ role: 'assistant', content: '', refusal: null })
  }

  write(event: ChoiceEvent): void {
    switch (event.type) {
      case 'part-start':
        this.#startPart(event.part, event.content)
        return
      case 'text-delta':
        this.#addText(event.part, event.text)
        return
      case 'tool-input-delta':
        this.#addInput(event.part, event.input)
        return
      case 'audio-delta': {
        const { data, transcript, expiresAt } = event
        this.#write({ audio: { data, transcript, expires_at: expiresAt } })
        return
      }
      case 'annotation-add': {
        const part = this.#parts[event.part]
        const offset = part?.kind === 'text' ? part.offset : 0
        const annotation = encodeAnnotation(event.annotation, offset, this.#context)
        if (annotation !== undefined) this.#write({ annotations: [annotation] })
        return
      }
      case 'reasoning-seal':
        this.#seal(event)
        return
      case 'part-end': {
        const part = this.#parts[event.part]
        if (part?.kind === 'text' && part.sealed !== undefined) this.#seal({ ...part.sealed, part: event.part })
        return
      }
      case 'logprobs-add':
        this.#addLogprobs(event)
        return
      case 'choice-extend':
        this.#extend(event)
        return
      case 'choice-finish':
        this.#finish(finishWord(event.finishReason, this.#finishWord))
    }
  }

  /** Tells what still waits, and an end where the provider gave no reason for it. */
  end(): void {
    if (!this.#finished) this.#finish('stop')
    else if (this.#logprobs !== undefined || this.#members !== undefined || this.#deltaMembers !== undefined)
      this.#write({})
  }

  #finish(word: string): void {
    this.#finished = true
    this.#write({}, word)
  }

  #startPart(at: number, content: ContentPart): void {
    switch (content.type) {
      case 'text':
        kept(content.extensions, this.#context, 'content')
        this.#parts[at] = { kind: 'text', field: 'content', offset: this.#textLength }
        if (content.text !== '') this.#addText(at, content.text)
        return
      case 'refusal':
        this.#parts[at] = { kind: 'text', field: 'refusal', offset: 0 }
        if (content.text !== '') this.#addText(at, content.text)
        return
      case 'reasoning':
        this.#startReasoning(at, content)
        return
      case 'tool-call': {
        if (isFunctionCall(content)) {
          this.#parts[at] = { kind: 'function-call' }
          this.#write({ function_call: encodeFunctionCall(content, this.#context, 'function_call') })
          return
        }
        const index = this.#calls++
        this.#parts[at] = { kind: 'call', index, custom: content.kind === 'custom' }
        this.#write({ tool_calls: [{ index, ...encodeToolCall(content, this.#context, `tool_calls[${index}]`) }] })
        return
      }
      case 'audio': {
        this.#parts[at] = { kind: 'audio' }
        const { id, data, transcript, expiresAt } = content
        const rest = kept(content.extensions, this.#context, 'audio')
        this.#write({ audio: { ...rest, id, data, transcript, expires_at: expiresAt } })
        return
      }
      default: {
        this.#parts[at] = { kind: 'other' }
        const encoded = encodeContentPart(content, this.#context, `content[${at}]`)
        if (encoded !== undefined) this.#write({ content: [encoded] })
      }
    }
  }

  #startReasoning(at: number, content: ReasoningPart): void {
    const type = detailType(content)
    if (type === undefined) {
      const sealed = needsDetail(content) ? content : undefined
      this.#parts[at] = { kind: 'text', field: reasoningFields[0], offset: 0, ...(sealed && { sealed }) }
      if (content.text !== '') this.#addText(at, content.text)
      return
    }
    const rest = kept(content.extensions, this.#context, 'reasoning_details')
    this.#parts[at] = { kind: 'detail', type, rest }
    this.#write({ reasoning_details: [encodeReasoningDetail(content, at, this.#context, 'reasoning_details')] })
  }

  #seal(seal: { readonly part: number; readonly signature?: string; readonly encrypted?: string }): void {
    const part = this.#parts[seal.part]
    const detail = part?.kind === 'detail' ? { type: part.type, ...part.rest } : undefined
    const type = seal.encrypted === undefined ? 'reasoning.text' : 'reasoning.encrypted'
    const { signature, encrypted: data } = seal
    this.#write({ reasoning_details: [{ ...(detail ?? { type, index: seal.part }), signature, data }] })
  }

  #addText(at: number, text: string): void {
    const part = this.#parts[at]
    if (part?.kind === 'detail') {
      this.#write({ reasoning_details: [encodeDetailText(part.type, part.rest, text)] })
      return
    }
    if (part?.kind !== 'text') return
    if (part.field === 'content') this.#textLength += text.length
    const waiting = this.#logprobs ?? this.#members ?? this.#deltaMembers
    if (waiting !== undefined) this.#write({ [part.field]: text })
    else this.#sendDelta(`{"${part.field}":${JSON.stringify(text)}}`)
  }

  #addInput(at: number, input: string): void {
    const part = this.#parts[at]
    if (part?.kind === 'function-call') this.#write({ function_call: { arguments: input } })
    if (part?.kind !== 'call') return
    const { index, custom } = part
    this.#write({ tool_calls: [custom ? { index, custom: { input } } : { index, function: { arguments: input } }] })
  }

  #addLogprobs({ content, refusal }: Logprobs): void {
    const waiting = (this.#logprobs ??= {})
    if (content !== undefined) append((waiting.content ??= []), content)
    if (refusal !== undefined) append((waiting.refusal ??= []), refusal)
  }

  #extend({ extensions }: ChatEvent & { type: 'choice-extend' }): void {
    const members = kept(extensions, this.#context, `choices[${this.#index}]`)
    const deltaMembers = keptOfMessage(extensions)
    if (members !== undefined) this.#members = { ...this.#members, ...members }
    if (deltaMembers !== undefined) this.#deltaMembers = { ...this.#deltaMembers, ...deltaMembers }
    this.#finishWord = formOf(extensions)?.['finish_reason'] ?? this.#finishWord
  }

  #write(delta: WireObject, finish: string | null = null): void {
    const logprobs = this.#logprobs === undefined ? 'null' : JSON.stringify(encodeLogprobs(this.#logprobs))
    const members = this.#members === undefined ? '' : `,${JSON.stringify(this.#members).slice(1, -1)}`
    const whole = this.#deltaMembers === undefined ? delta : { ...delta, ...this.#deltaMembers }
    this.#logprobs = this.#members = this.#deltaMembers = undefined
    this.#sendDelta(JSON.stringify(whole), logprobs, finish, members)
  }

  #sendDelta(delta: string, logprobs = 'null', finish: string | null = null, members = ''): void {
    const reason = finish === null ? 'null' : JSON.stringify(finish)
    this.#send(`{"index":${this.#index},"delta":${delta},"logprobs":${logprobs},"finish_reason":${reason}${members}}`)
  }
}
