import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Abortable } from 'sluice'

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
  /** What to give up when the caller goes away before the answer is whole. */
  underWay: Abortable | undefined
}

export type Handler = (call: Call) => Promise<void> | void
