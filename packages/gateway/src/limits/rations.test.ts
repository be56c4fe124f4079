import { buildConfig, type ConfigInput, providers as presets } from 'sluice'
import { expect, test } from 'vitest'
import type { Principal } from '../pipeline/principal.ts'
import { createRationBook, type RationBook, type Rations } from './rations.ts'

function bookOf(input: ConfigInput, now: () => number = () => 0): RationBook {
  const { limits, budgets } = buildConfig({ presets, input })
  return createRationBook({ limits: limits.rules, budgets: budgets.rules, now })
}

const site: Principal = {
  id: 'key_1',
  owner: 'key_1',
  managed: true,
  organisation: 'org_1',
  workspace: { id: 'ws_site', kind: 'site' },
  user: 'user_1',
  tags: ['beta', 'night'],
}
const team: Principal = { ...site, id: 'key_2', workspace: { id: 'ws_team', kind: 'team' }, tags: [] }
const anyone: Principal = { id: 'local', owner: 'local' }
const gpt = { provider: { id: 'openai' }, model: 'gpt-6' }
const llama = { provider: { id: 'groq' }, model: 'meta/llama-5' }

function whose({ all }: Rations): readonly string[] {
  return all.map(({ rule, subject }) => `${rule.per}:${subject}`)
}

test('a rule counts for whom it is', () => {
  const subjects = ['key', 'user', 'team', 'site', 'project', 'organisation', 'tag', 'all'] as const
  const book = bookOf({ limits: { rules: subjects.map((per) => ({ per, requests_per_minute: 1 })) } })
  expect(whose(book.ofCaller(site))).toEqual([
    'key:key_1',
    'user:user_1',
    'site:ws_site',
    'organisation:org_1',
    'tag:beta',
    'tag:night',
    'all:',
  ])
  expect(whose(book.ofCaller(team))).toEqual(['key:key_2', 'user:user_1', 'team:ws_team', 'organisation:org_1', 'all:'])
  expect(whose(book.ofCaller(anyone))).toEqual(['key:local', 'all:'])
})

test('what depends on where a request goes is apart from the rest', () => {
  const book = bookOf({
    limits: {
      rules: [
        { per: 'all', requests_per_minute: 1 },
        { per: 'provider', requests_per_minute: 1 },
        { per: 'model', requests_per_minute: 1 },
        { per: 'key', match: { models: ['llama-*'] }, requests_per_minute: 1 },
        { per: 'key', match: { models: ['openai/*'], providers: ['open*'] }, requests_per_minute: 1 },
      ],
    },
  })
  expect(whose(book.ofCaller(site))).toEqual(['all:'])
  expect(whose(book.ofTarget(site, gpt))).toEqual(['provider:openai', 'model:openai/gpt-6', 'key:key_1'])
  expect(whose(book.ofTarget(site, llama))).toEqual(['provider:groq', 'model:groq/meta/llama-5', 'key:key_1'])
  expect(whose(book.ofBoth(anyone, gpt))).toEqual(['all:', 'provider:openai', 'model:openai/gpt-6', 'key:local'])
  const raw = { provider: { id: 'openai' }, model: undefined }
  expect(whose(book.ofTarget(site, raw))).toEqual(['provider:openai'])
})

test('patterns leave callers out', () => {
  const book = bookOf({
    limits: {
      rules: [
        { per: 'key', match: { tags: ['night'] }, concurrent_requests: 1 },
        { per: 'key', match: { workspaces: ['*', '!ws_site'] }, concurrent_requests: 1 },
        { per: 'key', match: { organisations: ['org_2'] }, concurrent_requests: 1 },
      ],
    },
  })
  expect(book.ofCaller(site).limits).toHaveLength(1)
  expect(book.ofCaller(team).limits).toHaveLength(1)
  expect(book.ofCaller(anyone).limits).toHaveLength(0)
})

test('of a key with several tags a rule counts for those that it picks', () => {
  const tagged: Principal = { ...site, tags: ['env:a', 'env:b', 'night'] }
  const match = { tags: ['env:*', '!env:b'] }
  const book = bookOf({
    limits: { rules: [{ per: 'tag', match, requests_per_minute: 1 }] },
    budgets: { rules: [{ per: 'tag', match, amount: 1 }] },
  })
  expect(whose(book.ofCaller(tagged))).toEqual(['tag:env:a', 'tag:env:a'])
  expect(whose(book.ofCaller(site))).toEqual([])
})

test('what is counted has names that stay, whatever else is written', () => {
  const rule = { per: 'key', requests_per_minute: 5, tokens_per_day: 9 } as const
  const keys = (rations: Rations): readonly string[] => rations.limits.map(({ key }) => key)
  const alone = keys(bookOf({ limits: { rules: [rule] } }).ofCaller(site))
  const other = { per: 'all', requests_per_minute: 5 } as const
  const later = bookOf({ limits: { rules: [other, { ...rule, requests_per_minute: 50 }, rule] } }).ofCaller(site)
  expect(keys(later).slice(1, 3)).toEqual(alone)
  expect(new Set(keys(later)).size).toBe(5)
})

test("a key's own limits and budgets are its own", () => {
  const own = buildConfig({
    presets,
    input: {
      limits: { rules: [{ per: 'key', requests_per_minute: 1 }] },
      budgets: { rules: [{ name: 'key', per: 'key', amount: 1 }] },
    },
  })
  const limits = { limits: own.limits.rules, budgets: own.budgets.rules, rules: [] }
  const book = bookOf({})
  expect(book.applies(site)).toBe(false)
  const limited: Principal = { ...site, limits }
  expect(book.applies(limited)).toBe(true)
  expect(whose(book.ofCaller(limited))).toEqual(['key:key_1', 'key:key_1'])
  const same: Principal = { ...team, limits }
  const keys = [limited, same].flatMap((one) => book.ofCaller(one).limits.map(({ key }) => key))
  expect(new Set(keys).size).toBe(4)
})

test('rules of the database count by their ids, together for all whom they are for', () => {
  const { limits, budgets } = buildConfig({
    presets,
    input: {
      limits: { rules: [{ per: 'organisation', requests_per_minute: 5 }] },
      budgets: { rules: [{ name: 'a', per: 'model', amount: 1 }] },
    },
  })
  const rules = [
    { id: 'lim_1', limit: limits.rules[0]! },
    { id: 'bud_1', budget: budgets.rules[0]! },
  ]
  const limited = { limits: [], budgets: [], rules }
  const book = bookOf({})
  const [one, other]: Principal[] = [
    { ...site, limits: limited },
    { ...team, limits: limited },
  ]
  const keys = (caller: Principal): readonly string[] => book.ofCaller(caller).limits.map(({ key }) => key)
  expect(keys(one!)).toEqual(['lim_1:requests:60000:org_1'])
  expect(keys(other!)).toEqual(keys(one!))
  expect(book.looksAtTargets(one!)).toBe(true)
  expect(whose(book.ofTarget(one!, gpt))).toEqual(['model:openai/gpt-6'])
})

test('a budget of the next period is another one, and so is the amount that it was raised to', () => {
  let now = Date.parse('2026-11-30T12:00:00Z')
  const raise = { by: 5, until: '2026-11-30T18:00:00Z' }
  const book = bookOf({ budgets: { rules: [{ per: 'all', amount: 10, raise }] } }, () => now)
  const look = (): readonly unknown[] => {
    const [limit] = book.ofCaller(site).limits
    return limit?.kind === 'spend' ? [limit.key, limit.most / 1e9] : []
  }
  const [key] = look()
  expect(look()).toEqual([key, 15])
  now = Date.parse('2026-11-30T18:00:00Z')
  expect(look()).toEqual([key, 10])
  now = Date.parse('2026-12-01T00:00:00Z')
  const [next, most] = look()
  expect([next === key, most]).toEqual([false, 10])
})
