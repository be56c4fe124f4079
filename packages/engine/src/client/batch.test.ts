import { SluiceError } from '@sluice/protocol'
import { startSimulator } from '@sluice/simulator'
import { describe, expect, test } from 'vitest'
import { type BatchOutcome, runBatch } from './batch.ts'
import { createSluice } from './create-sluice.ts'

const numbers = Array.from({ length: 20 }, (_, index) => index)

/** Resolves after the turns that others have. */
async function later(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
}

describe('a batch', () => {
  test('keeps the order, and the failures of single items to themselves', async () => {
    const outcomes = await runBatch(numbers, {
      concurrency: 4,
      async ask(number) {
        await later((number * 7) % 5)
        if (number % 5 === 0) throw new SluiceError('upstream_error', `No ${number}.`)
        return number * 2
      },
    })
    expect(outcomes.map(({ index }) => index)).toEqual(numbers)
    const results = outcomes.map((outcome) => (outcome.status === 'done' ? outcome.result : outcome.error.code))
    expect(results).toEqual(numbers.map((number) => (number % 5 === 0 ? 'upstream_error' : number * 2)))
  })

  test('begins nothing more when what is heard of it throws, and says so when all is over', async () => {
    let begun = 0
    let over = 0
    const failed = runBatch(numbers, {
      concurrency: 2,
      async ask() {
        begun++
        await later(begun * 3)
        over++
      },
      onProgress: () => {
        throw new RangeError('no bar')
      },
    })
    await expect(failed).rejects.toThrow(new RangeError('no bar'))
    expect([begun, over]).toEqual([2, 2])
  })

  test('tells whose function failed, and why', async () => {
    const cause = new TypeError('no such column')
    const [outcome] = await runBatch([1], { ask: () => Promise.reject(cause) })
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'internal_error', message: 'What the batch does with an item failed: no such column', cause },
    })
  })

  test('has no more under way than it may', async () => {
    let active = 0
    let most = 0
    await runBatch(numbers, {
      concurrency: 3,
      async ask() {
        most = Math.max(most, ++active)
        await later(3)
        active--
      },
    })
    expect(most).toBe(3)
  })

  test('tells how far it is', async () => {
    const heard: string[] = []
    await runBatch([1, 2, 3], {
      concurrency: 1,
      ask: (number) => (number === 2 ? Promise.reject(new Error('odd')) : Promise.resolve(number)),
      onProgress: ({ finished, failed, total, outcome }) =>
        heard.push(`${finished}/${total}, ${failed} failed: ${outcome.index}`),
    })
    expect(heard).toEqual(['1/3, 0 failed: 0', '2/3, 1 failed: 1', '3/3, 1 failed: 2'])
  })

  test('ends by what its listener throws, later too', async () => {
    const asked: number[] = []
    const batch = runBatch([1, 2, 3], {
      concurrency: 1,
      ask: async (number) => asked.push(number),
      onProgress: () => Promise.reject(new Error('The disk is full.')),
    })
    await expect(batch).rejects.toThrow('The disk is full.')
    expect(asked).toEqual([1])
  })

  test('rests when it is asked to, all of it, and asks the item again', async () => {
    let restUntil = 0
    const early: number[] = []
    const refused = new Set<number>()
    const outcomes = await runBatch(numbers, {
      concurrency: 2,
      async ask(number) {
        if (performance.now() < restUntil - 1) early.push(number)
        await later(1)
        if (number !== 3 || refused.has(number)) return number
        refused.add(number)
        restUntil = performance.now() + 60
        throw new SluiceError('rate_limit_exceeded', 'Later.', { retryAfterMs: 60 })
      },
    })
    expect(outcomes.every(({ status }) => status === 'done')).toBe(true)
    // The one that was under way beside it may end.
    expect(early.length).toBeLessThanOrEqual(1)
  })

  test('asks an item again twenty times, and no more', async () => {
    let asked = 0
    const rest = new SluiceError('rate_limit_exceeded', 'Later.', { retryAfterMs: 0 })
    const [outcome] = await runBatch(['one'], { ask: () => Promise.reject((asked++, rest)) })
    expect([asked, outcome]).toMatchObject([21, { status: 'failed', error: { code: 'rate_limit_exceeded' } }])
  })

  test('that is given up keeps what it has, and goes on from there', async () => {
    const controller = new AbortController()
    const asked: number[] = []
    const ask = async (number: number): Promise<number> => {
      asked.push(number)
      if (number === 7) controller.abort()
      await later(1)
      return number
    }
    const partial = await runBatch(numbers, { concurrency: 1, ask, signal: controller.signal })
    expect(partial.filter(({ status }) => status === 'done')).toHaveLength(8)
    expect(partial[8]).toMatchObject({ status: 'failed', error: { code: 'client_closed_request' } })
    const whole = await runBatch(numbers, { ask, resume: partial })
    expect(whole.map((outcome) => (outcome.status === 'done' ? outcome.result : undefined))).toEqual(numbers)
    expect(asked).toEqual(numbers)
  })

  test('goes on from outcomes that were stored as JSON', async () => {
    const stored = JSON.parse(JSON.stringify([{ index: 0, status: 'done', result: 'kept' }])) as BatchOutcome<string>[]
    const [first, second] = await runBatch(['a', 'b'], { ask: (text) => Promise.resolve(text), resume: stored })
    expect([first, second]).toMatchObject([{ result: 'kept' }, { result: 'b' }])
  })

  test('must be of some width', async () => {
    await expect(runBatch([1], { concurrency: 0, ask: () => Promise.resolve() })).rejects.toThrow(/concurrency/)
  })
})

test('of chats, with one that waits for its limit', async () => {
  await using simulator = await startSimulator()
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'k', default_model: 'm', max_retries: 0 }
  const sluice = createSluice({ providers: { lab } }, { environment: {} })
  simulator.next(
    { fault: { kind: 'status', status: 429, retryAfterMs: 20 } },
    { fault: { kind: 'status', status: 400 } },
  )
  const outcomes = await sluice.batch(['one', 'two', 'three'], { concurrency: 1 })
  // The first is asked again after its rest, and then it is the one that is refused.
  expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'done', 'done'])
  const vectors = await sluice.batch(['one', 'two'], { ask: (text, options) => sluice.embed(text, options) })
  expect(vectors.map((outcome) => outcome.status === 'done' && outcome.result.embeddings.length)).toEqual([1, 1])
  await sluice.close()
})
