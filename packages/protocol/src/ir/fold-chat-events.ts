import { SluiceError } from '../errors/sluice-error.ts'
import type { Annotation, ChatChoice, ChatResult, ContentPart, TokenLogprob } from './chat.ts'
import type { ChatEvent } from './chat-event.ts'
import type { Extensions } from './extensions.ts'

/**
 * The answer that a whole stream of events tells. Throws the error of an `error` event, and
 * `upstream_disconnected` when the stream ends before `message-end`. Takes linear time.
 */
export function foldChatEvents(events: Iterable<ChatEvent>): ChatResult {
  const fold = new ChatFold()
  for (const event of events) if (fold.add(event)) return fold.result()
  throw new SluiceError('upstream_disconnected', 'The stream ended before the answer was whole.')
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type EventOf<Type extends ChatEvent['type']> = ChatEvent & { type: Type }

interface OpenPart {
  readonly start: ContentPart
  /** Text, or a call's input. Pieces are joined once. */
  readonly text: string[]
  readonly data: string[]
  readonly transcript: string[]
  readonly annotations: Annotation[]
  readonly changes: Record<string, unknown>
}

interface OpenChoice {
  readonly choice: Mutable<ChatChoice>
  /** Merged at the end: a copy for each event would make many of them quadratic. */
  readonly extensions: Extensions[]
  readonly parts: OpenPart[]
  logprobs?: { content?: TokenLogprob[]; refusal?: TokenLogprob[] }
}

class ChatFold {
  #result: Mutable<ChatResult> | undefined
  #extensions: Extensions[] = []
  readonly #choices = new Map<number, OpenChoice>()

  /** @returns whether the answer is whole. */
  add(event: ChatEvent): boolean {
    switch (event.type) {
      case 'message-start': {
        const { type: _, extensions, ...start } = event
        this.#result = { ...start, choices: [] }
        this.#extensions = extensions ? [extensions] : []
        return false
      }
      case 'part-start':
        this.#choice(event.choice).parts[event.part] = openPart(event.content)
        return false
      case 'text-delta':
        this.#part(event).text.push(event.text)
        return false
      case 'tool-input-delta':
        this.#part(event).text.push(event.input)
        return false
      case 'audio-delta':
        addAudio(this.#part(event), event)
        return false
      case 'annotation-add':
        this.#part(event).annotations.push(event.annotation)
        return false
      case 'reasoning-seal': {
        const { signature, encrypted } = event
        Object.assign(
          this.#part(event).changes,
          signature === undefined ? {} : { signature },
          encrypted === undefined ? {} : { encrypted },
        )
        return false
      }
      case 'logprobs-add':
        addLogprobs(this.#choice(event.choice), event)
        return false
      case 'choice-extend':
        this.#choice(event.choice).extensions.push(event.extensions)
        return false
      case 'choice-finish': {
        const { choice } = this.#choice(event.choice)
        choice.finishReason = event.finishReason
        if (event.providerFinishReason !== undefined) choice.providerFinishReason = event.providerFinishReason
        return false
      }
      case 'usage':
        this.#started().usage = event.usage
        return false
      case 'message-extend': {
        const result = this.#started()
        if (event.serviceTier !== undefined) result.serviceTier = event.serviceTier
        if (event.extensions) this.#extensions.push(event.extensions)
        return false
      }
      case 'error':
        throw event.error
      case 'part-end':
      case 'warning':
        return false
      case 'message-end':
        return true
    }
  }

  result(): ChatResult {
    const choices = [...this.#choices.values()].map(closeChoice).sort((left, right) => left.index - right.index)
    return { ...this.#started(), ...merged(this.#extensions), choices }
  }

  #started(): Mutable<ChatResult> {
    if (this.#result === undefined) throw brokenOrder('the answer had started')
    return this.#result
  }

  #choice(index: number): OpenChoice {
    let open = this.#choices.get(index)
    if (open === undefined) {
      const choice = { index, content: [], finishReason: null }
      open = { choice, extensions: [], parts: [] }
      this.#choices.set(index, open)
    }
    return open
  }

  #part(event: { readonly choice: number; readonly part: number }): OpenPart {
    const part = this.#choice(event.choice).parts[event.part]
    if (part === undefined) throw brokenOrder(`part ${event.part} had started`)
    return part
  }
}

function brokenOrder(missing: string): SluiceError {
  return new SluiceError('internal_error', `A stream event came before ${missing}.`)
}

function openPart(start: ContentPart): OpenPart {
  return { start, text: [], data: [], transcript: [], annotations: [], changes: {} }
}

function addAudio(part: OpenPart, event: EventOf<'audio-delta'>): void {
  if (event.data !== undefined) part.data.push(event.data)
  if (event.transcript !== undefined) part.transcript.push(event.transcript)
  if (event.expiresAt !== undefined) part.changes['expiresAt'] = event.expiresAt
}

function addLogprobs(open: OpenChoice, event: EventOf<'logprobs-add'>): void {
  for (const name of ['content', 'refusal'] as const) {
    const tokens = event[name]
    if (tokens === undefined) continue
    open.logprobs ??= {}
    const all = (open.logprobs[name] ??= [])
    for (const token of tokens) all.push(token)
  }
}

function closeChoice({ choice, extensions, parts, logprobs }: OpenChoice): ChatChoice {
  return { ...choice, ...merged(extensions), content: parts.map(closePart), ...(logprobs && { logprobs }) }
}

function closePart(part: OpenPart): ContentPart {
  const { start, changes } = part
  switch (start.type) {
    case 'text': {
      const annotations = [...(start.annotations ?? []), ...part.annotations]
      return {
        ...start,
        text: joined(start.text, part.text),
        ...(annotations.length > 0 ? { annotations } : undefined),
      }
    }
    case 'refusal':
    case 'reasoning':
      return { ...start, text: joined(start.text, part.text), ...changes }
    case 'tool-call':
      return { ...start, input: joined(start.input, part.text) }
    case 'audio':
      return {
        ...start,
        ...changes,
        ...(part.data.length > 0 ? { data: joined(start.data ?? '', part.data) } : undefined),
        ...(part.transcript.length > 0 ? { transcript: joined(start.transcript ?? '', part.transcript) } : undefined),
      }
    default:
      return start
  }
}

function joined(start: string, pieces: readonly string[]): string {
  return pieces.length === 0 ? start : start + pieces.join('')
}

/** Later members take the place of earlier ones. */
function merged(all: readonly Extensions[]): { extensions?: Extensions } {
  if (all.length === 0) return {}
  const members = new Map<string, [string, unknown][]>()
  for (const [id, more] of all.flatMap((each) => Object.entries(each))) {
    const known = members.get(id) ?? []
    members.set(id, known)
    for (const member of Object.entries(more)) known.push(member)
  }
  return { extensions: Object.fromEntries([...members].map(([id, each]) => [id, Object.fromEntries(each)])) }
}
