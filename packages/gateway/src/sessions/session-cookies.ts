import type { IncomingMessage } from 'node:http'

/** The cookies of signing in. */
export type CookieKind = 'session' | 'csrf' | 'sign-in'

/**
 * By TLS the prefix keeps other hosts of the same domain from setting them.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie
 */
export function cookieName(kind: CookieKind, secure: boolean): string {
  return `${secure ? '__Host-' : ''}sluice-${kind}`
}

/** @param maxAge seconds; 0 removes it. @returns a value for `set-cookie` */
export function cookie(kind: CookieKind, value: string, maxAge: number, secure: boolean): string {
  const parts = [`${cookieName(kind, secure)}=${value}`, 'Path=/', `Max-Age=${maxAge}`, 'SameSite=Lax']
  // Pages read the token that they send back as a header.
  if (kind !== 'csrf') parts.push('HttpOnly')
  if (secure) parts.push('Secure')
  return parts.join('; ')
}

export function readCookie({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  const text = headers.cookie
  if (text === undefined || !text.includes(name)) return undefined
  for (const pair of text.split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}
