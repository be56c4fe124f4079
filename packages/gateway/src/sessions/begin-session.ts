import { randomBytes } from 'node:crypto'
import { SluiceError } from '@sluice/protocol'
import type { Secret, ServerConfig } from 'sluice'
import { createId } from '../access/create-id.ts'
import type { SessionRow } from '../stores/session-tables.ts'
import { hashOfCookie } from './compose-sessions.ts'
import { csrfToken } from './csrf.ts'
import { cookie } from './session-cookies.ts'
import type { SessionStore } from './session-store.ts'

/** Who signs in, and how. */
export type Newcomer = Pick<SessionRow, 'owner' | 'user_id' | 'key_hash' | 'organisation_id' | 'method' | 'attempt'>

export interface BeginSessionParts {
  readonly store: SessionStore
  readonly pepper: Secret
  readonly server: Pick<ServerConfig, 'sessionLifetime'>
  /** Whether the browser comes by TLS. */
  readonly secure: boolean
  readonly requestId: string
  readonly address: string | undefined
  readonly userAgent: string | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface BegunSession {
  readonly session: SessionRow
  readonly csrfToken: string
  /** Names and values in turn. */
  readonly headers: readonly string[]
}

/**
 * Signs somebody in: with an id that nobody had before.
 *
 * @throws SluiceError `sign_in_failed` for an attempt that was used before, and for who was blocked meanwhile
 */
export async function beginSession(newcomer: Newcomer, parts: BeginSessionParts): Promise<BegunSession> {
  const { store, pepper, server, secure, requestId, address, userAgent, now } = parts
  const value = randomBytes(32).toString('base64url')
  const at = now()
  const session: SessionRow = {
    ...newcomer,
    id: createId('ses', at),
    hash: hashOfCookie(value, pepper),
    address: address ?? null,
    user_agent: userAgent?.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200) ?? null,
    created_at: at,
    seen_at: at,
    expires_at: at + server.sessionLifetime,
    ended_at: null,
  }
  const { id, owner, organisation_id: organisation, method } = session
  const added = await store.add(session, {
    action: 'sessions.sign-in',
    actor: owner,
    organisation: organisation ?? undefined,
    resource: id,
    value: { method, user_agent: session.user_agent },
    requestId,
    address,
  })
  if (!added)
    throw new SluiceError(
      'sign_in_failed',
      'This sign-in was finished before, or its user was blocked meanwhile. Sign in again.',
    )
  const token = csrfToken(id, pepper)
  const seconds = Math.floor(server.sessionLifetime / 1000)
  return {
    session,
    csrfToken: token,
    headers: [
      'set-cookie',
      cookie('session', value, seconds, secure),
      'set-cookie',
      cookie('csrf', token, seconds, secure),
    ],
  }
}
