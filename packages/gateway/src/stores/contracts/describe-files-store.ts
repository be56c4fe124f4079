import { describe, expect, test } from 'vitest'
import type { FilesStore } from '../files-store.ts'
import type { FileRow } from '../tables.ts'

/** What every store of files keeps to, whatever it is made of. @param open gives a new, empty one with a clock of its own. */
export function describeFilesStore(place: string, open: (now: () => number) => Promise<FilesStore>): void {
  const file = (id: string, more: Partial<FileRow> = {}): FileRow => ({
    id,
    owner: 'ann',
    filename: 'a.jsonl',
    purpose: 'batch',
    content_start: 120,
    bytes: 3_000_000_000,
    created_at: 1_700_000_000_000,
    expires_at: null,
    ...more,
  })
  const page = { after: undefined, limit: 10, order: 'asc', purpose: undefined } as const

  describe(`files ${place}`, () => {
    test('gives back what it was given, to its owner only', async () => {
      const store = await open(Date.now)
      await store.add(file('file-1'))
      expect(await store.find('file-1', 'ann')).toEqual(file('file-1'))
      expect(await store.find('file-1', 'bob')).toBeUndefined()
      expect(await store.remove('file-1', 'bob')).toBe(false)
      expect(await store.remove('file-1', 'ann')).toBe(true)
      expect(await store.remove('file-1', 'ann')).toBe(false)
      expect(await store.find('file-1', 'ann')).toBeUndefined()
    })

    test('lists by pages in the order of time, then of id', async () => {
      const store = await open(Date.now)
      for (const [id, created] of [
        ['b', 2],
        ['a', 2],
        ['c', 1],
        ['d', 3],
      ] as const)
        await store.add(file(id, { created_at: created }))
      await store.add(file('e', { owner: 'bob' }))
      await store.add(file('f', { purpose: 'vision', created_at: 4 }))
      const ids = async (more: object): Promise<unknown> => {
        const { rows, more: others } = await store.list('ann', { ...page, ...more })
        return [rows.map(({ id }) => id).join(''), others]
      }
      expect(await ids({})).toEqual(['cabdf', false])
      expect(await ids({ order: 'desc', purpose: 'batch' })).toEqual(['dbac', false])
      expect(await ids({ limit: 2 })).toEqual(['ca', true])
      expect(await ids({ limit: 2, after: 'a' })).toEqual(['bd', true])
      expect(await ids({ limit: 2, after: 'b', order: 'desc' })).toEqual(['ac', false])
      expect(await ids({ after: 'e' })).toEqual(['', false])
    })

    test('knows nothing any more of what has expired', async () => {
      let now = 10
      const store = await open(() => now)
      await store.add(file('old', { expires_at: 20 }))
      await store.add(file('new', { expires_at: 30 }))
      await store.add(file('ever'))
      now = 20
      expect(await store.find('old', 'ann')).toBeUndefined()
      expect((await store.list('ann', page)).rows.map(({ id }) => id)).toEqual(['ever', 'new'])
      expect(await store.removeExpired()).toEqual(['old'])
      expect(await store.removeExpired()).toEqual([])
    })
  })
}
