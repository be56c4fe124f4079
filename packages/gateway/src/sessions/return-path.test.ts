import fc from 'fast-check'
import { expect, test } from 'vitest'
import { returnPath } from './return-path.ts'

const origin = 'https://gateway.example.com'

test('whatever is let through stays on this host, wherever a browser is', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '//',
    '.',
    '..',
    '@',
    ':',
    '%2f',
    '%5c',
    '\t',
    '\n',
    '?',
    '#',
    'evil.example',
    'a',
  )
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  )
  fc.assert(
    fc.property(text, fc.boolean(), (given, slash) => {
      let path: string
      try {
        path = returnPath(slash ? `/${given}` : given)
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request' })
        return
      }
      expect(path).toMatch(/^\/(?![/\\])/)
      for (const page of [origin, `${origin}/api/admin/sign-in/callback`])
        expect(new URL(path, page).origin).toBe(origin)
    }),
    { numRuns: 2_000 },
  )
})

test.each(['/dashboard', '/a/b?c=d&e=//f#g', '/%2F%2Fevil.example'])('%s is a path', (path) => {
  expect(returnPath(path)).toBe(path)
})

test('who says nothing is shown who they are', () => {
  expect([returnPath(null), returnPath('')]).toEqual(['/api/admin/session', '/api/admin/session'])
})
