import { describe, expect, test } from 'vitest'
import type { BatchesStore } from '../batches-store.ts'
import { newBatch } from '../new-batch.ts'
import type { BatchRow } from '../tables.ts'

/** What every store of batches keeps to, whatever it is made of. @param open gives a new, empty one. */
export function describeBatchesStore(place: string, open: () => Promise<BatchesStore>): void {
  const batch = (id: string, more: Partial<BatchRow> = {}): BatchRow => ({
    ...newBatch({
      id,
      owner: 'ann',
      principal: 'key-1',
      endpoint: '/v1/chat/completions',
      input_file_id: 'file-1',
      completion_window: '24h',
      metadata: null,
      created_at: 1_700_000_000_000,
      expires_at: 1_700_086_400_000,
    }),
    status: 'in_progress',
    total: 3,
    ...more,
  })
  const line = (number: number, kind: string, text: string) => ({ batch_id: 'one', line: number, kind, text })
  async function gather(lines: AsyncIterable<string>): Promise<readonly string[]> {
    const gathered: string[] = []
    for await (const text of lines) gathered.push(text)
    return gathered
  }

  describe(`batches ${place}`, () => {
    test('gives back what it was given, to its owner only', async () => {
      const store = await open()
      await store.add(batch('one', { metadata: '{"a":"b"}' }))
      expect(await store.find('one', 'ann')).toEqual(batch('one', { metadata: '{"a":"b"}' }))
      expect(await store.find('one', 'bob')).toBeUndefined()
    })

    test('lists by pages, newest first', async () => {
      const store = await open()
      for (const [id, created] of [
        ['b', 2],
        ['a', 2],
        ['c', 1],
      ] as const)
        await store.add(batch(id, { created_at: created }))
      const first = await store.list('ann', { after: undefined, limit: 2, order: 'desc' })
      expect([first.rows.map(({ id }) => id), first.more]).toEqual([['b', 'a'], true])
      const second = await store.list('ann', { after: 'a', limit: 2, order: 'desc' })
      expect([second.rows.map(({ id }) => id), second.more]).toEqual([['c'], false])
      expect((await store.list('bob', { after: 'a', limit: 2, order: 'desc' })).rows).toEqual([])
    })

    test('changes only what is as expected', async () => {
      const store = await open()
      await store.add(batch('one'))
      expect(await store.update('one', ['in_progress'], { status: 'cancelling' })).toBe(true)
      expect(await store.update('one', ['in_progress'], { status: 'finalizing' })).toBe(false)
      expect((await store.find('one', 'ann'))?.status).toBe('cancelling')
    })

    test('knows what is unfinished, oldest first, and what reads a file', async () => {
      const store = await open()
      await store.add(batch('done', { status: 'completed', input_file_id: 'file-2' }))
      await store.add(batch('late', { status: 'validating', created_at: 2 }))
      await store.add(batch('early', { status: 'finalizing', created_at: 1 }))
      expect((await store.unfinished()).map(({ id }) => id)).toEqual(['early', 'late'])
      expect(await store.readerOf('file-1')).toBeDefined()
      expect(await store.readerOf('file-2')).toBeUndefined()
    })

    test('counts a line once, however often it is kept', async () => {
      const store = await open()
      await store.add(batch('one'))
      await store.record(line(2, 'output', 'b'), 'completed')
      await Promise.all([
        store.record(line(2, 'output', 'again'), 'completed'),
        store.record(line(1, 'output', 'a'), 'completed'),
        store.record(line(3, 'error', 'c'), 'failed'),
      ])
      expect(await store.find('one', 'ann')).toMatchObject({ completed: 2, failed: 1 })
      expect(await store.recorded('one')).toEqual(new Set([1, 2, 3]))
      expect(await gather(store.lines('one', 'output'))).toEqual(['a', 'b'])
      expect(await gather(store.lines('one', 'error'))).toEqual(['c'])
    })

    test('gives lines of any number, in their order', async () => {
      const store = await open()
      await store.add(batch('one'))
      const numbers = Array.from({ length: 250 }, (_, index) => index + 1)
      for (const number of numbers.toReversed()) await store.record(line(number, 'output', String(number)), 'completed')
      expect(await gather(store.lines('one', 'output'))).toEqual(numbers.map(String))
    })

    test('ends a batch with its files, and forgets its lines', async () => {
      const store = await open()
      await store.add(batch('one'))
      await store.record(line(1, 'output', 'a'), 'completed')
      const file = {
        id: 'file-out',
        owner: 'ann',
        filename: 'out.jsonl',
        purpose: 'batch_output',
        content_start: 0,
        bytes: 2,
        created_at: 5,
        expires_at: null,
      }
      await store.finish('one', { status: 'completed', output_file_id: 'file-out' }, [file])
      expect(await store.find('one', 'ann')).toMatchObject({
        status: 'completed',
        output_file_id: 'file-out',
        completed: 1,
      })
      expect(await gather(store.lines('one', 'output'))).toEqual([])
      expect(await store.unfinished()).toEqual([])
    })
  })
}
