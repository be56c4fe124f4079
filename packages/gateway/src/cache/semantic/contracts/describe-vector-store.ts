import { expect, test } from 'vitest'
import { toVector } from '../scope-vectors.ts'
import { mostOfScope, type VectorStore } from '../vector-store.ts'

/** What every store of vectors keeps to. @param open gives a new, empty one. */
export function describeVectorStore(open: () => Promise<VectorStore>): void {
  const vector = (...values: readonly number[]): Float32Array => toVector(values)!

  test('finds what is alike, the most alike first, and nothing else', async () => {
    const store = await open()
    await store.add('scope', 'east', vector(1, 0, 0))
    await store.add('scope', 'north', vector(0, 1, 0))
    await store.add('scope', 'nearly east', vector(1, 0.1, 0))
    const found = await store.nearest('scope', vector(2, 0, 0), 0.9)
    expect(found.map(({ key }) => key)).toEqual(['east', 'nearly east'])
    expect(found[0]?.similarity).toBeCloseTo(1, 6)
    expect(found[1]?.similarity).toBeCloseTo(1 / Math.hypot(1, 0.1), 5)
    expect(await store.nearest('scope', vector(0, 0, 1), 0.5)).toEqual([])
    // What was read once is known, and so is what came later.
    await store.add('scope', 'up', vector(0, 0, 1))
    expect((await store.nearest('scope', vector(0, 0, 1), 0.5)).map(({ key }) => key)).toEqual(['up'])
  })

  test('knows nothing of another scope', async () => {
    const store = await open()
    await store.add('mine', 'east', vector(1, 0))
    expect(await store.nearest('yours', vector(1, 0), 0)).toEqual([])
  })

  test('has one vector under a key, the latest, and of equals the newest first', async () => {
    const store = await open()
    await store.add('scope', 'one', vector(1, 0))
    await store.add('scope', 'one', vector(0, 1))
    expect(await store.nearest('scope', vector(1, 0), 0.5)).toEqual([])
    await store.add('scope', 'two', vector(0, 1))
    expect((await store.nearest('scope', vector(0, 1), 0.5)).map(({ key }) => key)).toEqual(['two', 'one'])
  })

  test('does not compare vectors of two lengths', async () => {
    const store = await open()
    await store.add('scope', 'long', vector(1, 0, 0))
    expect(await store.nearest('scope', vector(1, 0), 0.5)).toEqual([])
  })

  test('drops what is dropped', async () => {
    const store = await open()
    await store.add('scope', 'one', vector(1, 0))
    await store.nearest('scope', vector(1, 0), 0.5)
    store.drop('scope', 'one')
    store.drop('scope', 'never there')
    expect(await store.nearest('scope', vector(1, 0), 0.5)).toEqual([])
  })

  test('forgets the oldest of a scope that is full', async () => {
    const store = await open()
    const angle = (index: number): Float32Array => vector(Math.cos(index / 1e3), Math.sin(index / 1e3))
    for (let index = 0; index <= mostOfScope; index++) await store.add('scope', `key ${index}`, angle(index))
    const keys = async (index: number): Promise<readonly string[]> =>
      (await store.nearest('scope', angle(index), 0.999_999_9)).map(({ key }) => key)
    expect(await keys(mostOfScope)).toContain(`key ${mostOfScope}`)
    expect(await keys(0)).not.toContain('key 0')
  })
}
