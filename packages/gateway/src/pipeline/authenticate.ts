import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { SluiceError } from '@sluice/protocol'
import type { Secret } from 'sluice'
import { checkLocalCaller } from '../server/local-only.ts'
import type { Principal } from './principal.ts'

/** @throws SluiceError when the caller may not call; before the body is read. */
export type Authenticate = (request: IncomingMessage) => Principal

const anyone: Principal = Object.freeze({ id: 'local', owner: 'local' })

/** Without keys any caller is let in, with or without a key of its own. */
export function createAuthenticate(keys: readonly Secret[], insecure: boolean): Authenticate {
  if (keys.length === 0) {
    if (insecure) return () => anyone
    return (request) => {
      checkLocalCaller(request)
      return anyone
    }
  }
  // By digest: how long a look-up takes then says nothing about the keys.
  const principals = new Map<string, Principal>(
    keys.map((key, index) => {
      const hashed = digest(key.reveal())
      return [hashed, { id: `key-${index + 1}`, owner: `key:${hashed}` }]
    }),
  )
  // Keys that were found once, by all of their text; no other key ever gets in.
  const seen = new Map<string, Principal>()
  return (request) => {
    const key = callerKey(request)
    if (key === undefined) {
      throw new SluiceError(
        'missing_api_key',
        isSigned(request)
          ? 'The request is signed by AWS credentials, which this gateway does not know. Give the AWS SDK a key of this gateway as a bearer token (`token` of the client, or AWS_BEARER_TOKEN_BEDROCK), or send `x-api-key`.'
          : 'No API key was sent. Send `Authorization: Bearer KEY`, `x-api-key`, `api-key` or `x-goog-api-key`.',
      )
    }
    let principal = seen.get(key)
    if (principal !== undefined) return principal
    principal = principals.get(digest(key))
    if (principal === undefined) {
      throw new SluiceError(
        'invalid_api_key',
        'The API key is not known to this gateway. Use one of the keys in `server.keys`; provider keys are not accepted here.',
      )
    }
    seen.set(key, principal)
    return principal
  }
}

function digest(key: string): string {
  return hash('sha256', key, 'base64')
}

/**
 * From `Authorization: Bearer`, `x-api-key` (Anthropic clients), `api-key` (Azure clients), or `x-goog-api-key` and
 * `?key=` (Gemini clients).
 */
function callerKey(request: IncomingMessage): string | undefined {
  const { headers } = request
  const authorization = headers.authorization
  if (
    authorization !== undefined &&
    authorization.length > 7 &&
    authorization.slice(0, 7).toLowerCase() === 'bearer '
  ) {
    return authorization.slice(7).trim()
  }
  const key = headers['x-api-key'] ?? headers['api-key'] ?? headers['x-goog-api-key'] ?? keyInQuery(request.url ?? '')
  return typeof key === 'string' && key !== '' ? key : undefined
}

/** By Signature Version 4, which can be checked only with the secret that made it. */
function isSigned({ headers }: IncomingMessage): boolean {
  return headers.authorization?.startsWith('AWS4-') === true
}

function keyInQuery(url: string): string | undefined {
  const query = url.indexOf('?')
  return query < 0 ? undefined : (new URLSearchParams(url.slice(query)).get('key') ?? undefined)
}
