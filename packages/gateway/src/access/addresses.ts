import { BlockList, isIP } from 'node:net'

/** Addresses and ranges, `203.0.113.7` or `2001:db8::/32`, compiled to be asked. */
export interface AddressRanges {
  has(address: string): boolean
}

/** @returns the first that is no address or range, where there is one. */
export function findBadRange(ranges: readonly string[]): string | undefined {
  return ranges.find((range) => !isAddressRange(range))
}

/** Of ranges that are known to be good. */
export function compileRanges(ranges: readonly string[]): AddressRanges {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', length] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (length === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(length), family)
  }
  return { has: (address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') }
}

export function isAddressRange(range: string): boolean {
  const [address = '', length, more] = range.split('/')
  const family = isIP(address)
  if (family === 0 || more !== undefined) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 6 ? 128 : 32))
}
