import fc from 'fast-check'
import { expect, it } from 'vitest'
import { editDistance } from './edit-distance.ts'

it.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'acb', 1],
  ['abc', 'abxc', 1],
  ['kitten', 'sitting', 3],
  ['gtp-4o', 'gpt-4o', 1],
  ['ca', 'abc', 3],
])('from %j to %j are %i steps', (left, right, distance) => {
  expect(editDistance(left, right, 10)).toBe(distance)
})

/** The definition, without any shortcut. */
function slowDistance(left: string, right: string): number {
  const table = Array.from({ length: left.length + 1 }, (_, row) =>
    Array.from({ length: right.length + 1 }, (_unused, column) => (row === 0 ? column : column === 0 ? row : 0)),
  )
  const at = (row: number, column: number): number => table[row]?.[column] ?? Infinity
  for (let row = 1; row <= left.length; row += 1) {
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (left[row - 1] === right[column - 1] ? 0 : 1)
      let distance = Math.min(replaced, at(row - 1, column) + 1, at(row, column - 1) + 1)
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        distance = Math.min(distance, at(row - 2, column - 2) + 1)
      }
      table[row]?.splice(column, 1, distance)
    }
  }
  return at(left.length, right.length)
}

it('is what its definition says, up to the limit', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 })
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 5 }), (left, right, limit) => {
      const distance = slowDistance(left, right)
      expect(editDistance(left, right, limit)).toBe(distance > limit ? Infinity : distance)
    }),
    { numRuns: 2000 },
  )
})
