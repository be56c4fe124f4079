import { joinBytes } from '../bytes/join-bytes.ts'
import type { ChatDialect, CodecContext, StreamDecoder, StreamEncoder, Tap } from '../dialect.ts'
import type { SluiceError } from '../errors/sluice-error.ts'
import type { ChatRequest, ChatResult } from '../ir/chat.ts'
import type { ChatEvent } from '../ir/chat-event.ts'
import type { Extensions } from '../ir/extensions.ts'
import type { FinishReason } from '../ir/finish-reason.ts'
import { foldChatEvents } from '../ir/fold-chat-events.ts'
import { unfoldChatResult } from '../ir/unfold-chat-result.ts'
import type { Usage } from '../ir/usage.ts'
import { asUpstreamError, createAnswerTap, type TranslatedAnswer } from './answer-tap.ts'
import { joinReasoning } from './join-reasoning.ts'
import { callerTools, withPortableTools } from './portable-tools.ts'
import { restoreTools, ToolRestorer } from './restore-tools.ts'
import { shorten } from './shorten.ts'

export interface TranslationOptions {
  /** What the caller speaks. */
  readonly caller: ChatDialect
  /** What the provider speaks. */
  readonly provider: ChatDialect
  /** As the caller said it. Without it, all tools are taken for functions under the names that the provider knows. */
  readonly request?: ChatRequest
  /** Whether the caller asked for a stream, and for usage in it. */
  readonly stream: boolean
  readonly usageRequested: boolean
  /** Hears what cannot be said in the caller's dialect. */
  readonly context: CodecContext
  /** Laid over the provider's own. */
  readonly head?: AnswerHead | undefined
  /** What the answer is called where it does not say: some wires name neither the model nor the time. */
  readonly unsaid?: UnsaidHead | undefined
}

/** What an answer is called, and says of itself, whatever the provider says. */
export interface AnswerHead {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  readonly extensions: Extensions
}

/** In place of what a provider leaves out. */
export interface UnsaidHead {
  /** As the provider names it. */
  readonly model: string
  /** Unix seconds. */
  readonly created: number
}

function withHead<T extends { readonly extensions?: Extensions }>(said: T, head: AnswerHead | undefined): T {
  return head === undefined ? said : { ...said, ...head, extensions: { ...said.extensions, ...head.extensions } }
}

const textEncoder = new TextEncoder()

/** The body for a provider. */
export function translateRequest(request: ChatRequest, provider: ChatDialect, context: CodecContext): unknown {
  const portable = withShortUser(withPortableTools(joinReasoning(request), context), context)
  return provider.request.encode(portable, context)
}

/** OpenAI refuses ids of more than 64 characters, and callers of Anthropic's send longer ones. */
function withShortUser(request: ChatRequest, context: CodecContext): ChatRequest {
  const { user } = request
  const short = typeof user === 'string' ? shorten(user) : user
  if (short === undefined || short === user) return request
  const message = 'An id of more than 64 characters is sent as its beginning and a hash.'
  context.warn({ code: 'value-changed', path: 'user', message })
  return { ...request, user: short }
}

function withUnsaid<T extends { readonly model: string; readonly created?: number }>(
  said: T,
  { unsaid }: TranslationOptions,
): T {
  if (unsaid === undefined || (said.model !== '' && said.created !== undefined)) return said
  return { ...said, model: said.model || unsaid.model, created: said.created ?? unsaid.created }
}

/** From a provider's stream: event by event where the caller streams too, else folded into one answer. */
export function translateStream(options: TranslationOptions): Tap {
  return new StreamTranslation(options)
}

/** From a provider's whole answer: as one, or unfolded into a stream where the caller asked for one. */
export function translateResult(options: TranslationOptions): Tap {
  return createAnswerTap(translateChat, options)
}

/** A class for its fields: they are touched once an event. */
class StreamTranslation implements Tap {
  readonly #options: TranslationOptions
  readonly #decoder: StreamDecoder
  readonly #encoder: StreamEncoder<ChatEvent> | undefined
  /** For a caller who does not stream. */
  readonly #events: ChatEvent[] = []
  #out: Uint8Array[] = []
  #usage: Usage | undefined
  #finishReason: FinishReason | undefined
  #processing: string | null | undefined
  started = false
  complete = false
  error: SluiceError | undefined = undefined

  constructor(options: TranslationOptions) {
    const { caller, provider, request, stream, context, usageRequested } = options
    this.#options = options
    const tools = request === undefined ? undefined : callerTools(request)
    const take = (event: ChatEvent): void => this.#event(event)
    const restorer = tools === undefined ? undefined : new ToolRestorer(tools, take)
    this.#decoder = provider.stream.decoder(restorer === undefined ? take : (event) => restorer.write(event), context)
    this.#encoder = stream
      ? caller.stream.encoder(
          (bytes) => this.#out.push(typeof bytes === 'string' ? textEncoder.encode(bytes) : bytes),
          { warn: (warning) => context.warn(warning), includeUsage: usageRequested },
        )
      : undefined
  }

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (this.error !== undefined) return undefined
    this.#attempt(() => this.#decoder.write(chunk))
    return this.#take()
  }

  end(): Uint8Array | undefined {
    if (this.error !== undefined) return undefined
    this.#attempt(() => this.#decoder.end())
    if (this.#encoder === undefined && this.complete && this.error === undefined) {
      this.#attempt(() => this.#out.push(encodeWhole(foldChatEvents(this.#events), this.#options)))
    }
    return this.#take()
  }

  usage(): Usage | undefined {
    return this.#usage
  }

  finishReason(): FinishReason | undefined {
    return this.#finishReason
  }

  processing(): string | undefined {
    return this.#processing ?? undefined
  }

  #event(event: ChatEvent): void {
    if (this.error !== undefined) return
    switch (event.type) {
      case 'error':
        this.error = event.error
        return
      case 'message-extend':
        this.#processing = event.serviceTier ?? this.#processing
        break
      case 'message-start':
        this.#processing = event.serviceTier
        event = withHead(withUnsaid(event, this.#options), this.#options.head)
        break
      case 'usage':
        this.#usage = event.usage
        break
      case 'choice-finish':
        this.#finishReason ??= event.finishReason
        break
      case 'message-end':
        this.complete = true
        break
      case 'warning':
        this.#options.context.warn(event.warning)
        return
    }
    if (this.#encoder === undefined) {
      this.#events.push(event)
      return
    }
    if (!this.started) this.started = says(event)
    this.#encoder.write(event)
  }

  #attempt(action: () => void): void {
    try {
      action()
    } catch (thrown) {
      this.error = asUpstreamError(thrown)
    }
  }

  #take(): Uint8Array | undefined {
    if (this.#out.length === 0) return undefined
    const bytes = joinBytes(this.#out)
    this.#out = []
    return bytes
  }
}

/** Whether an event commits to an answer. */
function says(event: ChatEvent): boolean {
  switch (event.type) {
    case 'message-start':
    case 'usage':
      return false
    case 'part-start':
      return event.content.type !== 'text' || event.content.text !== ''
    case 'text-delta':
      return event.text !== ''
    default:
      return true
  }
}

/** A whole answer, translated as one or as the stream that the caller asked for. */
function translateChat(wire: unknown, options: TranslationOptions): TranslatedAnswer {
  const { provider, request, stream, context, head } = options
  const tools = request === undefined ? undefined : callerTools(request)
  const said = withHead(withUnsaid(provider.result.decode(wire, context), options), head)
  const result = tools === undefined ? said : restoreTools(said, tools)
  return {
    bytes: stream ? encodeAsStream(result, options) : encodeWhole(result, options),
    usage: result.usage,
    processing: result.serviceTier ?? undefined,
    finishReason: result.choices[0]?.finishReason ?? undefined,
  }
}

function encodeWhole(result: ChatResult, { caller, context }: TranslationOptions): Uint8Array {
  return textEncoder.encode(JSON.stringify(caller.result.encode(result, context)))
}

function encodeAsStream(result: ChatResult, { caller, context, usageRequested }: TranslationOptions): Uint8Array {
  const pieces: Uint8Array[] = []
  const encoder = caller.stream.encoder(
    (bytes) => pieces.push(typeof bytes === 'string' ? textEncoder.encode(bytes) : bytes),
    { warn: (warning) => context.warn(warning), includeUsage: usageRequested },
  )
  for (const event of unfoldChatResult(result)) encoder.write(event)
  return joinBytes(pieces)
}
