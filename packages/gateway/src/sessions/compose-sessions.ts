import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { SluiceError } from '@sluice/protocol'
import type { Secret, ServerConfig } from 'sluice'
import { compileRanges } from '../access/addresses.ts'
import type { Access } from '../access/compose-access.ts'
import type { Role } from '../access/roles.ts'
import type { Authenticate } from '../pipeline/authenticate.ts'
import { callerKey } from '../pipeline/caller-key.ts'
import type { Principal } from '../pipeline/principal.ts'
import type { SessionRow } from '../stores/session-tables.ts'
import { checkCsrf, csrfToken } from './csrf.ts'
import { cookieName, readCookie } from './session-cookies.ts'
import { createSessionStore, type FoundSession } from './session-store.ts'
import { type Site, siteOf } from './site.ts'

/** People who signed in: what a key is for programs, a cookie is for their browsers. */
export interface Sessions {
  /** By key, else by session; changes by session must come from a page of this gateway. */
  readonly authenticate: Authenticate
  /** Whether a request comes by a session: its cookie, and no key. */
  comesBySession(request: IncomingMessage): boolean
  /** Who that is. Rejects with `session_ended`, `csrf_refused`, or what would be wrong with the key it began with. */
  identify(request: IncomingMessage): Promise<SessionCaller>
  /** The session that a request's cookie is of, as long as it goes on, whatever became of its key: to be ended. */
  find(request: IncomingMessage): Promise<SessionRow | undefined>
  /** That a change for a session comes from a page of this gateway. Rejects with `csrf_refused`. */
  checkChange(request: IncomingMessage, session: SessionRow): Promise<void>
  siteOf(request: IncomingMessage): Site
}

export interface SessionCaller {
  readonly principal: Principal
  readonly session: SessionRow
}

export interface SessionsOptions {
  readonly server: ServerConfig
  readonly access: Access
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** As often as is written down that a session is used. */
const seenEvery = 60_000
const safeMethods = ['GET', 'HEAD', 'OPTIONS']

export function composeSessions({ server, access, now }: SessionsOptions): Sessions {
  const { publicUrl, sessionIdleTimeout, trustedProxies } = server
  const proxies = trustedProxies.length > 0 ? compileRanges(trustedProxies) : undefined
  const site = (request: IncomingMessage): Site => siteOf(request, publicUrl, proxies)
  const cookieOf = (request: IncomingMessage): string | undefined =>
    request.headers.cookie === undefined ? undefined : readCookie(request, cookieName('session', site(request).secure))

  function principalOf({ session, user }: FoundSession, request: IncomingMessage): Principal | Promise<Principal> {
    if (session.key_hash !== null) return access.renewByHash(session.key_hash, request)
    if (user === undefined || user.blocked_at !== null) throw ended()
    const { organisation_id: organisation } = session
    return {
      id: user.id,
      owner: user.id,
      managed: true,
      ...(organisation !== null && { organisation }),
      user: user.id,
      role: user.role as Role,
    }
  }

  async function find(request: IncomingMessage): Promise<FoundSession | undefined> {
    const value = cookieOf(request)
    if (value === undefined) return undefined
    const { database, pepper } = await access.open()
    const found = await createSessionStore(database, now).find(hashOfCookie(value, pepper))
    if (found === undefined) return undefined
    const { expires_at: expiresAt, seen_at: seenAt } = found.session
    const at = now()
    return at >= expiresAt || at - seenAt >= sessionIdleTimeout ? undefined : found
  }

  async function checkChange(request: IncomingMessage, { id }: SessionRow): Promise<void> {
    const { pepper } = await access.open()
    checkCsrf(request, site(request).origin, csrfToken(id, pepper))
  }

  async function identify(request: IncomingMessage): Promise<SessionCaller> {
    const found = await find(request)
    if (found === undefined) throw ended()
    const { session } = found
    const principal = await principalOf(found, request)
    if (!safeMethods.includes(request.method ?? '')) await checkChange(request, session)
    if (now() - session.seen_at >= Math.min(seenEvery, sessionIdleTimeout / 10))
      await createSessionStore((await access.open()).database, now).touch(session.id)
    return { principal, session }
  }

  const comesBySession = (request: IncomingMessage): boolean =>
    request.headers.cookie !== undefined &&
    // Where nobody manages anything, a cookie opens no database.
    access.required &&
    callerKey(request) === undefined &&
    cookieOf(request) !== undefined

  return {
    async authenticate(request) {
      return comesBySession(request) ? (await identify(request)).principal : access.authenticate(request)
    },
    comesBySession,
    identify,
    find: async (request) => (await find(request))?.session,
    checkChange,
    siteOf: site,
  }
}

/** What is kept of a session's cookie. */
export function hashOfCookie(value: string, pepper: Secret): string {
  return createHmac('sha256', pepper.reveal()).update(`sluice: session\n${value}`).digest('base64url')
}

function ended(): SluiceError {
  return new SluiceError('session_ended', 'You are not signed in any more. Sign in again: GET /api/admin/sign-in.')
}
