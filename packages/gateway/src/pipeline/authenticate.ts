import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { SluiceError } from '@sluice/protocol'
import type { Secret } from 'sluice'
import type { AddressRanges } from '../access/addresses.ts'
import { callerAddress } from '../access/caller-address.ts'
import { checkGrant, type ManagedKeys } from '../access/managed-keys.ts'
import type { Grant } from '../access/grant.ts'
import { checkLocalCaller } from '../server/local-only.ts'
import { callerKey, isSigned } from './caller-key.ts'
import type { Principal } from './principal.ts'

/**
 * Who calls, before the body is read: at once, but for a managed key that was not seen yet. Throws, or rejects with, a
 * `SluiceError` when the caller may not call.
 */
export type Authenticate = (request: IncomingMessage) => Principal | Promise<Principal>

export interface AuthenticateOptions {
  /** Of config. */
  readonly keys: readonly Secret[]
  /** Of config: one more, which may do everything. */
  readonly adminKey: Secret | undefined
  /** Without keys, anyone may call, and not only from this machine. */
  readonly insecure: boolean
  readonly managed: Pick<ManagedKeys, 'required' | 'find'>
  readonly trustedProxies: AddressRanges | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const anyone: Principal = Object.freeze({ id: 'local', owner: 'local' })

/** What config's admin key is called in records. */
const adminKeyId = 'admin-key'

/** Without keys any caller is let in, with or without a key of its own. */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { keys, adminKey, insecure, managed, trustedProxies, now } = options
  // By digest: how long a look-up takes then says nothing about the keys.
  const principals = new Map<string, Principal>(
    keys.map((key, index) => {
      const hashed = digest(key.reveal())
      return [hashed, { id: `key-${index + 1}`, owner: `key:${hashed}` }]
    }),
  )
  if (adminKey !== undefined) principals.set(digest(adminKey.reveal()), adminPrincipal(adminKey))
  // Keys of config that were found once, by all of their text; no other key ever gets in.
  const seen = new Map<string, Principal>()

  function admit(grant: Grant, request: IncomingMessage): Principal {
    checkGrant(grant, now())
    checkAddress(grant, request, trustedProxies)
    return grant.principal
  }

  async function admitLater(found: Promise<Grant | undefined>, request: IncomingMessage): Promise<Principal> {
    const grant = await found
    if (grant === undefined) throw unknownKey()
    return admit(grant, request)
  }

  return (request) => {
    if (principals.size === 0 && !managed.required) {
      if (!insecure) checkLocalCaller(request)
      return anyone
    }
    const key = callerKey(request)
    if (key === undefined) throw missingKey(request)
    let principal = seen.get(key)
    if (principal !== undefined) return principal
    const grant = managed.find(key)
    if (grant !== undefined) return grant instanceof Promise ? admitLater(grant, request) : admit(grant, request)
    principal = principals.get(digest(key))
    if (principal === undefined) throw unknownKey()
    seen.set(key, principal)
    return principal
  }
}

/** Of config's admin key. */
export function adminPrincipal(key: Secret): Principal {
  return { id: adminKeyId, owner: `key:${digest(key.reveal())}`, role: 'owner' }
}

/** @throws SluiceError `address_not_allowed` */
export function checkAddress(
  { from }: Grant,
  request: IncomingMessage,
  trustedProxies: AddressRanges | undefined,
): void {
  if (from === undefined) return
  const address = callerAddress(request, trustedProxies)
  if (address !== undefined && from.has(address)) return
  throw new SluiceError(
    'address_not_allowed',
    `The API key may not be used from ${address ?? 'an unknown address'}. Ask whoever manages the keys of this gateway to allow it.`,
  )
}

function digest(key: string): string {
  return hash('sha256', key, 'base64')
}

function missingKey(request: IncomingMessage): SluiceError {
  return new SluiceError(
    'missing_api_key',
    isSigned(request)
      ? 'The request is signed by AWS credentials, which this gateway does not know. Give the AWS SDK a key of this gateway as a bearer token (`token` of the client, or AWS_BEARER_TOKEN_BEDROCK), or send `x-api-key`.'
      : 'No API key was sent. Send `Authorization: Bearer KEY`, `x-api-key`, `api-key` or `x-goog-api-key`.',
  )
}

function unknownKey(): SluiceError {
  return new SluiceError(
    'invalid_api_key',
    'The API key is not known to this gateway. Use one of the keys in `server.keys`, or one that was made with `sluice keys create`; provider keys are not accepted here.',
  )
}
