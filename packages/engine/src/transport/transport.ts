import type { SluiceError } from '@sluice/protocol'
import type { Identity } from '../provider-kit/auth.ts'

/** One call to a provider. Everything that does not change from call to call is prepared in `destination`. */
export interface UpstreamRequest {
  readonly destination: Destination
  /** In capitals. */
  readonly method: string
  /** Pieces sent in order as one body, empty for none; or a body that is not all here yet. */
  readonly body: readonly Uint8Array[] | BodyStream
  readonly timeouts: Timeouts
}

/**
 * A body that is taken as fast as it can be sent. A `SluiceError` that it throws is what the receiver hears; it is
 * not read on once the call is over.
 */
export interface BodyStream extends AsyncIterable<Uint8Array> {
  /** In bytes; `undefined` when it cannot be told before. */
  readonly size: number | undefined
}

/** Where a call goes, worked out once for each target. */
export interface Destination {
  /** `https://api.example.com`: scheme, host and port; fixed by config, never by a request. */
  readonly origin: string
  /** Path and query. */
  readonly path: string
  /** Names and values in turn, ready to send: authentication, custom headers, content type. */
  readonly headers: readonly string[]
  /** What each call has to be signed or given a token with; only `createAuthorizedTransport` looks at it. */
  readonly identity?: Identity
}

/** Milliseconds; 0 means no limit. */
export interface Timeouts {
  readonly connect: number
  /** From the request being sent to the answer's head. */
  readonly firstByte: number
  /** Between two chunks of the answer. */
  readonly idle: number
}

/** Hears one answer. `start` then any number of `data` then `end`, or `error` at any point; nothing after those. */
export interface UpstreamReceiver {
  start(status: number, headers: UpstreamHeaders): void
  data(chunk: Uint8Array): void
  end(): void
  error(error: SluiceError): void
}

/** Lower-case names. A repeated header is an array. */
export type UpstreamHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Holds the flow of one answer. All members may be called at any time, any number of times. */
export interface UpstreamFlow {
  /**
   * Stops reading from the socket, so that a slow reader holds the provider back. One piece that was read
   * already may still come, and the end or an error at any time.
   */
  pause(): void
  resume(): void
  /** Gives up: the connection is closed and the receiver hears nothing more. */
  cancel(): void
}

/** Carries calls to providers. Failures are `upstream_*` errors whose words callers may read; not so their `cause`. */
export interface Transport {
  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamFlow
  /** Resolves when every connection is closed. */
  close(): Promise<void>
}
