import { createHmac } from 'node:crypto'
import { openaiChat, SluiceError } from '@sluice/protocol'
import type { Logger } from 'pino'
import type { OidcConfig, ServerConfig } from 'sluice'
import type { Access } from '../access/compose-access.ts'
import { asSluiceError } from '../pipeline/pipeline.ts'
import { type Call, checkCaller } from '../server/call.ts'
import { queryOf } from '../server/query.ts'
import { readBody } from '../server/read-body.ts'
import { sendError, sendJson, sendPage } from '../server/respond.ts'
import type { Route } from '../server/router.ts'
import { withErrors } from '../server/with-errors.ts'
import type { ErrorLog } from '../telemetry/error-log.ts'
import type { SessionRow } from '../stores/session-tables.ts'
import { beginSession, type BeginSessionParts, type BegunSession, type Newcomer } from './begin-session.ts'
import type { Sessions } from './compose-sessions.ts'
import { checkNotForeign, checkOrigin } from './csrf.ts'
import type { IdentityProvider } from './identity-provider.ts'
import type { Claims } from './person.ts'
import { returnPath } from './return-path.ts'
import { cookie, cookieName, readCookie } from './session-cookies.ts'
import { createSessionStore, type SessionStore, type SignInNote } from './session-store.ts'
import { attemptLife, beginAttempt, openAttempt, sealAttempt, type SignInAttempt } from './sign-in-attempt.ts'
import { createSignInLimit } from './sign-in-limit.ts'
import { signInPage } from './sign-in-page.ts'
import { callbackUrl, type Site } from './site.ts'

export interface SignInRouteParts {
  readonly server: ServerConfig
  readonly access: Access
  readonly sessions: Sessions
  readonly errorLog: ErrorLog
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const prefix = '/api/admin'
const noStore = ['cache-control', 'no-store', 'referrer-policy', 'no-referrer']

/** Signing in and out. Nothing of an identity provider is loaded before somebody does. */
export function signInRoutes({ server, access, sessions, errorLog, logger, now }: SignInRouteParts): readonly Route[] {
  const { oidc, publicUrl } = server
  const limit = createSignInLimit(now)
  let provider: Promise<IdentityProvider> | undefined

  async function openStore(): Promise<SessionStore> {
    return createSessionStore((await access.open()).database, now)
  }

  function providerFor(config: OidcConfig): Promise<IdentityProvider> {
    provider ??= import('./identity-provider.ts').then(({ createIdentityProvider }) =>
      createIdentityProvider(config, now),
    )
    return provider
  }

  async function begin(call: Call, newcomer: Newcomer): Promise<BegunSession> {
    const { request, id: requestId } = call
    const parts: BeginSessionParts = {
      store: await openStore(),
      pepper: (await access.open()).pepper,
      server,
      secure: sessions.siteOf(request).secure,
      requestId,
      address: access.addressOf(request),
      userAgent: request.headers['user-agent'],
      now,
    }
    const former = await sessions.find(request)
    const begun = await beginSession(newcomer, parts)
    // Whose cookie is replaced is signed out.
    if (former !== undefined) await end(call, former)
    return begun
  }

  async function end(call: Call, { id, owner, organisation_id: organisation, method }: SessionRow): Promise<void> {
    const store = await openStore()
    await store.end(id, owner, {
      action: 'sessions.sign-out',
      actor: owner,
      organisation: organisation ?? undefined,
      resource: id,
      value: { method },
      requestId: call.id,
      address: access.addressOf(call.request),
    })
  }

  /** Sends a browser to the identity provider. */
  async function beginAtProvider(call: Call): Promise<void> {
    if (oidc === undefined)
      throw new SluiceError(
        'resource_not_found',
        'This gateway has no identity provider (server.oidc). Sign in by a key: POST here with an admin key.',
      )
    limit.take(access.addressOf(call.request))
    const attempt = beginAttempt(returnPath(queryOf(call).get('return_to')), now())
    const site = sessions.siteOf(call.request)
    const callback = callbackUrl(site, publicUrl)
    const [{ pepper }, url] = await Promise.all([
      access.open(),
      providerFor(oidc).then((identity) => identity.authorizationUrl(attempt, callback)),
    ])
    redirect(call, url, ['set-cookie', cookie('sign-in', sealAttempt(attempt, pepper), attemptLife, site.secure)])
  }

  /** The attempt that this browser began, and no other. */
  async function attemptOf(call: Call, { secure }: Site, state: string | null): Promise<SignInAttempt> {
    const sealed = readCookie(call.request, cookieName('sign-in', secure))
    const { pepper } = await access.open()
    const attempt = sealed === undefined ? undefined : openAttempt(sealed, pepper, now())
    if (attempt !== undefined && attempt.state === state) return attempt
    throw new SluiceError(
      'sign_in_failed',
      'This is no sign-in that this browser began, or it took more than ten minutes. Sign in again.',
    )
  }

  /** Who somebody is here, and how far they reach. Whom that refuses is signed in nowhere any more. */
  async function admit(call: Call, claims: Claims, config: OidcConfig): Promise<{ id: string; reach: string | null }> {
    const [{ personOf }, { userFor }, { store, database }] = await Promise.all([
      import('./person.ts'),
      import('./sign-in-user.ts'),
      access.open(),
    ])
    const { issuer } = config
    const by = { requestId: call.id, address: access.addressOf(call.request) }
    try {
      const person = personOf(claims, config)
      const { id } = await userFor(person, by, { store, database, issuer, now })
      return { id, reach: person.organisation ?? null }
    } catch (error) {
      if (error instanceof SluiceError && error.code === 'sign_in_refused')
        await createSessionStore(database, now).endAll({ issuer, subject: String(claims['sub']) }, by)
      throw error
    }
  }

  async function finishAtProvider(call: Call): Promise<void> {
    const address = access.addressOf(call.request)
    limit.take(address)
    const tried: Record<string, unknown> = { method: 'oidc' }
    try {
      if (oidc === undefined) throw new SluiceError('resource_not_found', 'This gateway has no identity provider.')
      const site = sessions.siteOf(call.request)
      const answer = queryOf(call)
      const attempt = await attemptOf(call, site, answer.get('state'))
      const identity = await providerFor(oidc)
      const claims = await identity.redeem(attempt, callbackUrl(site, publicUrl), answer)
      tried['subject'] = claims['sub']
      checkCaller(call)
      const user = await admit(call, claims, oidc)
      // What is remembered of the user's keys may be wrong.
      access.changed()
      const { pepper } = await access.open()
      const { headers } = await begin(call, {
        owner: user.id,
        user_id: user.id,
        key_hash: null,
        organisation_id: user.reach,
        method: 'oidc',
        attempt: createHmac('sha256', pepper.reveal()).update(attempt.state).digest('base64url'),
      })
      limit.giveBack(address, 2)
      redirect(call, attempt.returnTo, [...headers, 'set-cookie', cookie('sign-in', '', 0, site.secure)])
    } catch (error) {
      await noteRefusal(call, error, tried)
      throw error
    }
  }

  async function signInByKey(call: Call): Promise<void> {
    const address = access.addressOf(call.request)
    limit.take(address)
    if (!access.required)
      throw new SluiceError(
        'missing_api_key',
        'Nobody manages this gateway yet, so nobody can sign in. Make an admin key on its machine: `sluice keys create NAME --role owner`.',
      )
    try {
      await readBody(call, 16 * 1024, 'any')
      // A page could sign a browser in as whoever made the page.
      checkNotForeign(call.request, sessions.siteOf(call.request).origin)
      const principal = await access.authenticate(call.request)
      checkCaller(call)
      if (principal.role === undefined)
        throw new SluiceError(
          'permission_denied',
          'Signing in takes a key that has a role: `sluice keys create NAME --role admin`, or the one of SLUICE_ADMIN_KEY.',
        )
      const { session, csrfToken, headers } = await begin(call, {
        owner: principal.id,
        user_id: null,
        key_hash: await access.hashOf(call.request),
        organisation_id: principal.organisation ?? null,
        method: 'key',
        attempt: null,
      })
      limit.giveBack(address, 1)
      const { describeSession } = await import('./describe-session.ts')
      const body = { ...describeSession(session), role: principal.role, csrf_token: csrfToken }
      sendJson(call, 201, body, [...noStore, ...headers])
    } catch (error) {
      await noteRefusal(call, error, { method: 'key' })
      throw error
    }
  }

  async function leave(call: Call): Promise<void> {
    const { request } = call
    await readBody(call, 16 * 1024, 'any')
    const { origin, secure } = sessions.siteOf(request)
    // From elsewhere nobody is signed out, with a cookie or without.
    checkOrigin(request, origin)
    const session = sessions.comesBySession(request) ? await sessions.find(request) : undefined
    if (session !== undefined) {
      await sessions.checkChange(request, session)
      await end(call, session)
    }
    const gone = ['set-cookie', cookie('session', '', 0, secure), 'set-cookie', cookie('csrf', '', 0, secure)]
    sendJson(call, 200, { signed_out: true }, [...noStore, ...gone])
  }

  /** Whoever was let in by nobody is in the audit log too; what is not about them is not. */
  async function noteRefusal(call: Call, thrown: unknown, tried: Readonly<Record<string, unknown>>): Promise<void> {
    const { code, message, status } = asSluiceError(thrown)
    if (status >= 500 || status === 499 || code === 'resource_not_found') return
    const note: SignInNote = {
      action: 'sessions.refuse',
      actor: 'nobody',
      resource: 'sign-in',
      value: { ...tried, code, reason: message },
      requestId: call.id,
      address: access.addressOf(call.request),
    }
    await openStore()
      .then((store) => store.refuse(note))
      .catch((error: unknown) => {
        logger.error({ err: error }, 'A refused sign-in could not be written into the audit log.')
      })
  }

  const answered = (handler: Route['handler']): Route['handler'] => withErrors(handler, errorLog, tell)

  return [
    { method: 'GET', path: `${prefix}/sign-in`, handler: answered(beginAtProvider) },
    { method: 'POST', path: `${prefix}/sign-in`, handler: answered(signInByKey) },
    { method: 'GET', path: `${prefix}/sign-in/callback`, handler: answered(finishAtProvider) },
    {
      method: 'GET',
      path: `${prefix}/sign-in/methods`,
      handler: (call) => sendJson(call, 200, { key: true, oidc: oidc !== undefined }, noStore),
    },
    { method: 'POST', path: `${prefix}/sign-out`, handler: answered(leave) },
  ]
}

function redirect(call: Call, location: string, headers: readonly string[]): void {
  const all = ['location', location, 'content-length', '0', 'x-request-id', call.id, ...noStore, ...headers]
  call.response.writeHead(303, all).end()
}

function wantsPage({ request }: Call): boolean {
  return request.headers.accept?.includes('text/html') === true
}

/** A browser is shown a page. */
function tell(call: Call, error: SluiceError): void {
  const { request, response, id } = call
  if (request.method !== 'GET' || !wantsPage(call) || response.headersSent || response.destroyed)
    return sendError(call, error, openaiChat, 0, noStore)
  const policy = "default-src 'none'; frame-ancestors 'none'"
  sendPage(call, error.status, signInPage(error, id), policy, ['cache-control', 'no-store'])
}
