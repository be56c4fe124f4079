import type { StreamEncodeContext, StreamEncoder } from '../../dialect.ts'
import { encodeSseLine } from '../../framing/encode-sse.ts'
import { append } from '../../ir/append.ts'
import type { Annotation, ContentPart, TokenLogprob } from '../../ir/chat.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { blockReason } from './decode-result.ts'
import { createTime } from './encode-result.ts'
import { encodeErrorEvent } from './error.ts'
import { finishWord } from './finish-reason.ts'
import { encodeGrounding } from './grounding.ts'
import { encodeLogprobs } from './logprobs.ts'
import { encodePart } from './part.ts'
import { encodeUsage } from './usage.ts'
import { formOf, kept, ownOf, type WireObject } from './wire.ts'

/** Of the answer's text, kept to count the bytes before its citations. */
const keptText = 1024 * 1024

/**
 * Writes a stream of `GenerateContentResponse`s: text as it comes, every other part when it is whole, and at the end
 * one chunk with the finish reasons and the usage. Nothing follows it, as with Google.
 */
export function createStreamEncoder(
  emit: (text: string) => void,
  context: StreamEncodeContext,
): StreamEncoder<ChatEvent> {
  return new GeminiStreamEncoder(emit, context)
}

interface OpenPart {
  /** Written with the part's end. */
  readonly held: ContentPart | undefined
  readonly thought: boolean
  /** Text of a held part, a call's input, or audio. */
  readonly pieces: string[]
  /** Of reasoning: told when its text is over. */
  signature: string | undefined
}

interface OpenChoice {
  readonly parts: (OpenPart | undefined)[]
  readonly annotations: Annotation[]
  readonly members: Record<string, unknown>
  text: string
  logprobs: TokenLogprob[]
  blocked: boolean
  finish: { readonly reason: FinishReason; readonly word: string | undefined } | undefined
}

type PartEvent = ChatEvent & { readonly choice: number }

class GeminiStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #emit: (text: string) => void
  readonly #context: StreamEncodeContext
  readonly #choices = new Map<number, OpenChoice>()
  /** The members that every chunk has, as JSON text: `,"modelVersion":"…"`. */
  #head = ''
  /** Members that belong to the whole answer and wait for the next chunk. */
  #pending: WireObject | undefined
  #usage: Usage | undefined

  constructor(emit: (text: string) => void, context: StreamEncodeContext) {
    this.#emit = emit
    this.#context = context
  }

  write(event: ChatEvent): void {
    switch (event.type) {
      case 'message-start': {
        const { id, model, created, extensions } = event
        const time = createTime(created, undefined)
        const head = {
          ...(model !== '' && { modelVersion: model }),
          ...(time && { createTime: time }),
          ...(id !== '' && { responseId: id }),
        }
        this.#head = membersOf(head)
        this.#pending = kept(extensions, this.#context, '')
        return
      }
      case 'message-extend':
        this.#pending = { ...this.#pending, ...kept(event.extensions, this.#context, '') }
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
        this.#writeChoice(event, this.#choice(event.choice))
    }
  }

  #choice(index: number): OpenChoice {
    let choice = this.#choices.get(index)
    if (choice === undefined) {
      choice = { parts: [], annotations: [], members: {}, text: '', logprobs: [], blocked: false, finish: undefined }
      this.#choices.set(index, choice)
    }
    return choice
  }

  #writeChoice(event: PartEvent, choice: OpenChoice): void {
    switch (event.type) {
      case 'part-start':
        this.#startPart(event.choice, choice, event.part, event.content)
        return
      case 'text-delta':
        this.#addText(event.choice, choice, event.part, event.text)
        return
      case 'tool-input-delta':
        choice.parts[event.part]?.pieces.push(event.input)
        return
      case 'audio-delta':
        if (event.data !== undefined) choice.parts[event.part]?.pieces.push(event.data)
        return
      case 'annotation-add':
        choice.annotations.push(event.annotation)
        return
      case 'reasoning-seal': {
        const part = choice.parts[event.part]
        if (part !== undefined) part.signature = event.signature ?? part.signature
        return
      }
      case 'part-end':
        this.#endPart(event.choice, choice.parts[event.part])
        choice.parts[event.part] = undefined
        return
      case 'logprobs-add':
        append(choice.logprobs, event.content ?? [])
        return
      case 'choice-extend':
        Object.assign(choice.members, kept(event.extensions, this.#context, `candidates[${event.choice}]`))
        choice.blocked ||= formOf(event.extensions)?.['blocked'] === true
        return
      case 'choice-finish':
        choice.finish = { reason: event.finishReason, word: event.providerFinishReason }
        return
      default:
        return
    }
  }

  #startPart(index: number, choice: OpenChoice, at: number, content: ContentPart): void {
    const flows = content.type === 'text' || content.type === 'reasoning' || content.type === 'refusal'
    const held = flows && ownOf(content.extensions) === undefined ? undefined : content
    const thought = content.type === 'reasoning'
    choice.parts[at] = { held, thought, pieces: [], signature: thought ? content.signature : undefined }
    if (held !== undefined || !flows) return
    kept(content.extensions, this.#context, 'candidates.content.parts')
    if (content.text !== '') this.#addText(index, choice, at, content.text)
  }

  #addText(index: number, choice: OpenChoice, at: number, text: string): void {
    const part = choice.parts[at]
    if (part === undefined) return
    if (part.held !== undefined) {
      part.pieces.push(text)
      return
    }
    if (!part.thought && choice.text.length < keptText) choice.text += text
    this.#sendPart(index, `{"text":${JSON.stringify(text)}${part.thought ? ',"thought":true' : ''}}`)
  }

  #endPart(index: number, part: OpenPart | undefined): void {
    if (part === undefined) return
    const { held, pieces, signature } = part
    if (held === undefined) {
      if (signature === undefined) return
      this.#sendPart(index, JSON.stringify({ text: '', thought: true, thoughtSignature: signature }))
      return
    }
    const wire = encodePart(grown(held, pieces.join(''), signature), this.#context, `candidates[${index}].content`)
    if (wire !== undefined) this.#sendPart(index, JSON.stringify(wire))
  }

  #sendPart(index: number, part: string): void {
    this.#send(`[{"content":{"parts":[${part}],"role":"model"},"index":${index}}]`)
  }

  /** @param candidates as JSON text. */
  #send(candidates: string | undefined, usage?: WireObject): void {
    let members = candidates === undefined ? '' : `,"candidates":${candidates}`
    if (this.#pending !== undefined) members += membersOf(this.#pending)
    if (usage !== undefined) members += membersOf({ usageMetadata: usage })
    this.#pending = undefined
    this.#emit(encodeSseLine(`{${(members + this.#head).slice(1)}}`))
  }

  #end(): void {
    if (this.#choices.size === 0) this.#choice(0)
    const usage = this.#usage === undefined ? undefined : encodeUsage(this.#usage)
    const candidates: WireObject[] = []
    for (const [index, choice] of this.#choices) {
      if (!choice.blocked) candidates.push(closing(index, choice))
      else if (blockReason(this.#pending ?? {}) === undefined) {
        this.#pending = { ...this.#pending, promptFeedback: { blockReason: choice.finish?.word ?? 'OTHER' } }
      }
    }
    this.#send(candidates.length === 0 ? undefined : JSON.stringify(candidates), usage)
  }
}

/** The last words of a candidate. */
function closing(index: number, choice: OpenChoice): WireObject {
  const { members, annotations, text, finish, logprobs } = choice
  const grounding = members['groundingMetadata'] === undefined ? encodeGrounding(annotations, text) : undefined
  return {
    content: { parts: [], role: 'model' },
    finishReason: finishWord(finish?.reason ?? 'stop', finish?.word),
    index,
    ...(logprobs.length > 0 && { logprobsResult: encodeLogprobs({ content: logprobs }) }),
    ...(grounding !== undefined && { groundingMetadata: grounding }),
    ...members,
  }
}

/** A held part with what its deltas added. */
function grown(part: ContentPart, added: string, signature: string | undefined): ContentPart {
  switch (part.type) {
    case 'reasoning':
      return { ...part, text: part.text + added, ...(signature !== undefined && { signature }) }
    case 'text':
    case 'refusal':
      return { ...part, text: part.text + added }
    case 'tool-call':
      return { ...part, input: part.input + added }
    case 'audio':
      return added === '' ? part : { ...part, data: (part.data ?? '') + added }
    default:
      return part
  }
}

/** Members as they follow others in JSON text: `,"a":1`. */
function membersOf(members: WireObject): string {
  const text = JSON.stringify(members).slice(1, -1)
  return text === '' ? '' : `,${text}`
}
