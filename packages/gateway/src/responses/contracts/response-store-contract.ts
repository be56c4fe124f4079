import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KeptResponse, ResponseStore, ResponseStoreOptions } from '../response-store.ts'

/** What every store of responses does. */
export function describeResponseStore(
  place: string,
  open: (options: ResponseStoreOptions) => Promise<ResponseStore> | ResponseStore,
): void {
  describe(`responses ${place}`, () => {
    const ttl = 1_000
    let now: number
    let store: ResponseStore

    beforeEach(async () => {
      now = 1_700_000_000_000
      store = await open({ ttl, maxBytes: 100_000, now: () => now })
    })

    afterEach(() => store.close())

    test('gives back what was saved, as it was', async () => {
      const kept = response('resp_1', { previousId: 'resp_0', input: '"Héllo 😀"', response: '{"n":1.0}' })
      const relayed = { kind: 'relayed', id: 'resp_2', owner: 'ada', provider: 'lab', model: 'small' } as const
      await store.save(kept)
      await store.save(relayed)
      expect(await store.find('resp_1', 'ada')).toEqual(kept)
      expect(await store.find('resp_2', 'ada')).toEqual(relayed)
      expect(await store.find('resp_3', 'ada')).toBeUndefined()
    })

    test('shows a response to its owner only', async () => {
      await store.save(response('resp_1'))
      expect(await store.find('resp_1', 'bob')).toBeUndefined()
      expect(await store.remove('resp_1', 'bob')).toBe(false)
      expect(await store.find('resp_1', 'ada')).toBeDefined()
      expect(await store.has('resp_1')).toBe(true)
      expect(await store.has('resp_2')).toBe(false)
    })

    test('keeps responses of one id apart by their owners', async () => {
      await store.save(response('resp_1', { response: '"of ada"' }))
      await store.save(response('resp_1', { owner: 'bob', response: '"of bob"' }))
      expect(await store.find('resp_1', 'ada')).toMatchObject({ response: '"of ada"' })
      expect(await store.remove('resp_1', 'ada')).toBe(true)
      expect(await store.find('resp_1', 'bob')).toMatchObject({ response: '"of bob"' })
    })

    test('takes the later of two of one id', async () => {
      await store.save(response('resp_1'))
      await store.save(response('resp_1', { response: '"later"' }))
      expect(await store.find('resp_1', 'ada')).toMatchObject({ response: '"later"' })
    })

    test('removes once', async () => {
      await store.save(response('resp_1'))
      expect(await store.remove('resp_1', 'ada')).toBe(true)
      expect(await store.remove('resp_1', 'ada')).toBe(false)
      expect(await store.find('resp_1', 'ada')).toBeUndefined()
      expect(await store.has('resp_1')).toBe(false)
    })

    test('forgets what is older than its time', async () => {
      await store.save(response('resp_1'))
      now += ttl - 1
      expect(await store.find('resp_1', 'ada')).toBeDefined()
      now += 1
      expect(await store.find('resp_1', 'ada')).toBeUndefined()
      expect(await store.has('resp_1')).toBe(false)
      expect(await store.remove('resp_1', 'ada')).toBe(false)
    })

    test('keeps a response as long as one that goes on from it', async () => {
      await store.save(response('resp_1'))
      await store.save(response('resp_1', { owner: 'bob' }))
      now += ttl - 1
      await store.save(response('resp_2', { previousId: 'resp_1' }), ['resp_1'])
      now += ttl - 1
      expect(await store.find('resp_1', 'ada')).toBeDefined()
      expect(await store.find('resp_1', 'bob')).toBeUndefined()
      now += 1
      expect(await store.find('resp_1', 'ada')).toBeUndefined()
    })

    test('does not bring back what has expired', async () => {
      await store.save(response('resp_1'))
      now += ttl
      await store.save(response('resp_2', { previousId: 'resp_1' }), ['resp_1'])
      expect(await store.find('resp_1', 'ada')).toBeUndefined()
    })

    test('lets the oldest go when there is too much', async () => {
      for (let index = 0; index < 6; index++) {
        now++
        await store.save(response(`resp_${index}`, { response: JSON.stringify('x'.repeat(30_000)) }))
      }
      expect(await store.find('resp_0', 'ada')).toBeUndefined()
      expect(await store.find('resp_5', 'ada')).toBeDefined()
    })
  })
}

function response(id: string, members: Partial<KeptResponse> = {}): KeptResponse {
  const usual = { previousId: undefined, dialect: 'openai-chat', input: '"Hi"', response: '{"output":[]}' }
  return { kind: 'kept', id, owner: 'ada', ...usual, ...members }
}
