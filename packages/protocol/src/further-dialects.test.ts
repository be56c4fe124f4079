import { expect, test } from 'vitest'
import { commonDialects, furtherDialects, loadInputTokens } from './further-dialects.ts'
import { translatableDialects } from './translatable-dialects.ts'

test('every dialect that can be translated is there at once or can be loaded', async () => {
  const loaded = await Promise.all([...furtherDialects.values()].map(({ load }) => load()))
  const all = new Set([...commonDialects, ...loaded])
  // Callers bring it: it is said in others, and no other is said in it.
  expect(translatableDialects.filter((dialect) => !all.has(dialect))).toEqual([await loadInputTokens()])
  expect(all.size).toBe(translatableDialects.length - 1)
})

test.each([...furtherDialects])('%s is what it is called', async (id, { operation, load }) => {
  expect(await load()).toMatchObject({ id, operation })
})
