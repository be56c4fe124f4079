import type { IncomingMessage, ServerResponse } from 'node:http'
import { SluiceError } from '@sluice/protocol'
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
  /** Names and values in turn for the head of whatever is answered, an error too. */
  headers: string[] | undefined
}

/**
 * To be asked before work begins for a caller: they may have gone while nothing was under way that would have heard of
 * it, even between the last byte of their request and our turn.
 *
 * @throws SluiceError `client_closed_request`.
 */
export function checkCaller({ response }: Call): void {
  if (response.closed) throw new SluiceError('client_closed_request', 'The caller went away.')
}

export type Handler = (call: Call) => Promise<void> | void
