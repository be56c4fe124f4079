/**
 * What goes wrong, whatever the dialect. Several may be combined; those that change the answer apply in the
 * order given.
 */
export type Fault =
  | StatusFault
  | ErrorInsideFault
  | StopFault
  /** Written in pieces of `size` bytes (1: byte by byte), each its own write, `gap` milliseconds apart. */
  | { readonly kind: 'split'; readonly size: number; readonly gap?: number }
  /** The answer's text is one fragment of `size` characters: one huge line on the wire. */
  | { readonly kind: 'long-line'; readonly size: number }
  /** The body, or the stream's event number `at` (0 first, default 1), is broken off JSON. */
  | { readonly kind: 'invalid-json'; readonly at?: number }
  /** A good body under a wrong content type. */
  | { readonly kind: 'content-type'; readonly value: string }
  /** A page of HTML, as from a proxy in between, with 200 unless said. */
  | { readonly kind: 'html'; readonly status?: number }
  /** A head (200 unless said) and no byte of body. */
  | { readonly kind: 'empty'; readonly status?: number }
  /** Keep-alive lines before each event, as comments; before a body that is no stream, as blank lines. */
  | { readonly kind: 'keep-alive'; readonly text?: string; readonly count?: number }
  /** Other ends of line in the stream. */
  | { readonly kind: 'line-ends'; readonly value: '\r\n' | '\r' }
  /** The stream lacks what its dialect ends with (`[DONE]`). */
  | { readonly kind: 'missing-end' }
  | { readonly kind: 'missing-usage' }
  /** The stream's deltas over and over until the client leaves, or `events` of them (default 1,000,000). */
  | { readonly kind: 'endless'; readonly events?: number }
  /** After a whole answer the connection is closed, unannounced: the next request on it meets a closed socket. */
  | { readonly kind: 'close-idle' }

export interface StatusFault {
  readonly kind: 'status'
  readonly status: number
  /** Members not given come from the dialect's usual error for that status. */
  readonly error?: ErrorReply
  /** How the error is wrapped; default `dialect`. */
  readonly shape?: ErrorShape
  /** Sent instead of an error body: a string as it is, anything else as JSON. */
  readonly body?: unknown
  /** Seconds, or a date as HTTP writes it. */
  readonly retryAfter?: number | string
  /** Milliseconds. */
  readonly retryAfterMs?: number
}

/** 200, and an error where the answer should be. */
export interface ErrorInsideFault {
  readonly kind: 'error-inside'
  /** How many events of a stream come first; default 0. */
  readonly at?: number
  readonly error?: ErrorReply
  readonly shape?: ErrorShape
  readonly body?: unknown
  /** A JSON body even where a stream was asked for. */
  readonly json?: boolean
  /** The name of the stream's event, for framings that name them (`error`). */
  readonly event?: string
}

/** The answer stops at a point it should not stop at. */
export interface StopFault {
  /**
   * `truncate`: the HTTP message ends well, its body too early. `cut`: the connection is closed (FIN).
   * `reset`: it is reset (RST). `hang`: it stays open and silent until the client leaves.
   */
  readonly kind: 'truncate' | 'cut' | 'reset' | 'hang'
  readonly at: Point
}

/**
 * `head`: before the answer's first byte. A number: after that many bytes of the body (0: after the head); past
 * the body's end, after its last byte. `{ event }`: after that many events of the stream.
 */
export type Point = 'head' | number | { readonly event: number }

export interface ErrorReply {
  readonly status?: number
  readonly message?: string
  readonly type?: string
  readonly code?: string | number | null
  readonly param?: string | null
}

/**
 * `nested` `{error:{message,type,param,code}}`, `flat` `{message,type,param,code}`, `text` `{error:"…"}`,
 * `message` `{message}`, `detail` `{detail:"…"}`, `validation` `{detail:[{loc,msg,type}]}`, `plain` the message
 * alone as text/plain, `none` no body.
 */
export type ErrorShape = 'dialect' | 'nested' | 'flat' | 'text' | 'message' | 'detail' | 'validation' | 'plain' | 'none'

type FaultKind = Fault['kind']

/** Every kind; the type makes the list complete. */
const kinds: Readonly<Record<FaultKind, true>> = {
  status: true,
  'error-inside': true,
  truncate: true,
  cut: true,
  reset: true,
  hang: true,
  split: true,
  'long-line': true,
  'invalid-json': true,
  'content-type': true,
  html: true,
  empty: true,
  'keep-alive': true,
  'line-ends': true,
  'missing-end': true,
  'missing-usage': true,
  endless: true,
  'close-idle': true,
}

export const faultKinds: readonly string[] = Object.keys(kinds)
