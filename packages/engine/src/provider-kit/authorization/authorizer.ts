import { SluiceError } from '@sluice/protocol'
import type { Transport, UpstreamRequest } from '../../transport/transport.ts'
import type { Identity } from '../auth.ts'

/** Works out, call by call, what shows a provider who we are. */
export interface Authorizer {
  /** Headers to add, names and values in turn. Rejects with a `SluiceError` without secrets. */
  authorize(request: UpstreamRequest): Promise<readonly string[]>
  /** The provider refused what was given last; it is worked out anew next time. Absent where that changes nothing. */
  refused?(): void
}

export interface AuthorizerContext {
  /** Carries the calls to token endpoints. */
  readonly transport: Transport
  /** Milliseconds since 1970, since signatures and assertions hold the time of day. */
  readonly now: () => number
  /** Absent where there are no files. */
  readonly readFile?: ((path: string) => Promise<string>) | undefined
}

/** @throws SluiceError `invalid_config` when it is not there. */
export function credential({ credentials }: Identity, name: string): string {
  const secret = Object.hasOwn(credentials, name) ? credentials[name] : undefined
  if (secret === undefined) throw new SluiceError('invalid_config', `The provider's credentials.${name} is not set.`)
  return secret.reveal()
}
