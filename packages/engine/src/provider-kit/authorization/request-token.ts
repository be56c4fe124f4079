import { SluiceError } from '@sluice/protocol'
import { collect } from '../../transport/collect.ts'
import type { Transport } from '../../transport/transport.ts'
import type { AccessToken } from './token-cache.ts'

const timeouts = { connect: 10_000, firstByte: 15_000, idle: 15_000 }
const bodyLimit = 256 * 1024
/** RFC 6749, section 5.1, leaves it out where the server's documentation says it; an hour is what all of ours give. */
const usualLifetime = 3_600

/**
 * Asks an OAuth 2.0 token endpoint (RFC 6749, section 5). Rejects with a `SluiceError` that tells of the answer no
 * more than its status and error code: the rest may quote what was sent.
 */
export async function requestToken(
  transport: Transport,
  tokenUrl: string,
  form: Readonly<Record<string, string>>,
): Promise<AccessToken> {
  const url = URL.parse(tokenUrl)
  const local = url !== null && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && local))) {
    throw new SluiceError('invalid_config', 'The token endpoint of the credentials must be an https URL.')
  }
  const answer = await collect(
    transport,
    {
      destination: {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        headers: [
          'content-type',
          'application/x-www-form-urlencoded',
          'accept',
          'application/json',
          'accept-encoding',
          'identity',
        ],
      },
      method: 'POST',
      body: [new TextEncoder().encode(new URLSearchParams({ ...form }).toString())],
      timeouts,
    },
    bodyLimit,
  )
  const body = parse(answer.body)
  if (answer.status >= 400) throw refusal(url.host, answer.status, body['error'])
  const { access_token: value, expires_in: seconds = usualLifetime } = body
  const lifetime = Number(seconds) * 1_000
  if (answer.status >= 300 || typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value) || !(lifetime > 0)) {
    throw new SluiceError('upstream_invalid_response', `The token endpoint at ${url.host} answered with no token.`)
  }
  return { value, lifetime }
}

function refusal(host: string, status: number, code: unknown): SluiceError {
  const reason = typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? code : `status ${status}`
  if (status === 429 || status >= 500) {
    return new SluiceError('upstream_error', `The token endpoint at ${host} failed (${reason}).`)
  }
  return new SluiceError(
    'upstream_authentication_failed',
    `The token endpoint at ${host} refused the credentials (${reason}).`,
  )
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
