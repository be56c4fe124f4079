import type { IncomingMessage, ServerResponse } from 'node:http'

/** One HTTP request to the gateway, and the way to answer it. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Names this request in answers, logs and traces: the caller's `x-request-id` where it is usable, else a new one. */
  readonly id: string
  /** Without the query, and without the optional `/v1` in front. */
  readonly path: string
  /** Milliseconds on the clock of `performance.now`. */
  readonly startedAt: number
  /** Called once, when the answer was sent or the connection broke; `whole` says which. */
  onClose: ((whole: boolean) => void) | undefined
}

export type Handler = (call: Call) => Promise<void> | void
