import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { AddressRanges } from './addresses.ts'

/**
 * Where a request comes from: the connection's other end, or, where that is a trusted proxy, the last address of
 * `x-forwarded-for` that is none. `undefined` where a trusted proxy passes on what is no address: then nobody knows.
 */
export function callerAddress(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  trusted: AddressRanges | undefined,
): string | undefined {
  const nearest = plainAddress(request.socket.remoteAddress ?? '')
  if (nearest === undefined || trusted?.has(nearest) !== true) return nearest
  const header = request.headers['x-forwarded-for']
  const hops = (typeof header === 'string' ? header.split(',') : (header ?? [])).toReversed()
  let last: string | undefined = nearest
  for (const hop of hops) {
    last = plainAddress(hop)
    // What stands further left was written by whoever is here.
    if (last === undefined || !trusted.has(last)) return last
  }
  return last
}

/** Without a port, brackets, and the mark of an IPv4 address in an IPv6 one; `undefined` for what is none. */
export function plainAddress(text: string): string | undefined {
  const trimmed = text.trim().replaceAll('"', '')
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(trimmed)?.[1]
  const address = bracketed ?? (/^[\d.]+:\d{1,5}$/.test(trimmed) ? trimmed.slice(0, trimmed.indexOf(':')) : trimmed)
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1]
  const bare = mapped ?? address
  return isIP(bare) === 0 ? undefined : bare
}
