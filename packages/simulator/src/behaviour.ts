import type { Operation } from './dialect.ts'
import type { Fault } from './fault.ts'
import type { Reply } from './reply/reply.ts'

/** How one request is answered: what is said, when, and what goes wrong. Plain data: it can be written as JSON. */
export interface Behaviour {
  /** Which requests it is for; default all but `models` and `count-tokens`, which gateways and clients ask for in the background. */
  readonly on?: Operation | 'any'
  /** What is not given is made up from the request, the same for the same request. */
  readonly reply?: Reply
  /** Sent instead of anything made up: a recorded answer. */
  readonly raw?: RawAnswer
  /** Added to the answer's headers, or in their place. */
  readonly headers?: Readonly<Record<string, string>>
  readonly timing?: Timing
  readonly reading?: Reading
  readonly fault?: Fault | readonly Fault[]
}

/** Milliseconds; default 0: as fast as it goes, each event its own write. */
export interface Timing {
  /** Before the answer's head. */
  readonly latency?: number
  /** Between the head and the body's first byte. */
  readonly firstEvent?: number
  /** Between two events of a stream. */
  readonly gap?: number
}

/** How the request's body is read. Not for behaviours that a function returns: it is called with the body. */
export interface Reading {
  /** Milliseconds of rest after each piece read. */
  readonly gap?: number
  /** Reads about this many bytes, leaves the rest on the wire, and answers. */
  readonly stopAt?: number
}

export interface RawAnswer {
  /** Default 200. */
  readonly status?: number
  /** Default `application/json`, for several pieces `text/event-stream`. */
  readonly contentType?: string
  /** Several pieces are a stream's events, byte for byte. */
  readonly body: string | Uint8Array | readonly (string | Uint8Array)[]
}
