import { describe, expect, test } from 'vitest'
import type { ProviderObjectsStore } from '../provider-objects-store.ts'

/** What every store of objects at providers keeps to, whatever it is made of. @param open gives a new, empty one. */
export function describeProviderObjectsStore(place: string, open: () => Promise<ProviderObjectsStore>): void {
  describe(`objects at providers ${place}`, () => {
    test('are kept by their first owner', async () => {
      const store = await open()
      const object = { id: 'file-1', owner: 'ann', provider: 'lab', kind: 'file', created_at: 1_700_000_000_000 }
      await store.remember(object)
      await store.remember({ ...object, owner: 'bob' })
      expect(await store.find('file-1', 'ann')).toEqual(object)
      expect(await store.find('file-1', 'bob')).toBeUndefined()
      expect(await store.owned(['file-1', 'file-2'], 'ann')).toEqual(new Set(['file-1']))
      expect(await store.owned(['file-1'], 'bob')).toEqual(new Set())
      await store.forget('file-1', 'bob')
      await store.forget('file-1', 'ann')
      expect(await store.find('file-1', 'ann')).toBeUndefined()
    })
  })
}
