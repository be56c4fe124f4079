import { expect, test } from 'vitest'
import { type CacheControl, readCacheControl } from './cache-control.ts'

function read(standard: string, own?: string, byDefault = true): CacheControl {
  const headers = { 'cache-control': standard, ...(own !== undefined && { 'x-sluice-cache': own }) }
  return readCacheControl(headers, { byDefault, semantic: false })
}

// RFC 9111, section 4.2.1
test.each(['max-age=-1', 'max-age=abc', 'max-age', 'max-age=1.5'])('%s makes whatever is kept stale', (standard) => {
  expect(read(standard)).toMatchObject({ read: false, write: true })
})

test.each([
  ['max-age="60"', 60_000],
  ['max-age=0', 0],
  ['max-age=99999999999', 99_999_999_999_000],
])('%s is a number of seconds', (standard, maxAge) => {
  expect(read(standard)).toMatchObject({ read: true, write: true, maxAge })
})

test.each([
  ['on', 'no-store', { read: false, write: false }],
  ['on', 'no-cache', { read: false, write: true }],
  ['off', 'max-age=60', { read: false, write: false }],
  ['refresh', 'max-age=60', { read: false, write: true }],
  ['on', 'max-age=60', { read: true, write: true, maxAge: 60_000 }],
  ['on', 'only-if-cached, max-age=29', { read: true, maxAge: 29_000, onlyIfCached: true }],
  ['refresh', 'only-if-cached', { read: false, onlyIfCached: true }],
])('of x-sluice-cache: %s and cache-control: %s what forbids wins', (own, standard, expected) => {
  expect(read(standard, own)).toMatchObject(expected)
  expect(read(standard, own, false)).toMatchObject(expected)
})
