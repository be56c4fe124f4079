import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ScopeVectors, toVector } from './scope-vectors.ts'

const direction = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 9 })
  .map(toVector)
  .filter((vector) => vector !== undefined)

/** One by one, in the order of their values. */
function similarity(one: Float32Array, other: Float32Array): number {
  return Math.min(
    1,
    one.reduce((sum, value, index) => sum + value * other[index]!, 0),
  )
}

test('compares with each vector of the same length, exactly, however many there are', () => {
  fc.assert(
    fc.property(direction, fc.array(direction, { maxLength: 11 }), (question, vectors) => {
      const scope = new ScopeVectors()
      vectors.forEach((vector, index) => scope.add(`key ${index}`, vector))
      const expected = vectors
        .map((vector, index) => ({ key: `key ${index}`, vector }))
        .filter(({ vector }) => vector.length === question.length)
        .map(({ key, vector }) => ({ key, similarity: similarity(question, vector) }))
        .toReversed()
        .toSorted((one, other) => other.similarity - one.similarity)
      expect(scope.nearest(question, -1)).toEqual(expected.filter((match) => match.similarity >= -1).slice(0, 3))
    }),
  )
})
