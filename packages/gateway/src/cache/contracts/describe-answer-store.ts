import { expect, test } from 'vitest'
import type { AnswerStore } from '../answer-store.ts'
import type { KeptAnswer } from '../kept-answer.ts'

/** What every store of answers keeps to. @param open gives a new, empty one whose answers live `ttl` milliseconds. */
export function describeAnswerStore(open: (ttl: number) => Promise<AnswerStore>): void {
  const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
  const answer: KeptAnswer = {
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
    await store.purge()
    expect(await store.get('one')).toBeUndefined()
    await store.set('one', answer)
    expect(await store.get('one')).toBeDefined()
  })
}
