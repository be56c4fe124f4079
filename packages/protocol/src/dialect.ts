import type { SluiceError } from './errors/sluice-error.ts'
import type { ChatRequest, ChatResult } from './ir/chat.ts'
import type { ChatEvent } from './ir/chat-event.ts'
import type { TokenCountResult } from './ir/count-tokens.ts'
import type { EmbedRequest, EmbedResult } from './ir/embed.ts'
import type { Warning } from './ir/extensions.ts'
import type { FinishReason } from './ir/finish-reason.ts'
import type { ModerateRequest, ModerateResult } from './ir/moderate.ts'
import type { RerankRequest, RerankResult } from './ir/rerank.ts'
import type { Usage } from './ir/usage.ts'
import type { FormScanner } from './multipart/form-scanner.ts'
import type { Operation } from './operation.ts'

/**
 * One wire API for one operation: the only place that knows that wire. Used on the way in (a caller speaks
 * it) and on the way out (a provider speaks it).
 */
export interface Dialect {
  readonly id: string
  readonly operation: Operation
  /** Where a request goes, below a provider's base URL: `/chat/completions`. `model` is as the provider names it. */
  path(model: string, stream: boolean): string
  /**
   * Where callers send it, without `/v1` in front; `*` in a path stands for whatever is there, and the path with the
   * longer end after it counts: `/models/*:embedContent`. Absent for a wire that only providers speak.
   */
  readonly served?: readonly string[]
  /**
   * What a request says in its path and not in its body. Throws `SluiceError` for a path that says nothing known.
   * @param query what follows the path's `?`; absent where nobody looked.
   */
  peekPath?(path: string, query?: string): Pick<Peek, 'stream' | 'framing'> & { readonly model: string }
  /** What every request of this wire carries, names in lower case: `anthropic-version`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Callers' headers that belong to the wire and go on to a provider that speaks it: `anthropic-beta`. */
  readonly forwardedHeaders?: readonly string[]
  /** Reads what routing needs from a request's bytes. Throws `SluiceError` when they are no request at all. */
  peek(body: Uint8Array): Peek
  /**
   * The request's bytes with the model's name replaced, and with usage reporting switched on where `stream`
   * needs it: pieces to be sent in order. Every other byte is kept. `undefined` when the bytes are not plain
   * enough to be edited in place; then `rewrite` does it.
   */
  patch?(body: Uint8Array, peek: Peek, changes: RequestChanges): readonly Uint8Array[] | undefined
  /** As `patch`, by parsing and serialising: slower, for any valid request, with the same meaning. */
  rewrite(body: Uint8Array, changes: RequestChanges): Uint8Array
  /** Present where requests are `multipart/form-data` and not JSON. */
  readonly form?: FormRequests
  readonly error: ErrorCodec
  /**
   * Watch an answer that is relayed as it is. Fresh state for each exchange. `request` is what was asked, as the caller
   * wrote it, for wires whose answers do not say what they cost.
   */
  readonly tap: { result(request?: Uint8Array): Tap; stream(options: StreamTapOptions): Tap }
  /** The type of a whole answer. Default `application/json`; `undefined`: as the provider says. */
  readonly resultType?: string | undefined
  /** Of streamed answers. Default `text/event-stream; charset=utf-8`. */
  readonly stream?: { readonly contentType: string }
}

/** Requests that are forms, whose files need not be there to know where the request goes. */
export interface FormRequests {
  /** @param boundary as the content type says it. */
  scanner(boundary: string): FormScanner
  /** As `Dialect.peek`, of a body as far as it was scanned; all of it where it says no model. */
  peek(scanner: FormScanner): Peek
}

/** What the neutral requests of all operations have. */
export interface NeutralRequest {
  readonly model: string
  /** The request's member that points at what only its own provider remembers: it can be asked of no other. */
  readonly remembered?: string
}

/** What the neutral answers of all operations have. */
export interface NeutralResult {
  readonly usage?: Usage
}

/** A dialect that can be said in others of its operation, by way of the operation's neutral types. */
export interface TranslatableDialect<
  Request extends NeutralRequest = NeutralRequest,
  Result extends NeutralResult = NeutralResult,
> extends Dialect {
  readonly request: Codec<Request>
  readonly result: ResultCodec<Request, Result>
  /** It does the operation by another one, and is taken only where a provider has nothing better. */
  readonly standIn?: true
}

/** As `Codec`, of answers whose form depends on what was asked for. */
export interface ResultCodec<Request, Result> {
  decode(wire: unknown, context: CodecContext): Result
  encode(value: Result, context: CodecContext, request: Request): unknown
}

/** What a client needs of a chat's dialect that writes the wire itself: to read what comes back. */
export interface ChatReader extends Dialect {
  readonly result: Pick<Codec<ChatResult>, 'decode'>
  readonly stream: Pick<StreamCodec<ChatEvent>, 'contentType' | 'decoder'>
}

export interface ChatDialect extends TranslatableDialect<ChatRequest, ChatResult> {
  readonly result: Codec<ChatResult>
  readonly stream: StreamCodec<ChatEvent>
}

export type EmbedDialect = TranslatableDialect<EmbedRequest, EmbedResult>
export type RerankDialect = TranslatableDialect<RerankRequest, RerankResult>
export type CountTokensDialect = TranslatableDialect<ChatRequest, TokenCountResult>
export type ModerateDialect = TranslatableDialect<ModerateRequest, ModerateResult>

export interface Peek {
  /** As the caller wrote it, decoded; absent when not said or no string. */
  readonly model?: string
  readonly stream: boolean
  /** Whether the caller asked for usage in the stream. */
  readonly usageRequested: boolean
  /** Members are there that say where the request shall go: `routingMembers`. */
  readonly choosesRoute?: true
  /** `false` when the bytes are valid but not plain (repeated keys, escapes in keys): `patch` would refuse. */
  readonly plain: boolean
  /** How the caller wants its stream framed, where that is not the dialect's usual way. */
  readonly framing?: StreamFraming
}

/** Another frame around what a dialect streams. */
export interface StreamFraming {
  readonly contentType: string
  /** Fresh state for each stream. */
  reframer(): Reframer
}

export interface Reframer {
  /** The dialect's usual bytes in, split anywhere; what the caller gets for them out, which may be nothing yet. */
  write(bytes: Uint8Array): string
  end(): string
}

export interface RequestChanges {
  readonly model: string
  /** The model's name as JSON text in UTF-8, prepared once for all requests. */
  readonly modelJson: Uint8Array
  /** Make the stream report usage. Only looked at when the request streams. */
  readonly includeUsage: boolean
}

export interface CodecContext {
  /** Called for whatever cannot be said in the other form. */
  warn(warning: Warning): void
  /** Where a provider wants the reasoning of turns with calls back, though the wire itself has no place for it. */
  readonly reasoningMember?: ReasoningMember | undefined
}

/** As DeepSeek names it, and as OpenRouter does. */
export type ReasoningMember = 'reasoning_content' | 'reasoning_details'

/** Between a parsed JSON body and the neutral form. `decode` throws `SluiceError` for what it cannot read. */
export interface Codec<T> {
  decode(wire: unknown, context: CodecContext): T
  encode(value: T, context: CodecContext): unknown
}

/** Push-style: no promise and no closure per chunk. */
export interface StreamCodec<Event> {
  readonly contentType: string
  /** Bytes in, split anywhere; events out, in order. */
  decoder(emit: (event: Event) => void, context: CodecContext): StreamDecoder
  /** Events in; framed text or bytes out. */
  encoder(emit: (bytes: Uint8Array | string) => void, context: StreamEncodeContext): StreamEncoder<Event>
}

export interface StreamEncodeContext extends CodecContext {
  /** Whether the caller asked for usage in the stream. */
  readonly includeUsage: boolean
}

export interface StreamDecoder {
  write(chunk: Uint8Array): void
  /** The bytes ended. Emits `message-end` when the answer was whole, else an `error` event. */
  end(): void
}

export interface StreamEncoder<Event> {
  write(event: Event): void
}

export interface ErrorCodec {
  /** From a provider's error answer, or an error found inside a 200: `body` is parsed JSON, or text that is none. */
  decode(answer: ErrorAnswer): SluiceError
  /** The body for the caller. */
  encode(error: SluiceError, requestId: string): unknown
  /** The framed event that tells a caller of a failure after the first byte. */
  encodeEvent(error: SluiceError, requestId: string): string | Uint8Array
}

export interface ErrorAnswer {
  /** HTTP status; 200 for an error inside a good answer. */
  readonly status: number
  header(name: string): string | undefined
  readonly body: unknown
}

export interface StreamTapOptions {
  /** Keep the usage-only event from the caller, who did not ask for it. */
  readonly hideUsage: boolean
}

/**
 * Watches an answer's bytes on their way to the caller. Bounded memory; no parsing of what nobody needs.
 */
export interface Tap {
  /** The bytes to relay now: usually `chunk` itself; `undefined` when all of it is held back for the moment. */
  write(chunk: Uint8Array): Uint8Array | undefined
  /** The answer ended: what was still held back and belongs to the caller. */
  end(): Uint8Array | undefined
  /** `true` once a byte that means something to the caller was seen: the answer may be committed to. */
  readonly started: boolean
  /** The body of an error that came inside a good answer. */
  readonly error: unknown
  /** Whether the answer is whole; to be asked after `end`. */
  readonly complete: boolean
  /** The last usage seen, read on demand. */
  usage(): Usage | undefined
  /** Of the first choice, as far as it was seen. */
  finishReason(): FinishReason | undefined
  /** The id by which the provider can be asked for the answer again; `undefined` while it is not known, and where there is none. */
  storedId?(): string | undefined
  /** How the provider says that it processed the request, which prices depend on: `default`, `flex`, `priority`. */
  processing?(): string | undefined
}
