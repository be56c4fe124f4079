import { decodeAnnotation } from './annotation.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { ContentPart, ReasoningPart, ToolCallPart } from '../../ir/chat.ts'
import { decodeContentPart } from './content-part.ts'
import { callPrefix } from './call-prefix.ts'
import { encodeFinishReason, finishReasonOf } from './finish-reason.ts'
import { JsonBalance } from './json-balance.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodeMessageAudio } from './message-audio.ts'
import { newMembers } from './new-members.ts'
import { decodeReasoningDetail } from './reasoning.ts'
import { decodeFunctionCall, decodeToolCall } from './tool-call.ts'
import { isArray, isNumber, isRecord, isString, keep, type WireObject } from './wire.ts'

/** A text, refusal or reasoning part that grows. */
interface OpenText {
  readonly kind: 'text' | 'refusal' | 'reasoning'
  readonly part: number
  /** Tells reasoning of one origin from that of another. */
  readonly origin: string | undefined
}

interface OpenCall {
  readonly part: number
  readonly id: string | undefined
  readonly custom: boolean
  readonly balance: JsonBalance
  closed: boolean
}

const choiceMembers = new Set(['index', 'delta', 'message', 'finish_reason', 'logprobs', 'usage'])
const deltaMembers = new Set([
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'audio',
  'annotations',
  'tool_calls',
  'function_call',
])

/**
 * Turns the deltas of one choice into parts. A text part is closed when another part opens; a call when another
 * part opens and its arguments are whole, since deltas of parallel calls may alternate; the rest at the end.
 */
export class StreamChoice {
  readonly #emit: (event: ChatEvent) => void
  readonly #index: number
  readonly #callPrefix: string
  #parts = 0
  #text: OpenText | undefined
  #audioPart: number | undefined
  readonly #calls: OpenCall[] = []
  readonly #callsByIndex = new Map<number, OpenCall>()
  readonly #callsById = new Map<string, OpenCall>()
  /** Have all of their arguments, and end when something else begins. */
  #wholeCalls: OpenCall[] = []
  #functionCall: OpenCall | undefined
  #textLength = 0
  #textStart = 0
  #finishWord: string | undefined
  readonly #seen = new Map<string, unknown>()
  readonly #seenOfMessage = new Map<string, unknown>()

  constructor(emit: (event: ChatEvent) => void, index: number, messageId: string) {
    this.#emit = emit
    this.#index = index
    this.#callPrefix = callPrefix(messageId, index)
  }

  get finished(): boolean {
    return this.#finishWord !== undefined
  }

  /** @param whole of an answer that was not streamed: it is a choice even if it says nothing. */
  read(wire: WireObject, whole: boolean): void {
    if (whole) this.#emit({ type: 'logprobs-add', choice: this.#index })
    this.#readLogprobs(wire['logprobs'])
    const delta = isRecord(wire['delta']) ? wire['delta'] : undefined
    // A whole message instead of deltas; some providers repeat it at the end of their deltas.
    const message = delta === undefined && this.#parts === 0 && isRecord(wire['message']) ? wire['message'] : undefined
    const said = delta ?? message
    const extra = newMembers(wire, choiceMembers, this.#seen)
    const extraOfMessage = said === undefined ? undefined : newMembers(said, deltaMembers, this.#seenOfMessage)
    if (extra !== undefined || extraOfMessage !== undefined) this.#extend(keep(extra, undefined, extraOfMessage))
    if (said !== undefined) this.#readDelta(said, message !== undefined)
    // Some chunks say "" for none.
    const word = wire['finish_reason']
    if (isString(word) && (whole || word !== '')) this.#finishWord = word
  }

  /** Closes what is open. The end is told last, since some members, such as an audio's expiry, come after it. */
  finish(): void {
    this.#closeText()
    for (const call of this.#calls) this.#closeCall(call)
    if (this.#audioPart !== undefined) this.#end(this.#audioPart)
    const word = this.#finishWord
    if (word === undefined) return
    const finishReason = finishReasonOf(word, this.#calls.length > 0)
    const choice = this.#index
    if (encodeFinishReason(finishReason) === word) {
      this.#emit({ type: 'choice-finish', choice, finishReason })
      return
    }
    this.#extend(keep(undefined, { finish_reason: word }))
    this.#emit({ type: 'choice-finish', choice, finishReason, providerFinishReason: word })
  }

  #extend({ extensions }: ReturnType<typeof keep>): void {
    if (extensions !== undefined) this.#emit({ type: 'choice-extend', choice: this.#index, extensions })
  }

  #readLogprobs(wire: unknown): void {
    if (wire === null || wire === undefined) return
    const logprobs = decodeLogprobs(wire)
    if (logprobs !== undefined) this.#emit({ type: 'logprobs-add', choice: this.#index, ...logprobs })
  }

  #readDelta(delta: WireObject, whole: boolean): void {
    const { content, refusal, audio, annotations, tool_calls: calls, function_call: functionCall } = delta
    this.#readReasoning(delta)
    if (isString(content)) this.#append('text', content)
    else if (isArray(content)) for (const part of content) this.#readPart(part)
    if (isString(refusal)) this.#append('refusal', refusal)
    if (isRecord(audio)) this.#readAudio(audio)
    if (isArray(annotations)) for (const annotation of annotations) this.#annotate(annotation)
    if (isArray(calls)) for (const [position, call] of calls.entries()) this.#readCall(call, position, whole)
    if (isRecord(functionCall)) this.#readFunctionCall(functionCall)
  }

  #append(kind: OpenText['kind'], text: string, origin?: string): void {
    if (text === '') return
    if (this.#text?.kind !== kind || this.#text.origin !== origin) this.#openText({ type: kind, text: '' }, origin)
    this.#emit({ type: 'text-delta', choice: this.#index, part: this.#text!.part, text })
    if (kind === 'text') this.#textLength += text.length
  }

  #openText(content: ContentPart & { type: OpenText['kind'] }, origin?: string): void {
    const part = this.#open(content)
    this.#text = { kind: content.type, part, origin }
    if (content.type === 'text') this.#textStart = this.#textLength
  }

  #open(content: ContentPart): number {
    this.#closeText()
    for (const call of this.#wholeCalls) this.#closeCall(call)
    this.#wholeCalls = []
    const part = this.#parts++
    this.#emit({ type: 'part-start', choice: this.#index, part, content })
    return part
  }

  #closeText(): void {
    if (this.#text !== undefined) this.#end(this.#text.part)
    this.#text = undefined
  }

  #closeCall(call: OpenCall): void {
    if (!call.closed) this.#end(call.part)
    call.closed = true
  }

  #end(part: number): void {
    this.#emit({ type: 'part-end', choice: this.#index, part })
  }

  #readPart(wire: unknown): void {
    const part = decodeContentPart(wire, 'choices.delta.content')
    if (part.type === 'text' || part.type === 'refusal') this.#append(part.type, part.text)
    else if (part.type === 'reasoning') this.#append('reasoning', part.text, 'content')
    else this.#end(this.#open(part))
  }

  #readReasoning(delta: WireObject): void {
    const wires = isArray(delta['reasoning_details']) ? delta['reasoning_details'] : []
    const details = wires.map(decodeReasoningDetail)
    // Where both are given the plain text repeats that of the details.
    if (!details.some((part) => part !== undefined && part.text !== '')) {
      const plain = delta['reasoning_content']
      const text = isString(plain) && plain !== '' ? plain : delta['reasoning']
      if (isString(text)) this.#append('reasoning', text)
    }
    for (const [at, part] of details.entries()) if (part !== undefined) this.#readDetail(part, originOf(wires[at]))
  }

  /** Entries of one type and index are one part. A signature alone belongs to the plain text before it. */
  #readDetail(part: ReasoningPart, origin: string): void {
    const { text, signature, encrypted } = part
    const choice = this.#index
    const open = this.#text?.kind === 'reasoning' ? this.#text : undefined
    const goesOn =
      open !== undefined &&
      (open.origin === origin || (open.origin === undefined && text === '' && signature !== undefined))
    if (!goesOn) this.#openText({ ...part, text: '' }, origin)
    const at = this.#text!.part
    if (text !== '') this.#emit({ type: 'text-delta', choice, part: at, text })
    if (!goesOn || (signature === undefined && encrypted === undefined)) return
    this.#emit({
      type: 'reasoning-seal',
      choice,
      part: at,
      ...(signature === undefined ? undefined : { signature }),
      ...(encrypted === undefined ? undefined : { encrypted }),
    })
  }

  #readAudio(wire: WireObject): void {
    const { data, transcript, expiresAt, ...start } = decodeMessageAudio(wire)
    this.#audioPart ??= this.#open(start)
    if (data === undefined && transcript === undefined && expiresAt === undefined) return
    this.#emit({
      type: 'audio-delta',
      choice: this.#index,
      part: this.#audioPart,
      ...(data === undefined ? undefined : { data }),
      ...(transcript === undefined ? undefined : { transcript }),
      ...(expiresAt === undefined ? undefined : { expiresAt }),
    })
  }

  /** Its offsets count from the start of all text of the choice; those of the neutral form from that of the part. */
  #annotate(wire: unknown): void {
    if (!isRecord(wire)) return
    const decoded = decodeAnnotation(wire)
    if (this.#text?.kind !== 'text') this.#openText({ type: 'text', text: '' })
    const from = this.#textStart
    const annotation = {
      ...decoded,
      ...(decoded.start === undefined ? undefined : { start: decoded.start - from }),
      ...(decoded.end === undefined ? undefined : { end: decoded.end - from }),
    }
    this.#emit({ type: 'annotation-add', choice: this.#index, part: this.#text!.part, annotation })
  }

  #readCall(wire: unknown, position: number, whole: boolean): void {
    if (!isRecord(wire)) return
    const { index: at, ...members } = wire
    // Each call of a whole message stands for itself, whatever it is called.
    const index = whole ? position : isNumber(at) ? at : undefined
    const known = this.#findCall(wire, index, position)
    const fallbackId = `${this.#callPrefix}${this.#calls.length}`
    const part = decodeToolCall(members, fallbackId)
    if (known !== undefined) {
      const custom = known.custom ? wire['custom'] : undefined
      this.#addInput(known, isRecord(custom) && isString(custom['input']) ? custom['input'] : (part?.input ?? ''))
      return
    }
    if (part === undefined) return
    const call = this.#openCall(part, isString(wire['id']) && wire['id'] !== '' ? wire['id'] : undefined)
    if (index !== undefined) this.#callsByIndex.set(index, call)
  }

  /** Deltas are merged by index. Without one, by id; without both, a name begins a call and the rest continues one. */
  #findCall(wire: WireObject, index: number | undefined, position: number): OpenCall | undefined {
    const id = isString(wire['id']) && wire['id'] !== '' ? wire['id'] : undefined
    const called = wire['function'] ?? wire['custom']
    const named = isRecord(called) && isString(called['name']) && called['name'] !== ''
    if (index !== undefined) {
      const call = this.#callsByIndex.get(index)
      // Some providers give every parallel call the index 0.
      const another = named && id !== undefined && call?.id !== undefined && call.id !== id
      return another ? undefined : call
    }
    if (id !== undefined) return this.#callsById.get(id)
    return named ? undefined : (this.#calls[position] ?? this.#calls.at(-1))
  }

  #openCall(part: ToolCallPart, id: string | undefined): OpenCall {
    const call = {
      part: this.#open({ ...part, input: '' }),
      id,
      custom: part.kind === 'custom',
      balance: new JsonBalance(),
      closed: false,
    }
    this.#calls.push(call)
    if (id !== undefined && !this.#callsById.has(id)) this.#callsById.set(id, call)
    this.#addInput(call, part.input)
    return call
  }

  /** What follows whole arguments repeats them. */
  #addInput(call: OpenCall, input: string): void {
    if (input === '' || call.closed || call.balance.whole) return
    if (!call.custom) call.balance.add(input)
    if (call.balance.whole) this.#wholeCalls.push(call)
    this.#emit({ type: 'tool-input-delta', choice: this.#index, part: call.part, input })
  }

  #readFunctionCall(wire: WireObject): void {
    const part = decodeFunctionCall(wire, `${this.#callPrefix}function_call`)
    if (this.#functionCall === undefined) this.#functionCall = this.#openCall(part, undefined)
    else this.#addInput(this.#functionCall, part.input)
  }
}

function originOf(detail: unknown): string {
  return isRecord(detail) ? JSON.stringify([detail['type'], detail['index']]) : ''
}
