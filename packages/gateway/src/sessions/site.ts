import type { IncomingMessage } from 'node:http'
import { SluiceError } from '@sluice/protocol'
import { type AddressRanges } from '../access/addresses.ts'
import { plainAddress } from '../access/caller-address.ts'
import { isLoopback } from '../server/local-only.ts'

/** Where a browser finds the gateway. */
export interface Site {
  /** `https://gateway.example.com` */
  readonly origin: string
  /** Whether it comes by TLS, so that its cookies may say so. */
  readonly secure: boolean
}

const hostForm = /^[\w.-]+(?::\d{1,5})?$|^\[[\da-f:.]+\](?::\d{1,5})?$/i

/** As config says it; else as the request does, whose protocol a trusted proxy knows. @throws SluiceError `invalid_request` */
export function siteOf(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  publicUrl: string | undefined,
  proxies: AddressRanges | undefined,
): Site {
  if (publicUrl !== undefined) return { origin: publicUrl, secure: publicUrl.startsWith('https:') }
  const { host } = headers
  if (host === undefined || !hostForm.test(host))
    throw new SluiceError('invalid_request', 'The Host header is missing, or is no host.')
  const nearest = plainAddress(socket.remoteAddress ?? '')
  const secure = nearest !== undefined && proxies?.has(nearest) === true && headers['x-forwarded-proto'] === 'https'
  return { origin: `${secure ? 'https' : 'http'}://${host.toLowerCase()}`, secure }
}

/**
 * Where identity providers send browsers back to. What a request says of itself is believed on this machine only.
 *
 * @throws SluiceError `invalid_config`
 */
export function callbackUrl({ origin }: Site, publicUrl: string | undefined): string {
  if (publicUrl === undefined && !isLoopback(new URL(origin).host))
    throw new SluiceError(
      'invalid_config',
      'This gateway does not know where browsers find it. Set server.public_url (SLUICE_PUBLIC_URL), such as https://gateway.example.com.',
    )
  return `${origin}/api/admin/sign-in/callback`
}
