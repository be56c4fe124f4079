import type { IncomingMessage } from 'node:http'
import { SluiceError } from '@sluice/protocol'

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

export function isLoopback(host: string): boolean {
  return host === '::1' || loopbackHost.test(host)
}

/**
 * Guards a gateway that has no caller keys: only programs of this machine may call it, not web pages that a
 * browser on it shows. A page betrays itself by its Origin, or, after DNS rebinding, by its Host.
 *
 * @throws SluiceError `forbidden_host`, `forbidden_origin`.
 */
export function checkLocalCaller(request: IncomingMessage): void {
  const { host, origin } = request.headers
  if (host === undefined || !loopbackHost.test(host)) {
    throw new SluiceError(
      'forbidden_host',
      'This gateway has no caller keys, so it answers to loopback names only (127.0.0.1, localhost). To call it by another name, configure `server.keys`.',
    )
  }
  const site = request.headers['sec-fetch-site']
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none'
  if (foreignSite || (origin !== undefined && origin !== `http://${host}`)) {
    throw new SluiceError(
      'forbidden_origin',
      'This gateway has no caller keys, so it takes no calls from web pages. To allow them, configure `server.keys`.',
    )
  }
}
