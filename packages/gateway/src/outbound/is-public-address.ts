import ipaddr from 'ipaddr.js'
import { type AddressRanges, compileRanges } from '../access/addresses.ts'

/** Reachable from inside of a network only, though what they look like is public. */
const notPublic: AddressRanges = compileRanges([
  // Azure's host, with its metadata: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  '168.63.129.16',
])
/** All that is assigned to the public of IPv6: https://www.iana.org/assignments/ipv6-address-space */
const globalUnicast: AddressRanges = compileRanges(['2000::/3'])

/**
 * Whether an address may be anybody's on the internet: not private, loopback, link-local, shared (CGNAT), multicast,
 * reserved, for documentation, nor one that hides another family's address (mapped, translated, 6to4, Teredo). The
 * metadata services of clouds are all among these. What is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' ? !notPublic.has(parsed.toString()) : globalUnicast.has(parsed.toString())
}
