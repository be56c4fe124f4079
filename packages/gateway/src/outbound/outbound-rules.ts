import { isIP } from 'node:net'
import { SluiceError } from '@sluice/protocol'
import type { OutboundConfig } from 'sluice'
import { compileRanges, findBadRange } from '../access/addresses.ts'
import { isPublicAddress } from './is-public-address.ts'

/** Where addresses that tenants name may lead. */
export interface OutboundRules {
  /**
   * What can be said before the host is looked up. @param url as parsed, so that every spelling of an address is the same
   * by now. @throws SluiceError `destination_not_allowed`
   */
  checkUrl(url: Pick<URL, 'protocol' | 'hostname' | 'port'>): void
  /** Whether a call to this host may go to this address. */
  permits(url: Pick<URL, 'protocol' | 'hostname' | 'port'>, address: string): boolean
}

const usualPorts: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 }

/** @throws SluiceError `invalid_config` */
export function createOutboundRules({ allow, http, ports }: OutboundConfig): OutboundRules {
  const origins = new Set(allow.filter((entry) => entry.includes('://')).map((entry) => originOf(entry)))
  const others = allow.filter((entry) => !entry.includes('://'))
  const ranges = others.filter((entry) => isIP(entry.split('/')[0] ?? '') !== 0)
  const bad = findBadRange(ranges) ?? others.find((entry) => !ranges.includes(entry) && /[/:[\]]/.test(entry))
  if (bad !== undefined) throw wrongEntry(bad)
  const allowed = compileRanges(ranges)
  const hosts = new Set(others.filter((entry) => !ranges.includes(entry)).map((host) => host.toLowerCase()))

  return {
    checkUrl(url) {
      const { protocol, hostname } = url
      const port = portOf(url)
      if (origins.has(`${protocol}//${hostname}:${port}`)) return
      if (protocol !== 'https:' && !(http && protocol === 'http:'))
        throw refused('The address has no TLS: it must begin with https://.', 'set server.outbound.http')
      if (!ports.includes(port))
        throw refused(
          `The address may have port ${ports.join(' or ')} only, and not ${port}.`,
          'add it to server.outbound.ports',
        )
      const literal = bare(hostname)
      if (isIP(literal) !== 0 && !this.permits(url, literal)) throw notPublic(hostname)
    },
    permits(url, address) {
      const { protocol, hostname } = url
      return (
        isPublicAddress(address) ||
        hosts.has(hostname.toLowerCase()) ||
        origins.has(`${protocol}//${hostname}:${portOf(url)}`) ||
        (isIP(address) !== 0 && allowed.has(address))
      )
    },
  }
}

/** Nothing of what a host was found to be is said: tenants learn no addresses of the inside. */
export function notPublic(hostname: string): SluiceError {
  return refused(
    `"${hostname}" leads to an address that is not public, where no tenant may point this gateway.`,
    'add it to server.outbound.allow',
  )
}

/** Without the brackets that an IPv6 address has in a URL. */
export function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function refused(what: string, wayOut: string): SluiceError {
  return new SluiceError('destination_not_allowed', `${what} The operator of this gateway can allow it: ${wayOut}.`, {
    param: 'base_url',
  })
}

function portOf({ protocol, port }: Pick<URL, 'protocol' | 'port'>): number {
  return port === '' ? (usualPorts[protocol] ?? 0) : Number(port)
}

function originOf(entry: string): string {
  const url = URL.parse(entry)
  if (url === null || `${url.origin}/` !== url.href) throw wrongEntry(entry)
  return `${url.protocol}//${url.hostname}:${portOf(url)}`
}

function wrongEntry(entry: string): SluiceError {
  return new SluiceError(
    'invalid_config',
    `server.outbound.allow: ${JSON.stringify(entry)} is no host, address, range of addresses (10.1.0.0/16) or origin (http://models.internal:8000).`,
  )
}
