import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPublicAddress } from './is-public-address.ts'

/** First and last address of what is not the public's: IANA's registries of special purposes, and clouds' metadata. */
const special4: readonly (readonly [string, string])[] = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['168.63.129.16', '168.63.129.16'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '239.255.255.255'],
  ['240.0.0.0', '255.255.255.255'],
]

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const addressOf = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
const any4 = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  // Near the edges, where mistakes are.
  fc
    .constantFrom(...special4.flat())
    .chain((edge) =>
      fc.integer({ min: -2, max: 2 }).map((by) => Math.min(0xffffffff, Math.max(0, numberOf(edge) + by))),
    ),
)

test('of IPv4 everything special is refused, and nothing else but what is kept for protocols', () => {
  fc.assert(
    fc.property(any4, (number) => {
      const isSpecial = special4.some(([first, last]) => number >= numberOf(first) && number <= numberOf(last))
      const address = addressOf(number)
      // AS112 and AMT: anycast for protocols, which is refused beyond the list.
      const forProtocols = /^(192\.31\.196|192\.52\.193|192\.175\.48)\./.test(address)
      if (!forProtocols) expect([address, isPublicAddress(address)]).toEqual([address, !isSpecial])
    }),
    { numRuns: 2000 },
  )
})

const group = fc.integer({ min: 0, max: 0xffff }).map((part) => part.toString(16))
const groups = (count: number) => fc.array(group, { minLength: count, maxLength: count }).map((all) => all.join(':'))

test.each<[what: string, prefix: string, rest: number]>([
  ['link-local', 'fe80:', 7],
  ['site-local', 'fec0:', 7],
  ['unique local', 'fd00:ec2:', 6],
  ['unique local', 'fc12:', 7],
  ['multicast', 'ff02:', 7],
  ['mapped', '0:0:0:0:0:ffff:', 2],
  ['compatible', '0:0:0:0:0:0:', 2],
  ['translated', '64:ff9b:0:0:0:0:', 2],
  ['translated locally', '64:ff9b:1:', 5],
  ['of stateless translation', '0:0:0:0:ffff:0:', 2],
  ['6to4', '2002:', 7],
  ['Teredo', '2001:0:', 6],
  ['for documentation', '2001:db8:', 6],
  ['for documentation', '3fff:0:', 6],
  ['discard', '100:0:0:0:', 4],
  ['benchmarking', '2001:2:0:', 5],
  ['ORCHID', '2001:20:', 6],
  ['segment routing', '5f00:', 7],
  ['not assigned', '4000:', 7],
  ['not assigned', 'e000:', 7],
])('of IPv6 nothing is public that is %s (%s)', (_, prefix, rest) => {
  fc.assert(fc.property(groups(rest), (tail) => !isPublicAddress(prefix + tail)))
})

test('an IPv4 address is no more public in an IPv6 one, however it is written', () => {
  fc.assert(
    fc.property(any4, (number) => {
      const address = addressOf(number)
      for (const wrapped of [`::ffff:${address}`, `::${address}`, `64:ff9b::${address}`, `::ffff:0:${address}`])
        expect([wrapped, isPublicAddress(wrapped)]).toEqual([wrapped, false])
    }),
  )
})

test.each(['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::200e'])(
  '%s is public',
  (address) => expect(isPublicAddress(address)).toBe(true),
)

test.each([
  '',
  'localhost',
  '::',
  '::1',
  '169.254.169.254',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fe80::1%eth0',
  '8.8.8.8/32',
  '127.1',
  '2130706433',
  '0x7f000001',
  '017700000001',
  '8.8.8.8 ',
])('%j is not public', (address) => expect(isPublicAddress(address)).toBe(false))
