import { expect, test } from 'vitest'
import { compileRanges, findBadRange } from './addresses.ts'
import { callerAddress } from './caller-address.ts'

const proxies = compileRanges(['10.0.0.0/8', '::1', '192.0.2.9'])

function addressOf(remote: string, forwarded?: string, trusted = proxies): string | undefined {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return callerAddress({ headers, socket: { remoteAddress: remote } } as never, trusted)
}

test.each([
  ['203.0.113.7', undefined, '203.0.113.7'],
  ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
  ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['::1', '6.6.6.6, 198.51.100.1, 192.0.2.9, 10.1.2.3', '198.51.100.1'],
  ['10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
  ['10.0.0.1', '"[2001:db8::7]:4711"', '2001:db8::7'],
  ['10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
  ['10.0.0.1', '10.9.9.9', '10.9.9.9'],
  ['10.0.0.1', undefined, '10.0.0.1'],
  ['10.0.0.1', 'unknown', undefined],
  ['10.0.0.1', '198.51.100.1, nonsense', undefined],
])('a request of %s, forwarded for %s, comes from %s', (remote, forwarded, expected) => {
  expect(addressOf(remote, forwarded)).toBe(expected)
})

test('without trusted proxies nobody is believed', () => {
  expect(
    callerAddress(
      { headers: { 'x-forwarded-for': '6.6.6.6' }, socket: { remoteAddress: '127.0.0.1' } } as never,
      undefined,
    ),
  ).toBe('127.0.0.1')
})

test.each(['10.0.0.0/33', '10.0.0/8', '::/129', 'localhost', '10.0.0.0/8/8', '', '10.0.0.0/'])(
  '%j is no range',
  (range) => {
    expect(findBadRange(['10.0.0.1', range])).toBe(range)
  },
)

test('ranges hold what is in them', () => {
  const ranges = compileRanges(['203.0.113.0/24', '2001:db8::/32', '198.51.100.7'])
  for (const address of ['203.0.113.0', '203.0.113.255', '2001:db8:ffff::1', '198.51.100.7'])
    expect([address, ranges.has(address)]).toEqual([address, true])
  for (const address of ['203.0.114.0', '2001:db9::', '198.51.100.8'])
    expect([address, ranges.has(address)]).toEqual([address, false])
})
