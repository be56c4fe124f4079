import { expect, it } from 'vitest'
import { strategies } from '../strategies.generated.ts'
import { type FakeCandidate, fakeCandidate, fakeRequest, seeded, strategyContext } from './contracts/fake-candidates.ts'
import type { Strategy, StrategyOptions } from './strategy.ts'

function create(name: string, candidates: readonly FakeCandidate[], options: StrategyOptions = {}): Strategy {
  return strategies.get(name)!.create(candidates, strategyContext(seeded(1)), options)
}

/** Who was picked how often. */
function count(strategy: Strategy, candidates: readonly FakeCandidate[], picks: number, request = fakeRequest()) {
  const counts: Record<string, number> = {}
  for (let index = 0; index < picks; index++) {
    const { name } = strategy.pick(candidates, request)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

it('first-available: the lowest priority, of equal ones the first', () => {
  const a = fakeCandidate({ name: 'a', priority: 2 })
  const b = fakeCandidate({ name: 'b', priority: 1 })
  const c = fakeCandidate({ name: 'c', priority: 1 })
  const strategy = create('first-available', [a, b, c])
  expect(strategy.pick([a, b, c], fakeRequest())).toBe(b)
  expect(strategy.pick([a, c], fakeRequest())).toBe(c)
})

it('round-robin: takes turns without runs, and goes on so when one is away for a while', () => {
  const candidates = [5, 1, 1].map((weight, index) => fakeCandidate({ name: 'abc'[index]!, weight }))
  const strategy = create('round-robin', candidates)
  const turns = (given: readonly FakeCandidate[], picks: number): string =>
    Array.from({ length: picks }, () => strategy.pick(given, fakeRequest()).name).join('')
  expect(turns(candidates, 14)).toBe('aabacaaaabacaa')
  expect(turns(candidates.slice(1), 4)).toBe('bcbc')
  expect(turns(candidates, 7)).toBe('aabacaa')
})

it('least-busy: by calls under way for its weight', () => {
  const candidates = [
    fakeCandidate({ name: 'a', active: 4 }),
    fakeCandidate({ name: 'b', active: 5, weight: 2 }),
    fakeCandidate({ name: 'c', active: 3 }),
  ]
  expect(count(create('least-busy', candidates), candidates, 10)).toEqual({ b: 10 })
})

it('lowest-latency: the slowest of all is hardly asked, but seen again when it has become fast', () => {
  const candidates = [100, 110, 120, 900].map((firstByte, index) => fakeCandidate({ name: 'abcd'[index]!, firstByte }))
  const strategy = create('lowest-latency', candidates)
  const before = count(strategy, candidates, 2_000)
  expect(before['d']).toBeLessThan(15)
  expect(before['d']).toBeGreaterThan(5)
  candidates[3]!.load.firstByte = 50
  expect(count(strategy, candidates, 2_000)['d']).toBeGreaterThan(800)
})

it('lowest-latency: goes on to the next best as calls pile up, so that nobody is run over', () => {
  const candidates = [100, 110, 120].map((firstByte, index) => fakeCandidate({ name: 'abc'[index]!, firstByte }))
  const strategy = create('lowest-latency', candidates)
  for (let index = 0; index < 300; index++) {
    const picked = strategy.pick(candidates, fakeRequest())
    for (const candidate of candidates) if (candidate === picked) candidate.load.active++
  }
  for (const { load } of candidates) expect(load.active).toBeGreaterThan(70)
})

it('lowest-latency: for streams it counts how fast they flow', () => {
  const candidates = [
    fakeCandidate({ name: 'prompt', firstByte: 100, throughput: 5 }),
    fakeCandidate({ name: 'fluent', firstByte: 300, throughput: 500 }),
  ]
  const stream = fakeRequest({ stream: true })
  expect(count(create('lowest-latency', candidates), candidates, 100, stream)).toEqual({ prompt: 1, fluent: 99 })
  expect(count(create('lowest-latency', candidates), candidates, 100)).toEqual({ prompt: 99, fluent: 1 })
  const firstToken = create('lowest-latency', candidates, { answer_bytes: 0 })
  expect(count(firstToken, candidates, 100, stream)).toEqual({ prompt: 99, fluent: 1 })
})

it('lowest-cost: an unknown price comes last, and priority decides between equal ones', () => {
  const candidates = [
    fakeCandidate({ name: 'unknown' }),
    fakeCandidate({ name: 'dear', cost: 9 }),
    fakeCandidate({ name: 'second', cost: 3, priority: 2 }),
    fakeCandidate({ name: 'first', cost: 3, priority: 1 }),
  ]
  const strategy = create('lowest-cost', candidates)
  expect(strategy.pick(candidates, fakeRequest()).name).toBe('first')
  expect(strategy.pick(candidates.slice(0, 2), fakeRequest()).name).toBe('dear')
})

it('usage-headroom: the most left, and now and then one that had little', () => {
  const candidates = [
    fakeCandidate({ name: 'a', headroom: 0.2 }),
    fakeCandidate({ name: 'b', headroom: 0.9 }),
    fakeCandidate({ name: 'c' }),
  ]
  const counts = count(create('usage-headroom', candidates), candidates, 1_000)
  expect(counts['b']).toBeGreaterThan(980)
  expect(counts['a']).toBeGreaterThan(3)
  expect(count(create('usage-headroom', candidates, { unknown: 1 }), candidates, 100)['c']).toBe(98)
})

const targets = ['a', 'b', 'c', 'd'].map((name) => fakeCandidate({ name }))

it('sticky: losing one moves only its keys, and they come back with it', () => {
  const strategy = create('sticky', targets)
  const left = targets.filter(({ name }) => name !== 'c')
  let moved = 0
  for (let index = 0; index < 1_000; index++) {
    const request = fakeRequest({ session: `session-${index}` })
    const before = strategy.pick(targets, request)
    const after = strategy.pick(left, request)
    if (before.name === 'c') moved++
    else expect(after).toBe(before)
    expect(strategy.pick(targets, request)).toBe(before)
  }
  expect(moved).toBeGreaterThan(150)
})

it.for<[by: string | string[], params: object, same: object, other: object]>([
  ['user', { user: 'ada' }, { user: 'ada', n: 1 }, { user: 'bob' }],
  ['user', { metadata: { user_id: 'ada' } }, { metadata: { user_id: 'ada' } }, { metadata: { user_id: 'x' } }],
  ['prompt_cache_key', { prompt_cache_key: 'k' }, { prompt_cache_key: 'k' }, { prompt_cache_key: 'l' }],
  [['session', 'user'], { user: 'ada' }, { user: 'ada' }, { user: 'bob' }],
])('sticky: by %j', ([by, params, same, other]) => {
  const many = Array.from({ length: 500 }, (_, index) => fakeCandidate({ name: `t${index}` }))
  const strategy = create('sticky', many, { by })
  const pick = (of: object): string => strategy.pick(many, fakeRequest({ params: { ...of } })).name
  expect(pick(same)).toBe(pick(params))
  expect(pick(other)).not.toBe(pick(params))
})

it('sticky: by the beginning of the prompt, and no more of it', () => {
  const many = Array.from({ length: 500 }, (_, index) => fakeCandidate({ name: `t${index}` }))
  const strategy = create('sticky', many, { by: 'prefix', length: 20 })
  const pick = (system: string, input: string): string =>
    strategy.pick(many, fakeRequest({ params: { input, system } })).name
  expect(pick('You are a librarian.', 'Hello')).toBe(pick('You are a librarian.', 'What is there to read?'))
  expect(pick('You are a librarian.', 'Hello')).not.toBe(pick('You are a sailor man.', 'Hello'))
})

it('sticky: leaves requests without a key to another strategy', () => {
  const busy = ['a', 'b', 'c'].map((name, active) => fakeCandidate({ name, active }))
  const strategy = create('sticky', busy, { otherwise: 'least-busy' })
  expect(count(strategy, busy, 10)).toEqual({ a: 10 })
})

it.for<[string, StrategyOptions, RegExp]>([
  ['sticky', { by: 'mood' }, /by: expected/],
  ['sticky', { otherwise: 'luck' }, /otherwise: no strategy luck/],
  ['sticky', { otherwise: 'sticky' }, /otherwise: no strategy sticky/],
  ['sticky', { length: 0 }, /length: /],
  ['lowest-latency', { answer_bytes: -1 }, /answer_bytes: /],
  ['usage-headroom', { unknown: 2 }, /unknown: /],
])('%s refuses %j', ([name, options, expected]) => {
  expect(() => create(name, [], options)).toThrow(expected)
})
