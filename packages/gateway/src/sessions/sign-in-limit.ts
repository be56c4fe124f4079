import { isIPv6 } from 'node:net'
import { SluiceError } from '@sluice/protocol'
import { LRUCache } from 'lru-cache'

/** How often somebody may try to sign in from one address. */
export interface SignInLimit {
  /** @throws SluiceError `limit_exceeded` */
  take(address: string | undefined): void
  /** For those who came in: many people may share an address. */
  giveBack(address: string | undefined, attempts: number): void
}

const window = 60_000
const most = 30
const addresses = 10_000

/** In this process. @param now milliseconds since 1970. */
export function createSignInLimit(now: () => number): SignInLimit {
  const seen = new LRUCache<string, { readonly since: number; count: number }>({ max: addresses })
  return {
    take(address) {
      const key = networkOf(address)
      const at = now()
      let entry = seen.get(key)
      if (entry === undefined || at - entry.since >= window) seen.set(key, (entry = { since: at, count: 0 }))
      if (++entry.count <= most) return
      throw new SluiceError('limit_exceeded', 'Too many attempts to sign in from this address. Wait a minute.', {
        retryAfterMs: entry.since + window - at,
      })
    },
    giveBack(address, attempts) {
      const entry = seen.get(networkOf(address))
      if (entry !== undefined) entry.count = Math.max(0, entry.count - attempts)
    },
  }
}

/** Who has an IPv6 address has 2^64 of them. */
function networkOf(address = 'unknown'): string {
  if (!isIPv6(address)) return address
  const [start = '', end] = address.split('::')
  const before = start === '' ? [] : start.split(':')
  const after = end === undefined || end === '' ? [] : end.split(':')
  const zeros = end === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
