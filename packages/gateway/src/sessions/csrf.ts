import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { SluiceError } from '@sluice/protocol'
import type { Secret } from 'sluice'

const csrfHeader = 'x-sluice-csrf'

/** What a page of the gateway proves itself by: told to it alone, good for one session. */
export function csrfToken(sessionId: string, pepper: Secret): string {
  return createHmac('sha256', pepper.reveal()).update(`sluice: csrf token\n${sessionId}`).digest('base64url')
}

/** That no page of another origin asks: a page of this one may, and a program. @throws SluiceError `csrf_refused` */
export function checkNotForeign(request: Pick<IncomingMessage, 'headers'>, origin: string): void {
  const { 'sec-fetch-site': site, origin: from } = request.headers
  if ((site === undefined || site === 'same-origin') && (from === undefined || from === origin)) return
  throw new SluiceError(
    'csrf_refused',
    `Signing in, and a change by a session's cookie, must come from a page at ${origin}. Behind a proxy, set server.public_url.`,
  )
}

/** That a page of this origin asks. @throws SluiceError `csrf_refused` */
export function checkOrigin(request: Pick<IncomingMessage, 'headers'>, origin: string): void {
  checkNotForeign(request, origin)
  const { 'sec-fetch-site': site, origin: from } = request.headers
  if (site !== undefined || from !== undefined) return
  throw new SluiceError(
    'csrf_refused',
    "A change by a session's cookie must say where it comes from: `Origin`, as browsers send it. Programs use a key.",
  )
}

/** Before anything is changed for who has a session's cookie alone. @throws SluiceError `csrf_refused` */
export function checkCsrf(request: Pick<IncomingMessage, 'headers'>, origin: string, token: string): void {
  checkOrigin(request, origin)
  const given = request.headers[csrfHeader]
  if (typeof given === 'string' && isSame(given, token)) return
  throw new SluiceError(
    'csrf_refused',
    `A change by a session's cookie needs the session's token in the header \`${csrfHeader}\`: GET /api/admin/session tells it.`,
  )
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}
