import { lookup as lookUpBySystem } from 'node:dns/promises'
import { isIP } from 'node:net'
import { SluiceError } from '@sluice/protocol'
import type { OutboundConfig, Transport } from 'sluice'
import { withMaskedCredentials } from '../transport/masked-credentials.ts'
import { createUndiciTransport } from '../transport/undici.ts'
import { guardedConnect } from './guarded-connect.ts'
import { bare, createOutboundRules, notPublic, type OutboundRules } from './outbound-rules.ts'
import type { Lookup } from './lookup.ts'

/** As a connection would look it up: with the hosts file, and in the order that the system says. */
const systemLookup: Lookup = (hostname) => lookUpBySystem(hostname, { all: true, order: 'verbatim' })

/** Calls to addresses that tenants name, and not the operator. */
export interface Outbound {
  /** Whether such a URL may be called as things are. Rejects with `destination_not_allowed`, or `invalid_request`. */
  check(url: string): Promise<void>
  /** Looks again at each connection, and connects to the very addresses that it looked at. */
  transport(): Transport
  close(): Promise<void>
}

/** Tenants name these: connections are kept to so many. */
const mostOrigins = 500

/** @throws SluiceError `invalid_config` */
export function createOutbound(config: OutboundConfig, lookup: Lookup = systemLookup): Outbound {
  const rules = createOutboundRules(config)
  let transport: Transport | undefined
  return {
    check: (url) => checkUrl(url, rules, lookup),
    transport: () =>
      (transport ??= withMaskedCredentials(
        createUndiciTransport({
          connect: (origin, timeout) => guardedConnect(rules, lookup, origin, timeout),
          maxOrigins: mostOrigins,
        }),
      )),
    async close() {
      await transport?.close()
    },
  }
}

async function checkUrl(text: string, rules: OutboundRules, lookup: Lookup): Promise<void> {
  const url = URL.parse(text)
  const wrong = url === null ? 'a URL is expected' : problemOf(url)
  if (url === null || wrong !== undefined)
    throw new SluiceError('invalid_request', `\`base_url\`: ${wrong}.`, { param: 'base_url' })
  rules.checkUrl(url)
  const { hostname } = url
  if (isIP(bare(hostname)) !== 0) return
  const addresses = await lookup(hostname).catch(() => [])
  if (addresses.length === 0)
    throw new SluiceError('invalid_request', `\`base_url\`: no address is known of "${hostname}".`, {
      param: 'base_url',
    })
  if (!addresses.every(({ address }) => rules.permits(url, address))) throw notPublic(hostname)
}

function problemOf({ username, password, hash, hostname }: URL): string | undefined {
  if (username !== '' || password !== '') return 'it has no user name or password; give the key in `keys`'
  if (hash !== '') return 'it has no fragment (#)'
  if (!/^(\[.*\]|[\w.-]+)$/.test(hostname)) return 'its host has letters, digits, dots and hyphens only'
  return hostname.endsWith('.') ? 'its host has no dot at the end' : undefined
}
