import type { StreamDecoder } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { createNdjsonParser } from '../../framing/ndjson-parser.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { ContentPart } from '../../ir/chat.ts'
import { callPrefix } from './decode-result.ts'
import { findOllamaError, readErrorBody } from './error.ts'
import { decodeFinishReason, providerWord } from './finish-reason.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodeImage } from './media.ts'
import { idOf, readTime } from './time.ts'
import { decodeToolCall } from './tool-call.ts'
import { decodeUsage } from './usage.ts'
import { isArray, isFilled, isRecord, isString, keep, type WireObject } from './wire.ts'

/**
 * Reads the lines of a streamed answer of `/api/chat`. The stream is whole at the line that says `done`; whatever else
 * ends it becomes an `error` event. What follows that line is not read.
 */
export function createStreamDecoder(emit: (event: ChatEvent) => void): StreamDecoder {
  return new OllamaStreamDecoder(emit)
}

const lineMembers = new Set([
  'model',
  'created_at',
  'message',
  'done',
  'done_reason',
  'logprobs',
  'prompt_eval_count',
  'eval_count',
  'error',
])
const messageMembers = new Set(['role', 'content', 'thinking', 'images', 'tool_calls'])

class OllamaStreamDecoder implements StreamDecoder {
  readonly #emit: (event: ChatEvent) => void
  readonly #parser = createNdjsonParser((value) => this.#readLine(value))
  /** Unknown members by their last value, to tell each once. */
  readonly #seen = new Map<string, unknown>()
  #callPrefix = ''
  #started = false
  #over = false
  #parts = 0
  #calls = 0
  #open: { readonly kind: 'text' | 'reasoning'; readonly part: number } | undefined

  constructor(emit: (event: ChatEvent) => void) {
    this.#emit = emit
  }

  write(chunk: Uint8Array): void {
    if (this.#over) return
    try {
      this.#parser.write(chunk)
    } catch (error) {
      this.#failWith(error)
    }
  }

  end(): void {
    if (this.#over) return
    try {
      this.#parser.end()
    } catch (error) {
      this.#failWith(error)
    }
    // Said only where the last line did not end it.
    this.#fail(new SluiceError('upstream_disconnected', 'The provider ended the stream before the answer was whole.'))
  }

  #failWith(error: unknown): void {
    if (!(error instanceof SluiceError)) throw error
    this.#fail(error)
  }

  #readLine(line: unknown): void {
    if (this.#over) return
    if (findOllamaError(line) !== undefined) return this.#fail(readErrorBody(line))
    if (!isRecord(line) || (!isRecord(line['message']) && line['done'] !== true)) {
      this.#fail(new SluiceError('upstream_invalid_response', 'The provider sent a line that is no chat answer.'))
      return
    }
    this.#readHead(line)
    if (isRecord(line['message'])) this.#readMessage(line['message'])
    const content = decodeLogprobs(line['logprobs'])
    if (content !== undefined) this.#emit({ type: 'logprobs-add', choice: 0, content })
    if (line['done'] === true) this.#complete(line)
  }

  #readHead(line: WireObject): void {
    const rest = this.#unknown(line, lineMembers, '')
    if (this.#started) {
      if (rest !== undefined) this.#emit({ type: 'message-extend', ...keep(rest) })
      return
    }
    this.#started = true
    const { model, created_at: time } = line
    const created = readTime(time)
    const id = idOf(time)
    this.#callPrefix = callPrefix(id)
    this.#emit({
      type: 'message-start',
      id,
      model: isString(model) ? model : '',
      ...(created !== undefined && { created }),
      ...keep(rest, { created_at: created === undefined ? null : time }),
    })
  }

  /** Unknown members that have a value and a new one. */
  #unknown(wire: WireObject, known: ReadonlySet<string>, level: string): WireObject | undefined {
    let found: Record<string, unknown> | undefined
    for (const name in wire) {
      if (known.has(name)) continue
      const value = wire[name]
      const key = level + name
      if (value === null || this.#seen.get(key) === value) continue
      this.#seen.set(key, value)
      ;(found ??= {})[name] = value
    }
    return found
  }

  #readMessage(message: WireObject): void {
    const { thinking, content, images, tool_calls: calls } = message
    if (isFilled(thinking)) this.#append('reasoning', thinking)
    if (isFilled(content)) this.#append('text', content)
    if (isArray(images)) for (const image of images) if (isString(image)) this.#whole(decodeImage(image))
    if (isArray(calls)) for (const call of calls) this.#readCall(call)
    const { extensions } = keep(this.#unknown(message, messageMembers, 'message.'))
    if (extensions !== undefined) this.#emit({ type: 'choice-extend', choice: 0, extensions })
  }

  #append(kind: 'text' | 'reasoning', text: string): void {
    if (this.#open?.kind !== kind) {
      this.#close()
      this.#open = { kind, part: this.#start({ type: kind, text: '' }) }
    }
    this.#emit({ type: 'text-delta', choice: 0, part: this.#open.part, text })
  }

  /** Calls come whole. */
  #readCall(wire: unknown): void {
    const call = decodeToolCall(wire, `${this.#callPrefix}${this.#calls}`)
    if (call === undefined) return
    this.#calls++
    this.#whole(call)
  }

  #whole(content: ContentPart): void {
    this.#close()
    if (content.type === 'tool-call') {
      const part = this.#start({ ...content, input: '' })
      if (content.input !== '') this.#emit({ type: 'tool-input-delta', choice: 0, part, input: content.input })
      this.#end(part)
    } else this.#end(this.#start(content))
  }

  #start(content: ContentPart): number {
    const part = this.#parts++
    this.#emit({ type: 'part-start', choice: 0, part, content })
    return part
  }

  #end(part: number): void {
    this.#emit({ type: 'part-end', choice: 0, part })
  }

  #close(): void {
    if (this.#open !== undefined) this.#end(this.#open.part)
    this.#open = undefined
  }

  #complete(line: WireObject): void {
    this.#over = true
    this.#close()
    const { done_reason: word } = line
    const finishReason = decodeFinishReason(word, this.#calls > 0)
    const providerFinishReason = providerWord(word, finishReason)
    this.#emit({
      type: 'choice-finish',
      choice: 0,
      finishReason,
      ...(providerFinishReason !== undefined && { providerFinishReason }),
    })
    const usage = decodeUsage(line)
    if (usage !== undefined) this.#emit({ type: 'usage', usage })
    this.#emit({ type: 'message-end' })
  }

  #fail(error: SluiceError): void {
    if (this.#over) return
    this.#over = true
    this.#emit({ type: 'error', error })
  }
}
