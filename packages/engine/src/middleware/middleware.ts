import type { ChatEvent, Operation, SluiceError, Usage } from '@sluice/protocol'

/**
 * Stands around every attempt at every target, so that retries and fallbacks pass through it: it may look, change the
 * request or the answer, answer itself, or throw. Of several the first given is the outermost.
 *
 * What it throws is the attempt's failure: a `SluiceError` is dealt with by its code, anything else is
 * `middleware_failed`, after which a route goes on to its next target.
 */
export type Middleware = (
  request: MiddlewareRequest,
  next: NextMiddleware,
) => MiddlewareResponse | Promise<MiddlewareResponse>

/**
 * Asks on: the next middleware, and after the last the provider. To be called once at most: what is to be repeated is
 * the route's business. Given a body, it asks with that one instead. Rejects with the `SluiceError` of the attempt.
 */
export type NextMiddleware = (body?: RequestObject) => Promise<MiddlewareResponse>

/** A request's body, as the API in which it is asked has it. */
export type RequestObject = Readonly<Record<string, unknown>>

/** One attempt before it is made, as a middleware is given it. */
export interface MiddlewareRequest {
  /** Names the call in logs and traces: the same for all of its attempts. */
  readonly id: string
  readonly operation: Operation
  /** The API in which the caller asks and `body` is written: `openai-chat`; the library asks in OpenAI's. */
  readonly dialect: string
  /** As the caller named it: an alias, a route, `prompt:NAME`. */
  readonly requestedModel: string | undefined
  /** Id of the configured provider that is to be asked. */
  readonly provider: string
  /** As the provider names it. */
  readonly model: string
  /** From 1. */
  readonly attempt: number
  readonly stream: boolean
  /** Who calls, without their key; `local` in the library. */
  readonly principal: string
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal
  /**
   * Parsed when first read; empty where the request is a form. Not to be changed in place: give another one to `next`.
   * Whether it streams, and who is asked, is settled: `stream` and `model` in it change nothing.
   */
  readonly body: RequestObject
  /**
   * An answer in place of the provider's: of a chat its text, or a body as `MiddlewareResponse.body` gives it, which is
   * streamed where that was asked for. Nothing counts as used, unless `usage` says so.
   *
   * @throws SluiceError for what is no answer of the API.
   */
  answer(body: string | RequestObject, options?: { readonly usage?: Usage }): MiddlewareResponse
}

/** A good answer; failures are thrown. */
export interface MiddlewareResponse {
  readonly status: number
  /** The provider's, names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly stream: boolean
  /** What was used, as far as it is known: of a stream not before its end. */
  usage(): Usage | undefined
  /**
   * All of it, as the API answers where nothing is streamed. A stream is thereby held back until it is whole; the
   * response can be returned afterwards. Rejects when it breaks off, or is no JSON.
   */
  body(): Promise<RequestObject>
  /** Hears the answer on its way, which goes as it came. @returns the response to be returned. */
  observe(observer: ResponseObserver): MiddlewareResponse
  /**
   * Changes a chat's answer, streamed or whole, event by event: into another one, several, or none.
   * @returns the response to be returned.
   * @throws SluiceError `unsupported_operation` for other operations: read `body`, and give `request.answer` another.
   */
  transform(change: (event: ChatEvent) => ChatEvent | readonly ChatEvent[] | undefined): MiddlewareResponse
}

/** Hears an answer on its way. What it throws breaks the answer off. */
export interface ResponseObserver {
  /** Of a chat: each event of a stream when it comes, those of a whole answer at once. */
  event?(event: ChatEvent): void
  /** Once: all of it went out, it broke off, or the caller left it (`client_closed_request`). */
  end?(end: { readonly usage: Usage | undefined; readonly error: SluiceError | undefined }): void
}
