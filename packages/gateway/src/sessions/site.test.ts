import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { compileRanges } from '../access/addresses.ts'
import { callbackUrl, siteOf } from './site.ts'

const proxies = compileRanges(['10.0.0.0/8'])
const from = (headers: IncomingHttpHeaders, remoteAddress = '203.0.113.7'): IncomingMessage =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage
const forwarded = { host: 'gateway.example.com', 'x-forwarded-proto': 'https' }

test('what config says counts, whatever a request says', () => {
  expect(siteOf(from({ host: 'evil.example' }), 'https://gateway.example.com', undefined)).toEqual({
    origin: 'https://gateway.example.com',
    secure: true,
  })
})

test('the protocol is believed of trusted proxies alone', () => {
  expect(siteOf(from(forwarded, '10.0.0.1'), undefined, proxies)).toEqual({
    origin: 'https://gateway.example.com',
    secure: true,
  })
  for (const [address, trusted] of [
    ['203.0.113.7', proxies],
    ['10.0.0.1', undefined],
  ] as const)
    expect(siteOf(from(forwarded, address), undefined, trusted).secure).toBe(false)
})

test.each([undefined, '', 'a b', 'x/y', 'user@host', '[', 'host:port'])('a Host that is %j is none', (host) => {
  expect(() => siteOf(from({ host }), undefined, undefined)).toThrow('Host')
})

test('providers send back to where config says, or to this machine', () => {
  const site = (host: string) => siteOf(from({ host }), undefined, undefined)
  expect(callbackUrl(site('127.0.0.1:8090'), undefined)).toBe('http://127.0.0.1:8090/api/admin/sign-in/callback')
  expect(callbackUrl(site('[::1]:8090'), undefined)).toBe('http://[::1]:8090/api/admin/sign-in/callback')
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example'])
    expect(() => callbackUrl(site(host), undefined)).toThrow('server.public_url')
})
