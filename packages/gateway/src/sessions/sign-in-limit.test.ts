import { expect, test } from 'vitest'
import { createSignInLimit } from './sign-in-limit.ts'

function exhaust(take: () => void): number {
  for (let count = 0; ; count++)
    try {
      take()
    } catch (error) {
      expect(error).toMatchObject({ code: 'limit_exceeded', status: 429 })
      return count
    }
}

test('an address has thirty attempts in a minute, and others theirs', () => {
  let now = 0
  const limit = createSignInLimit(() => now)
  expect(exhaust(() => limit.take('203.0.113.7'))).toBe(30)
  expect(exhaust(() => limit.take('203.0.113.8'))).toBe(30)
  now = 59_999
  expect(() => limit.take('203.0.113.7')).toThrow(expect.objectContaining({ retryAfterMs: 1 }))
  now = 60_000
  expect(exhaust(() => limit.take('203.0.113.7'))).toBe(30)
})

test('who came in does not count', () => {
  const limit = createSignInLimit(() => 0)
  for (let count = 0; count < 100; count++) {
    limit.take('203.0.113.7')
    limit.take('203.0.113.7')
    limit.giveBack('203.0.113.7', 2)
  }
  expect(exhaust(() => limit.take('203.0.113.7'))).toBe(30)
})

test.each([
  ['2001:db8::1', '2001:db8::2'],
  ['2001:db8:0:0:1::', '2001:db8::ffff:0:0:1'],
  ['2001:0DB8:0000::9', '2001:db8::1'],
])('%s and %s are of one network', (one, other) => {
  const limit = createSignInLimit(() => 0)
  exhaust(() => limit.take(one))
  expect(() => limit.take(other)).toThrow('Too many attempts')
  limit.take('2001:db8:0:1::1')
})
