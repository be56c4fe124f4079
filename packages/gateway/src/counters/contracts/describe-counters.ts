import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Counters, Decision, Limit, PlacesLimit, Reservation, SpendLimit, WindowLimit } from '../counters.ts'

export interface CountersUnderTest {
  readonly counters: Counters
  close(): Promise<void>
}

const start = Date.UTC(2026, 10, 21)
const minute = 60_000

const window = (most: number, key = 'requests'): WindowLimit => ({ kind: 'window', key, most, period: minute })
const places = (most: number): PlacesLimit => ({ kind: 'places', key: 'places', most })
const spend = (most: number, key = 'spend', endsAt = Infinity): SpendLimit => ({ kind: 'spend', key, most, endsAt })

function taken({ reservation }: Decision): Reservation {
  if (reservation === undefined) throw new Error('nothing was taken')
  return reservation
}

/** What all counters promise. */
export function describeCounters(title: string, open: (now: () => number) => Promise<CountersUnderTest>): void {
  describe(`${title}`, () => {
    let counters: Counters
    let close: () => Promise<void>
    let now = start

    beforeEach(async () => {
      now = start
      const opened = await open(() => now)
      counters = opened.counters
      close = () => opened.close()
    })
    afterEach(() => close())

    const take = async (limits: readonly Limit[], amounts: readonly number[]): Promise<Decision> =>
      counters.take(limits, amounts)

    async function admitted(limit: Limit, times: number): Promise<number> {
      const decisions = await Promise.all(Array.from({ length: times }, () => take([limit], [1])))
      return decisions.filter(({ reservation }) => reservation !== undefined).length
    }

    test('a window has room for so many at once, and says what is left and how long to wait', async () => {
      const limit = window(3)
      const first = await take([limit], [1])
      expect(first).toMatchObject({ refusedBy: -1, remaining: [2], reset: [minute], unknown: [] })
      expect(await admitted(limit, 10)).toBe(2)
      const refused = await take([limit], [1])
      expect(refused).toMatchObject({ reservation: undefined, refusedBy: 0, remaining: [0] })
      expect(refused.retryAfter).toBeGreaterThan(0)
      now += refused.retryAfter - 1
      expect(await admitted(limit, 1)).toBe(0)
      now += 1
      expect(await admitted(limit, 10)).toBe(3)
    })

    test('no minute ever has more than the limit, wherever it begins', async () => {
      const limit = window(10)
      const times: number[] = []
      for (let step = 0; step < 300; step++) {
        now = start + step * 777
        if ((await admitted(limit, 1)) === 1) times.push(now)
      }
      for (const from of times) expect(times.filter((at) => at >= from && at < from + minute).length).toBeLessThan(11)
      // Nor is much less given than there is: 3.9 minutes went by.
      expect(times.length).toBeGreaterThanOrEqual(30)
    })

    test('a clock that is put back holds nobody up for longer than a window', async () => {
      const limit = window(3)
      const reservation = taken(await take([limit], [1]))
      expect(await admitted(limit, 5)).toBe(2)
      now -= 60 * minute
      await counters.settle(reservation, [2])
      expect((await take([limit], [0])).remaining).toEqual([2])
      now += minute + 1_000
      expect(await admitted(limit, 5)).toBe(3)
      expect(await take([limit], [1])).toMatchObject({ refusedBy: 0, retryAfter: expect.closeTo(minute, -4) })
    })

    test('what is taken of a window is put right afterwards, in both directions', async () => {
      const limit = window(100, 'tokens')
      const low = taken(await take([limit], [10]))
      const high = taken(await take([limit], [50]))
      await counters.settle(low, [30])
      await counters.settle(high, [5])
      expect((await take([limit], [0])).remaining).toEqual([65])
      expect((await take([limit], [66])).refusedBy).toBe(0)
      // An hour later nothing of it is left, and nothing is given back twice.
      const late = taken(await take([limit], [65]))
      now += 60 * minute
      await counters.settle(late, [15])
      expect((await take([limit], [0])).remaining).toEqual([100])
    })

    test('what turns out to be more than was taken counts, even when the window has moved on', async () => {
      const limit = window(100, 'tokens')
      const reservation = taken(await take([limit], [0]))
      now += 10 * minute
      await counters.settle(reservation, [250])
      expect(await take([limit], [0])).toMatchObject({ refusedBy: 0, remaining: [0] })
      now += 2 * minute
      expect((await take([limit], [0])).refusedBy).toBe(-1)
    })

    test('more than a window ever has is refused for good', async () => {
      expect(await take([window(10)], [11])).toMatchObject({ refusedBy: 0, retryAfter: Infinity })
    })

    test('places are free again when what took them is settled', async () => {
      const limit = places(2)
      const first = taken(await take([limit], [1]))
      expect(await admitted(limit, 5)).toBe(1)
      await counters.settle(first, [0])
      expect(await admitted(limit, 5)).toBe(1)
    })

    test('all is taken, or nothing of it', async () => {
      const wide = window(100, 'wide')
      const narrow = window(1, 'narrow')
      expect((await take([wide, narrow], [1, 1])).refusedBy).toBe(-1)
      expect(await take([wide, narrow], [1, 1])).toMatchObject({ refusedBy: 1, remaining: [99, 0] })
      expect((await take([wide], [0])).remaining).toEqual([99])
    })

    test('money that nobody knows of is asked for before it is taken', async () => {
      const limit = spend(100)
      expect(await take([window(5), limit], [1, 10])).toMatchObject({
        reservation: undefined,
        refusedBy: -1,
        unknown: [1],
      })
      await counters.seed(limit, 30)
      await counters.seed(limit, 0)
      expect(await take([window(5), limit], [1, 10])).toMatchObject({ refusedBy: -1, remaining: [4, 60], unknown: [] })
    })

    test('money is held until it is known what was spent', async () => {
      const limit = spend(100)
      await counters.seed(limit, 0)
      const decisions = await Promise.all(Array.from({ length: 50 }, () => take([limit], [25])))
      const granted = decisions.flatMap(({ reservation }) => reservation ?? [])
      expect(granted).toHaveLength(4)
      expect(decisions.at(-1)).toMatchObject({ refusedBy: 0, retryAfter: Infinity, remaining: [0] })
      expect(await counters.settle(granted[0]!, [5])).toEqual([5])
      expect((await take([limit], [21])).refusedBy).toBe(0)
      expect((await take([limit], [20])).refusedBy).toBe(-1)
    })

    test('what costs nothing is refused too when nothing is left', async () => {
      const limit = spend(100)
      await counters.seed(limit, 99)
      expect((await take([limit], [0])).refusedBy).toBe(-1)
      expect(await counters.settle(taken(await take([limit], [1])), [3])).toEqual([102])
      expect((await take([limit], [0])).refusedBy).toBe(0)
    })

    test('a reservation is extended as far as there is money', async () => {
      const [one, other] = [spend(100, 'one'), spend(50, 'other')]
      for (const limit of [one, other]) await counters.seed(limit, 0)
      const limits = [window(9), one, other]
      const reservation = taken(await take(limits, [1, 20, 20]))
      expect(await counters.extend(reservation, [0, 20, 20])).toBe(true)
      expect(await counters.extend(reservation, [0, 20, 20])).toBe(false)
      expect((await take([one], [61])).refusedBy).toBe(0)
      expect(await counters.settle(reservation, [1, 33, 33])).toEqual([0, 33, 33])
      expect((await take([one, other], [67, 17])).refusedBy).toBe(-1)
    })

    test('tells what is spent and held of what it knows', async () => {
      const [one, other, unknown] = [spend(100, 'one'), spend(Infinity, 'other'), spend(100, 'unknown')]
      await counters.seed(one, 5)
      await counters.seed(other, 0)
      const reservation = taken(await take([one, other], [20, 30]))
      expect(await counters.look([one, unknown, other])).toEqual([
        { spent: 5, held: 20 },
        undefined,
        { spent: 0, held: 30 },
      ])
      await counters.settle(reservation, [7, 8])
      expect(await counters.look([one, other])).toEqual([
        { spent: 12, held: 0 },
        { spent: 8, held: 0 },
      ])
      expect(await counters.look([])).toEqual([])
    })

    test('money without a limit is only counted', async () => {
      const limit = spend(Infinity)
      await counters.seed(limit, 0)
      expect(await counters.settle(taken(await take([limit], [1e12])), [1e12])).toEqual([1e12])
      expect((await take([limit], [1e12])).refusedBy).toBe(-1)
      const huge = taken(await take([limit], [Number.MAX_SAFE_INTEGER]))
      expect((await take([limit], [1])).refusedBy).toBe(-1)
      expect(await counters.extend(huge, [1])).toBe(true)
    })
  })
}
