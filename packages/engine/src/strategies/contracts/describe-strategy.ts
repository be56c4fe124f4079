import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FakeCandidate, fakeCandidate, fakeRequest, seeded, strategyContext } from './fake-candidates.ts'
import type { Strategy, StrategyKind } from '../strategy.ts'

const weights = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 8 })
const seed = fc.integer({ min: 1, max: 2 ** 31 })

/** What every strategy keeps to, run against each. */
export function describeStrategy(kind: StrategyKind): void {
  const create = (candidates: readonly FakeCandidate[], from: number): Strategy =>
    kind.create(candidates, strategyContext(seeded(from)), {})

  describe(`the strategy ${kind.name}`, () => {
    it('picks one of those that it is given, whichever they are and whatever their figures say', () => {
      const figures = fc.record({
        weight: fc.double({ min: 0.001, max: 1000, noNaN: true }),
        priority: fc.nat(3),
        active: fc.nat(20),
        firstByte: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true }), { nil: undefined }),
        throughput: fc.option(fc.double({ min: 0, max: 1000, noNaN: true }), { nil: undefined }),
        headroom: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
        cost: fc.option(fc.nat(1000), { nil: undefined }),
      })
      const everything = fc.array(figures, { minLength: 2, maxLength: 10 })
      const subsets = fc.array(fc.array(fc.nat(9), { minLength: 2, maxLength: 10 }), { minLength: 1, maxLength: 20 })
      fc.assert(
        fc.property(everything, subsets, seed, (all, choices, from) => {
          const candidates = all.map((one, index) => fakeCandidate({ name: `t${index}`, ...one }))
          const strategy = create(candidates, from)
          for (const [index, choice] of choices.entries()) {
            const open = candidates.filter((_, at) => choice.includes(at))
            if (open.length < 2) continue
            const request = fakeRequest({ stream: index % 2 === 0, session: `s${index}` })
            expect(open).toContain(strategy.pick(open, request))
            for (const candidate of open) expect(strategy.score?.(candidate, request)).not.toBeNaN()
          }
        }),
        { numRuns: 50 },
      )
    })

    it('remembers nothing across routes', () => {
      const candidates = [3, 2, 1].map((weight, index) => fakeCandidate({ name: `t${index}`, weight }))
      const picks = (strategy: Strategy): string[] =>
        Array.from({ length: 20 }, (_, index) => strategy.pick(candidates, fakeRequest({ session: `s${index}` })).name)
      const first = picks(create(candidates, 7))
      expect(picks(create(candidates, 7))).toEqual(first)
    })

    it('refuses an option that it does not have, by its name', () => {
      expect(() => kind.create([], strategyContext(seeded(1)), { colour: 'red' })).toThrow(
        expect.objectContaining({ code: 'invalid_config', message: expect.stringMatching(/colour/) as string }),
      )
    })
  })
}

/** Of one that promises to ask every candidate in a while. */
export function describeTrial(kind: StrategyKind): void {
  it(`${kind.name} starves nobody`, () => {
    fc.assert(
      fc.property(weights, seed, (all, from) => {
        expect(Math.min(...countPicks(kind, all, from, 4_000))).toBeGreaterThan(0)
      }),
      { numRuns: 10 },
    )
  })
}

/** Of one that promises to ask each candidate as often as its weight says. */
export function describeShares(kind: StrategyKind): void {
  it(`${kind.name} gives each the share that its weight says, also of a part of them`, () => {
    fc.assert(
      fc.property(weights, seed, (all, from) => {
        const picks = 4_000
        const total = all.reduce((sum, weight) => sum + weight, 0)
        for (const [index, count] of countPicks(kind, all, from, picks).entries()) {
          const expected = all[index]! / total
          // Six standard deviations of so many draws.
          const tolerance = 6 * Math.sqrt((expected * (1 - expected)) / picks)
          expect(Math.abs(count / picks - expected)).toBeLessThan(tolerance)
        }
      }),
      { numRuns: 15 },
    )
  })
}

/** Picks of idle candidates of such weights, beside one that is never among those given. */
function countPicks(kind: StrategyKind, all: readonly number[], from: number, picks: number): number[] {
  const candidates = all.map((weight, index) => fakeCandidate({ name: `t${index}`, weight }))
  const absent = fakeCandidate({ name: 'absent', weight: 100 })
  const strategy = kind.create([absent, ...candidates], strategyContext(seeded(from)), {})
  const counts = new Map(candidates.map(({ name }) => [name, 0]))
  for (let index = 0; index < picks; index++) {
    const { name } = strategy.pick(candidates, fakeRequest({ session: `${from}-${index}` }))
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts.values()]
}
