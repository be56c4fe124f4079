import { createRequire } from 'node:module'
import type { LookupFunction } from 'node:net'
import type { buildConnector as UndiciBuildConnector } from 'undici'
import type { Lookup } from './lookup.ts'
import { notPublic, type OutboundRules } from './outbound-rules.ts'

// As for the pool: not by undici's front door.
const buildConnector = createRequire(import.meta.url)('undici/lib/core/connect.js') as typeof UndiciBuildConnector

/**
 * Connects to an origin as undici does, but to addresses that were looked at only: for each connection they are looked up once, all
 * of them must be allowed, and the connection is made to them and not to the name, so that nothing can change in between.
 *
 * TLS sessions are resumed: who can go on with one was given it under this name, by a certificate that was checked.
 */
export function guardedConnect(
  rules: OutboundRules,
  lookup: Lookup,
  origin: string,
  timeout: number,
): UndiciBuildConnector.connector {
  const url = new URL(origin)
  const permits = (address: string | undefined): boolean => address !== undefined && rules.permits(url, address)
  const connect = buildConnector({ allowH2: false, timeout, lookup: guardedLookup(lookup, permits) })
  return (options, callback) => {
    try {
      // Of an address there is nothing to look up, and rules may be other ones since it was named.
      rules.checkUrl(url)
    } catch (error) {
      return callback(error as Error, null)
    }
    connect(options, (error, socket) => {
      // On an error undici gives no second argument.
      if (error !== null || socket === null) return callback(error ?? notPublic(url.hostname), null)
      // Whatever the way it came about.
      if (permits(socket.remoteAddress)) return callback(null, socket)
      socket.destroy()
      callback(notPublic(url.hostname), null)
    })
  }
}

/** One address that is not allowed speaks against the host: which of them is taken would be chance. */
function guardedLookup(lookup: Lookup, permits: (address: string) => boolean): LookupFunction {
  return (hostname, { all, family }, callback) => {
    lookup(hostname).then(
      (addresses) => {
        if (!addresses.every(({ address }) => permits(address))) return callback(notPublic(hostname), '')
        const wanted = addresses.filter((one) => !Number(family) || one.family === Number(family))
        const [first] = wanted
        if (first === undefined) callback(Object.assign(new Error('No address'), { code: 'ENOTFOUND' }), '')
        else if (all === true) callback(null, wanted)
        else callback(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    )
  }
}
