import { expect, test } from 'vitest'
import type { AnswerFilter, AnswerStore } from '../answer-store.ts'
import type { KeptAnswer } from '../kept-answer.ts'

/** What every store of answers keeps to. @param open gives a new, empty one whose answers live `ttl` milliseconds. */
export function describeAnswerStore(open: (ttl: number) => Promise<AnswerStore>): void {
  const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
  const answer: KeptAnswer = {
    asker: { key: 'key_1', workspace: 'ws_1', organisation: 'org_1' },
    provider: 'lab',
    model: 'small',
    headers: { 'content-type': 'text/event-stream' },
    stream: true,
    finishReason: 'stop',
    warnings: [{ code: 'field-dropped', path: 'top_k', message: 'Not known there.' }],
    pieces: [bytes(0, 255, 10, 13), bytes(), bytes(0xc3, 0x28)],
    keptAt: Date.now(),
  }
  const plain = (kept: KeptAnswer | undefined): unknown =>
    kept && { ...kept, pieces: kept.pieces.map((piece) => [...piece]) }

  test('gives back every byte, piece by piece, and all that is known of it', async () => {
    const store = await open(60_000)
    await store.set('one', answer)
    expect(plain(await store.get('one'))).toEqual(plain(answer))
    expect(await store.get('other')).toBeUndefined()
  })

  test('has the latest under a key', async () => {
    const store = await open(60_000)
    await store.set('one', answer)
    await store.set('one', { ...answer, model: 'large', finishReason: undefined })
    expect(await store.get('one')).toMatchObject({ model: 'large' })
    expect((await store.get('one'))?.finishReason).toBeUndefined()
  })

  test('forgets what is too old', async () => {
    const store = await open(50)
    await store.set('one', { ...answer, keptAt: Date.now() })
    await expect.poll(() => store.get('one')).toBeUndefined()
  })

  test('forgets everything', async () => {
    const store = await open(60_000)
    await store.set('one', answer)
    expect(await store.purge()).toBe(1)
    expect(await store.get('one')).toBeUndefined()
    expect(await store.contents()).toEqual({ entries: 0, bytes: 0 })
    await store.set('one', answer)
    expect(await store.get('one')).toBeDefined()
  })

  test('knows how much it keeps', async () => {
    const store = await open(60_000)
    expect(await store.contents()).toEqual({ entries: 0, bytes: 0 })
    await store.set('one', answer)
    const { bytes } = await store.contents()
    expect(bytes).toBeGreaterThan(6)
    await store.set('two', answer)
    await store.set('two', answer)
    expect(await store.contents()).toEqual({ entries: 2, bytes: 2 * bytes })
  })

  test('counts nothing that is over', async () => {
    const store = await open(50)
    await store.set('one', { ...answer, keptAt: Date.now() })
    await expect.poll(() => store.contents()).toEqual({ entries: 0, bytes: 0 })
  })

  test.each<[which: AnswerFilter, left: readonly string[]]>([
    [{ model: 'small' }, ['two']],
    [{ model: 'lab/large' }, ['one', 'three']],
    [{ provider: 'lab' }, []],
    [{ key: 'key_2' }, ['one']],
    [{ workspace: 'ws_1' }, ['two']],
    [{ organisation: 'org_2', model: 'small' }, ['one', 'two', 'three']],
    [{ organisation: 'org_2', model: 'large' }, ['one', 'three']],
  ])('forgets what fits %j, and nothing else', async (which, left) => {
    const store = await open(60_000)
    await store.set('one', answer)
    await store.set('two', { ...answer, model: 'large', asker: { key: 'key_2', organisation: 'org_2' } })
    await store.set('three', { ...answer, asker: { key: 'key_2', workspace: 'ws_1' } })
    expect(await store.purge(which)).toBe(3 - left.length)
    const found = await Promise.all(['one', 'two', 'three'].map(async (key) => ((await store.get(key)) ? [key] : [])))
    expect(found.flat()).toEqual(left)
    expect((await store.contents()).entries).toBe(left.length)
  })
}
