import { SluiceError } from '@sluice/protocol'
import type { Transport, UpstreamFlow, UpstreamReceiver, UpstreamRequest } from '../../transport/transport.ts'
import type { Identity } from '../auth.ts'
import type { Authorizer } from './authorizer.ts'
import { platformFileReader } from './platform-file-reader.ts'

export interface AuthorizedTransportOptions {
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number
  /** Default: the platform's files, where it has any. */
  readonly readFile?: ((path: string) => Promise<string>) | undefined
}

/**
 * Signs what goes to destinations with an `identity`, or gives it a token; all else goes straight through. Tokens
 * are kept here, one for each identity.
 */
export function createAuthorizedTransport(inner: Transport, options: AuthorizedTransportOptions = {}): Transport {
  const { now = () => Date.now() } = options
  const readFile = 'readFile' in options ? options.readFile : platformFileReader()
  const authorizers = new WeakMap<Identity, Authorizer>()

  async function authorizerOf(identity: Identity): Promise<Authorizer> {
    const known = authorizers.get(identity)
    if (known !== undefined) return known
    // What signs is loaded for who needs it.
    const { createAuthorizer } = await import('./create-authorizer.ts')
    // Another call may have come first, meanwhile.
    const authorizer = authorizers.get(identity) ?? createAuthorizer(identity, { transport: inner, now, readFile })
    authorizers.set(identity, authorizer)
    return authorizer
  }

  return {
    send(request, receiver) {
      const { identity } = request.destination
      if (identity === undefined) return inner.send(request, receiver)
      const flow = new PendingFlow()
      void sendAuthorized(inner, authorizerOf(identity), request, receiver, flow)
      return flow
    },
    close: () => inner.close(),
  }
}

async function sendAuthorized(
  inner: Transport,
  authorizing: Promise<Authorizer>,
  request: UpstreamRequest,
  receiver: UpstreamReceiver,
  flow: PendingFlow,
): Promise<void> {
  let authorizer: Authorizer
  let headers: readonly string[]
  try {
    authorizer = await authorizing
    headers = await authorizer.authorize(request)
  } catch (error) {
    if (!flow.cancelled) receiver.error(asSluiceError(error))
    return
  }
  if (flow.cancelled) return
  const { origin, path, headers: prepared } = request.destination
  const authorized = { ...request, destination: { origin, path, headers: [...prepared, ...headers] } }
  flow.begin(
    inner.send(authorized, authorizer.refused === undefined ? receiver : new RefusalWatch(receiver, authorizer)),
  )
}

function asSluiceError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  return new SluiceError('internal_error', 'A call could not be authorized by a defect in Sluice.', { cause: error })
}

/** A flow that does not flow yet. */
class PendingFlow implements UpstreamFlow {
  #flow: UpstreamFlow | undefined
  #paused = false
  cancelled = false

  begin(flow: UpstreamFlow): void {
    this.#flow = flow
    if (this.cancelled) flow.cancel()
    else if (this.#paused) flow.pause()
  }

  pause(): void {
    this.#paused = true
    this.#flow?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#flow?.resume()
  }

  cancel(): void {
    this.cancelled = true
    this.#flow?.cancel()
  }
}

/** Tells the authorizer when its token was not taken. */
class RefusalWatch implements UpstreamReceiver {
  readonly #receiver: UpstreamReceiver
  readonly #authorizer: Authorizer

  constructor(receiver: UpstreamReceiver, authorizer: Authorizer) {
    this.#receiver = receiver
    this.#authorizer = authorizer
  }

  start(...[status, headers]: Parameters<UpstreamReceiver['start']>): void {
    if (status === 401) this.#authorizer.refused?.()
    this.#receiver.start(status, headers)
  }

  data(chunk: Uint8Array): void {
    this.#receiver.data(chunk)
  }

  end(): void {
    this.#receiver.end()
  }

  error(error: SluiceError): void {
    this.#receiver.error(error)
  }
}
