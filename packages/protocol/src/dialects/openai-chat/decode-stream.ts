import { joinBytes } from '../../bytes/join-bytes.ts'
import type { CodecContext, StreamDecoder } from '../../dialect.ts'
import { answerTooLong } from '../../errors/answer-too-long.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { createSseParser, type SseEvent } from '../../framing/sse-parser.ts'
import { formOfStart } from '../../framing/form-of-start.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { parseJson } from '../../json/parse-json.ts'
import { decodeError } from './decode-error.ts'
import { findError } from '../../errors/find-error.ts'
import { newMembers } from './new-members.ts'
import { StreamChoice } from './stream-choice.ts'
import { decodeUsage, findUsage, isCanonicalUsage } from './usage.ts'
import { isArray, isNumber, isRecord, isString, keep, type WireObject } from './wire.ts'

/** A JSON answer to a streamed request beyond this is not read. */
const longestBody = 16 * 1024 * 1024

/**
 * Reads a stream of `chat.completion.chunk`s. The stream is whole at `[DONE]`, or when it ends after every
 * choice it opened got a finish reason; whatever else ends it becomes an `error` event.
 *
 * @param chatChoice of streams whose choices are written in another way: the same choice as a chat's.
 */
export function createStreamDecoder(
  emit: (event: ChatEvent) => void,
  context?: CodecContext,
  chatChoice?: (choice: unknown) => unknown,
): StreamDecoder {
  return new ChatStreamDecoder(emit, chatChoice, context)
}

/** Reads the JSON of an answer that was not streamed: it is whole, whatever it says of its end. */
export function readWholeAnswer(wire: WireObject, emit: (event: ChatEvent) => void): void {
  new ChatStreamDecoder(emit, undefined).readWhole(wire)
}

/** Not carried on: padding that hides the length of tokens, and what has a place of its own. */
const chunkMembers = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  'obfuscation',
  'error',
])

class ChatStreamDecoder implements StreamDecoder {
  readonly #emit: (event: ChatEvent) => void
  readonly #chatChoice: ((choice: unknown) => unknown) | undefined
  readonly #context: CodecContext | undefined
  readonly #parser = createSseParser((event) => this.#readEvent(event))
  readonly #choices = new Map<number, StreamChoice>()
  readonly #seen = new Map<string, unknown>()
  #form: 'unknown' | 'events' | 'json' | 'whole' = 'unknown'
  #body: Uint8Array[] = []
  #bodySize = 0
  #id = ''
  #started = false
  #serviceTier: unknown
  #usage: unknown
  #bytesEnded = false
  #over = false

  constructor(
    emit: (event: ChatEvent) => void,
    chatChoice: ((choice: unknown) => unknown) | undefined,
    context?: CodecContext,
  ) {
    this.#emit = emit
    this.#chatChoice = chatChoice
    this.#context = context
  }

  write(chunk: Uint8Array): void {
    if (this.#over) return
    if (this.#form === 'unknown') this.#form = formOfStart(chunk)
    if (this.#form === 'json') {
      this.#bodySize += chunk.length
      if (this.#bodySize > longestBody) this.#fail(answerTooLong(longestBody))
      else this.#body.push(chunk)
    } else if (this.#form === 'events') {
      try {
        this.#parser.write(chunk)
      } catch (error) {
        this.#failWith(error)
      }
    }
  }

  end(): void {
    if (this.#over) return
    this.#bytesEnded = true
    try {
      if (this.#form === 'json') this.#readBody(new TextDecoder().decode(joinBytes(this.#body)))
      else this.#parser.end()
    } catch (error) {
      this.#failWith(error)
    }
    if (this.#over) return
    if (this.whole) this.#complete()
    else
      this.#fail(new SluiceError('upstream_disconnected', 'The provider ended the stream before its answer was whole.'))
  }

  readWhole(wire: WireObject): void {
    this.#form = 'whole'
    this.#readChunk(wire)
    if (!this.#over) this.#complete()
  }

  get whole(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.finished)
  }

  #failWith(error: unknown): void {
    if (!(error instanceof SluiceError)) throw error
    this.#fail(
      error.code === 'invalid_request' ? invalid(`a stream that is no chat completion: ${error.message}`) : error,
    )
  }

  /** The provider answered without streaming: with an error, or with the whole answer. */
  #readBody(text: string): void {
    const body = parseJson(text)
    if (body === undefined) this.#fail(invalid('a body that is neither an event stream nor JSON'))
    else this.#readChunk(isArray(body) ? body[0] : body)
  }

  #readEvent({ data, event }: SseEvent): void {
    if (this.#over) return
    if (event === 'error') {
      this.#failBy(parseJson(data) ?? data)
      return
    }
    if (data.startsWith('[DONE]')) {
      if (this.#started) this.#complete()
      else this.#fail(invalid('a stream without an answer'))
      return
    }
    const chunk = parseJson(data)
    if (chunk !== undefined) this.#readChunk(chunk)
    // Cut within an event: that `end` reports.
    else if (!this.#bytesEnded) this.#fail(invalid('a stream event that is not JSON'))
  }

  #readChunk(chunk: unknown): void {
    if (!isRecord(chunk)) return this.#fail(invalid('a stream event that is no JSON object'))
    const { choices, error } = chunk
    if ((error !== undefined && error !== null) || (!isArray(choices) && findError(chunk) !== undefined)) {
      return this.#failBy(chunk)
    }
    const wireUsage = findUsage(chunk)
    if (!isArray(choices) && wireUsage === undefined) return
    this.#readHead(chunk, wireUsage !== undefined || (isArray(choices) && choices.length > 0))
    if (isArray(choices)) for (const [position, choice] of choices.entries()) this.#readChoice(choice, position)
    const usage = decodeUsage(wireUsage)
    if (usage === undefined) return
    this.#usage = wireUsage
    this.#emit({ type: 'usage', usage })
  }

  #readHead(chunk: WireObject, saysMore: boolean): void {
    const { id, model, created, service_tier: tier } = chunk
    const extensions = newMembers(chunk, chunkMembers, this.#seen)
    if (this.#started) {
      const changed = tier !== undefined && tier !== this.#serviceTier && isTier(tier)
      if (!changed && extensions === undefined) return
      if (changed) this.#serviceTier = tier
      this.#emit({ type: 'message-extend', ...(changed ? { serviceTier: tier } : undefined), ...keep(extensions) })
      return
    }
    // Azure opens with a chunk that has neither id nor model; what else it holds is told with the next one.
    if (!saysMore && (id === '' || id === undefined) && (model === '' || model === undefined)) return
    this.#started = true
    this.#id = isString(id) ? id : ''
    this.#serviceTier = tier
    const all = this.#seen.size === 0 ? undefined : Object.fromEntries(this.#seen)
    this.#emit({
      type: 'message-start',
      id: this.#id,
      model: isString(model) ? model : '',
      ...(isNumber(created) ? { created } : undefined),
      ...(isTier(tier) ? { serviceTier: tier } : undefined),
      ...keep(all),
    })
  }

  #readChoice(given: unknown, position: number): void {
    const wire = this.#chatChoice === undefined ? given : this.#chatChoice(given)
    if (!isRecord(wire)) return
    const index = isNumber(wire['index']) ? wire['index'] : position
    let choice = this.#choices.get(index)
    if (choice === undefined) {
      choice = new StreamChoice(this.#emit, index, this.#id)
      this.#choices.set(index, choice)
    }
    choice.read(wire, this.#form === 'whole')
  }

  #complete(): void {
    this.#over = true
    for (const choice of this.#choices.values()) choice.finish()
    if (this.#usage !== undefined && !isCanonicalUsage(this.#usage)) {
      this.#emit({ type: 'message-extend', ...keep({ usage: this.#usage }) })
    }
    this.#emit({ type: 'message-end' })
  }

  #failBy(body: unknown): void {
    this.#context?.errorBody?.(body)
    this.#fail(readError(body))
  }

  #fail(error: SluiceError): void {
    if (this.#over) return
    this.#over = true
    this.#body = []
    this.#emit({ type: 'error', error })
  }
}

const isTier = (value: unknown): value is string | null => value === null || isString(value)

function readError(body: unknown): SluiceError {
  return decodeError({ status: 200, header: () => undefined, body })
}

function invalid(what: string): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider sent ${what}.`)
}
