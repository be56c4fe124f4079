import { describe, expect, test } from 'vitest'
import type { LedgerStore, UsageQuery, UsageSum } from '../ledger-store.ts'
import type { UsageEntry } from '../usage-entry.ts'

const noon = Date.UTC(2026, 9, 30, 12)
const hour = 60 * 60 * 1000
const day = 24 * hour

const counts = {
  input: 10,
  cacheRead: 2,
  cacheWrite: 0,
  cacheWriteLong: 0,
  audioInput: 0,
  imageInput: 0,
  output: 5,
  reasoning: 3,
  audioOutput: 0,
  imageOutput: 0,
  rejectedPrediction: 0,
  processing: null,
}

/** A request as it is kept. */
function entryOf(id: string, more: Partial<UsageEntry> = {}): UsageEntry {
  return {
    id,
    requestId: `req-${id}`,
    startedAt: noon,
    principal: 'key_1',
    organisation: 'org_1',
    workspace: 'ws_1',
    workspaceKind: 'team',
    user: null,
    tags: [],
    operation: 'chat',
    requestedModel: 'fast',
    provider: 'lab',
    model: 'small',
    stream: false,
    outcome: 'ok',
    errorCode: null,
    usage: counts,
    cost: { source: 'table', nanoDollars: 9_007_199_254, priceVersion: 'config' },
    finishReason: 'stop',
    duration: 20,
    firstToken: null,
    attempts: [{ provider: 'lab', model: 'small', outcome: 'answered', errorCode: null, status: null, duration: 15 }],
    ...more,
  }
}

const failed = {
  provider: 'old',
  model: 'big',
  outcome: 'failed',
  errorCode: 'upstream_overloaded',
  duration: 7,
} as const

/** What every store of the ledger keeps to, whatever it is made of. @param open gives a new, empty one. */
export function describeLedgerStore(place: string, open: () => Promise<LedgerStore>): void {
  const everything: UsageQuery = { groupBy: [], interval: 'total', limit: 1000, offset: 0 }
  const listed = async (store: LedgerStore, filter = {}): Promise<readonly string[]> =>
    (await store.list(filter, { limit: 100 })).entries.map(({ id }) => id)
  const short = ({ period, group, requests, nanoDollars }: UsageSum): unknown => [
    period === null ? null : new Date(period).toISOString().slice(0, 13),
    ...Object.values(group),
    requests,
    nanoDollars,
  ]

  describe(`the ledger ${place}`, () => {
    test('gives back what it was given', async () => {
      const store = await open()
      const full = entryOf('a', {
        user: 'user_1',
        tags: ['blue, "quoted"', '100%'],
        stream: true,
        outcome: 'cut',
        errorCode: 'upstream_error',
        usage: { ...counts, estimated: true, searches: 1, audioSeconds: 2, characters: 3, processing: 'flex' },
        cost: { source: 'estimated', nanoDollars: 0, priceVersion: null },
        firstToken: 5,
        attempts: [
          { ...failed, status: 503 },
          { ...failed, provider: 'slow', outcome: 'abandoned', errorCode: null, status: null },
          { provider: 'lab', model: 'small', outcome: 'answered', errorCode: null, status: null, duration: 15 },
        ],
      })
      const bare = entryOf('b', {
        startedAt: noon + 1,
        organisation: null,
        workspace: null,
        workspaceKind: null,
        requestedModel: null,
        provider: null,
        model: null,
        outcome: 'error',
        errorCode: 'model_not_found',
        usage: null,
        cost: null,
        finishReason: null,
        duration: null,
        attempts: [],
      })
      const unpriced = entryOf('c', {
        startedAt: noon + 2,
        cost: { source: 'unpriced', nanoDollars: null, priceVersion: null },
        attempts: [{ ...failed, provider: 'lab', model: 'small', status: 500 }],
      })
      expect(await store.add([full, bare, unpriced])).toBe(3)
      expect((await store.list({}, { limit: 10 })).entries).toEqual([unpriced, bare, full])
      expect((await store.list({ requestId: 'req-b' }, { limit: 10 })).entries).toEqual([bare])
    })

    test('counts that no request has hold up no others, and sums beyond whole numbers can be read', async () => {
      const store = await open()
      const usage = { ...counts, input: 1e30, reasoning: 1e15, output: 1.5 }
      const cost = { source: 'table', nanoDollars: 1e300, priceVersion: 'config' } as const
      const odd = Array.from({ length: 1_000 }, (_, index) => entryOf(`o${index}`, { usage, cost }))
      expect(await store.add([...odd, entryOf('plain', { user: 'user_1' })])).toBe(1_001)
      for (const groupBy of [['principal'], ['principal', 'tag']] as const) {
        const { rows } = await store.sum({ ...everything, groupBy })
        expect(rows).toMatchObject([{ requests: 1_001 }])
        expect(rows[0]!.nanoDollars).toBeGreaterThan(Number.MAX_SAFE_INTEGER)
      }
      expect((await store.list({ user: 'user_1' }, { limit: 1 })).entries).toMatchObject([{ usage: { input: 10 } }])
      const [newest] = (await store.list({}, { limit: 1_000 })).entries.filter(({ id }) => id === 'o1')
      expect(Number.isSafeInteger(newest!.usage!.input)).toBe(true)
    })

    test('keeps each once, however often it is given, and in its sums too', async () => {
      const store = await open()
      const many = Array.from({ length: 150 }, (_, index) => entryOf(`n${index}`, { tags: ['blue', 'blue'] }))
      expect(await store.add(many)).toBe(150)
      expect(await store.add([...many.slice(100), entryOf('new'), entryOf('new')])).toBe(1)
      expect(await store.add([])).toBe(0)
      const { rows } = await store.sum(everything)
      expect(rows).toMatchObject([{ requests: 151, input: 1510, nanoDollars: 151 * 9_007_199_254, attempts: 151 }])
      expect(await listed(store, { tag: 'blue' })).toHaveLength(100)
    })

    test('keeps those whose callers write what is no text, and all beside them', async () => {
      const store = await open()
      const odd = entryOf('odd', { requestedModel: 'a\0b\ud800', model: '\u0007 \\u0000 "quoted"' })
      expect(await store.add([entryOf('a'), odd, entryOf('b')])).toBe(3)
      expect(await store.add([odd])).toBe(0)
      const { entries } = await store.list({ requestId: 'req-odd' }, { limit: 1 })
      expect(entries).toMatchObject([{ id: 'odd', model: '\u0007 \\u0000 "quoted"' }])
      expect((await store.sum(everything)).rows).toMatchObject([{ requests: 3 }])
    })

    test('keeps what is no text wherever it stands, also where two names become one by it', async () => {
      const store = await open()
      const nameless = { ...failed, model: 'a\0', status: 404 }
      const tried = entryOf('tried', { model: 'a\0', tags: ['b\0', 'b\ufffd'], attempts: [nameless] })
      const like = entryOf('like', { model: 'a\ufffd', usage: { ...counts, processing: 'odd\0' } })
      expect(await store.add([tried, like, entryOf('half', { model: 'a\ud800' })])).toBe(3)
      expect((await store.sum({ ...everything, groupBy: ['model'] })).rows.map(short)).toEqual([
        [null, 'a\ufffd', 3, 3 * 9_007_199_254],
      ])
      const [entry] = (await store.list({ requestId: 'req-tried' }, { limit: 1 })).entries
      expect(entry).toMatchObject({ model: 'a\ufffd', attempts: [{ model: 'a\ufffd', status: 404 }] })
      expect(await listed(store, { tag: 'b\ufffd' })).toEqual(['tried'])
    })

    test('lists by pages, the newest first, each once', async () => {
      const store = await open()
      // Two at the same time, so that their ids decide.
      await store.add(['e', 'd', 'c', 'b', 'a'].map((id, index) => entryOf(id, { startedAt: noon - (index >> 1) })))
      const seen: string[] = []
      for (let after: string | undefined, pages = 0; pages < 5; pages++) {
        const page = await store.list({}, { limit: 2, after })
        seen.push(...page.entries.map(({ id }) => id))
        if (page.next === undefined) break
        after = page.next
      }
      expect(seen).toEqual(['e', 'd', 'c', 'b', 'a'])
      expect(await store.list({}, { limit: 2, after: "'; drop table usage_records" })).toEqual({
        entries: [],
        next: undefined,
      })
    })

    test('finds by time, key, team, user, provider, model, operation and tag', async () => {
      const store = await open()
      await store.add([
        entryOf('a', { principal: 'key_2', tags: ['100%'] }),
        entryOf('b', { startedAt: noon - 1, workspace: 'ws_2', user: 'user_1' }),
        entryOf('c', { startedAt: noon - 2, organisation: 'org_2', provider: 'other', tags: ['1000'] }),
        entryOf('d', { startedAt: noon - 3, model: 'large', operation: 'embed' }),
      ])
      expect(await listed(store, { principal: 'key_2' })).toEqual(['a'])
      expect(await listed(store, { workspace: 'ws_2', user: 'user_1' })).toEqual(['b'])
      expect(await listed(store, { organisation: 'org_2', provider: 'other' })).toEqual(['c'])
      expect(await listed(store, { model: 'large', operation: 'embed' })).toEqual(['d'])
      expect(await listed(store, { tag: '100%' })).toEqual(['a'])
      expect(await listed(store, { from: noon - 2, to: noon })).toEqual(['b', 'c'])
      expect(await listed(store, { principal: "key_2' or 1=1 --" })).toEqual([])
    })

    test('sums by month, by day and by hour, by several groups, those that cost most first', async () => {
      const store = await open()
      const cost = (nanoDollars: number): Partial<UsageEntry> => ({
        cost: { source: 'table', nanoDollars, priceVersion: null },
      })
      await store.add([
        entryOf('a', cost(1)),
        entryOf('b', { ...cost(2), startedAt: noon + hour }),
        entryOf('c', { ...cost(3), startedAt: noon + hour, model: 'large' }),
        entryOf('d', { ...cost(4), startedAt: noon + 2 * day }),
        entryOf('e', { ...cost(8), startedAt: noon + 2 * day, model: null, provider: null }),
      ])
      const sums = async (query: Partial<UsageQuery>): Promise<unknown> =>
        (await store.sum({ ...everything, ...query })).rows.map(short)
      expect(await sums({ interval: 'month', groupBy: ['model'] })).toEqual([
        ['2026-11-01T00', null, 1, 8],
        ['2026-11-01T00', 'small', 1, 4],
        ['2026-10-01T00', 'small', 2, 3],
        ['2026-10-01T00', 'large', 1, 3],
      ])
      expect(await sums({ interval: 'day' })).toEqual([
        ['2026-11-01T00', 2, 12],
        ['2026-10-30T00', 3, 6],
      ])
      expect(await sums({ interval: 'hour', model: 'small', to: noon + day })).toEqual([
        ['2026-10-30T13', 1, 2],
        ['2026-10-30T12', 1, 1],
      ])
      expect(await sums({ groupBy: ['workspace', 'provider'] })).toEqual([
        [null, 'ws_1', 'lab', 4, 10],
        [null, 'ws_1', null, 1, 8],
      ])
      const { rows, count } = await store.sum({ ...everything, groupBy: ['model'], limit: 1, offset: 1 })
      expect([rows.map(short), count]).toEqual([[[null, 'small', 3, 7]], 3])
      expect(await sums({ principal: 'nobody' })).toEqual([])
    })

    test('sums the same whether by days or by records, at any bounds', async () => {
      const store = await open()
      const entries = Array.from({ length: 60 }, (_, index) =>
        entryOf(`n${index}`, {
          startedAt: noon + index * 3 * hour,
          outcome: (['ok', 'error', 'cut', 'aborted', 'interrupted'] as const)[index % 5]!,
          tags: ['all'],
          ...(index % 3 === 0 && { usage: null, cost: null }),
          ...(index % 4 === 0 && { cost: { source: 'unpriced', nanoDollars: null, priceVersion: null } }),
          ...(index % 7 === 0 && { usage: { ...counts, estimated: true, searches: 2 } }),
        }),
      )
      await store.add(entries)
      const bounds = [
        [undefined, undefined],
        [noon + hour, noon + 4 * day + hour],
        [noon + hour, noon + 2 * hour],
        [noon - (noon % day) + day, undefined],
        [undefined, noon + 3 * day],
      ]
      for (const [from, to] of bounds) {
        const query = { ...everything, from, to, groupBy: ['provider'] as const }
        // A tag makes it count the records.
        expect(await store.sum(query)).toEqual(await store.sum({ ...query, tag: 'all' }))
      }
      const [sum] = (await store.sum(everything)).rows
      expect(sum).toMatchObject({ requests: 60, failed: 24, aborted: 24, uncounted: 17, estimated: 9, searches: 18 })
    })

    test('groups by tags, a request with several in each, those without by themselves', async () => {
      const store = await open()
      await store.add([entryOf('a', { tags: ['blue', 'red'] }), entryOf('b', { tags: ['red'] }), entryOf('c')])
      const { rows } = await store.sum({ ...everything, groupBy: ['tag'] })
      expect(Object.fromEntries(rows.map(({ group, requests }) => [group.tag, requests]))).toEqual({
        blue: 1,
        red: 2,
        null: 1,
      })
    })

    test('takes many at the same time', async () => {
      const store = await open()
      const writers = Array.from({ length: 8 }, (_, writer) =>
        store.add(
          Array.from({ length: 20 }, (_each, index) =>
            entryOf(`${writer}-${index}`, { model: `m${(index + writer) % 5}` }),
          ),
        ),
      )
      await Promise.all(writers)
      const { rows } = await store.sum({ ...everything, groupBy: ['model'] })
      expect(rows.map(({ requests }) => requests)).toEqual([32, 32, 32, 32, 32])
    })

    test('removes old records a few at a time and leaves their sums, which go by themselves', async () => {
      const store = await open()
      await store.add([
        entryOf('a', { tags: ['blue'], attempts: [{ ...failed, status: null }] }),
        entryOf('b', { startedAt: noon + 1 }),
        entryOf('c', { startedAt: noon + 2 * day }),
      ])
      expect(await store.removeRecords(noon + day, 1)).toBe(1)
      expect(await listed(store)).toEqual(['c', 'b'])
      expect(await store.removeRecords(noon + day, 10)).toBe(1)
      expect(await store.removeRecords(noon + day, 10)).toBe(0)
      expect((await store.sum({ ...everything, groupBy: ['tag'] })).rows).toMatchObject([{ group: { tag: null } }])
      expect((await store.sum(everything)).rows).toMatchObject([{ requests: 3 }])
      expect(await store.removeSums(noon, 10)).toBe(1)
      expect((await store.sum(everything)).rows).toMatchObject([{ requests: 1 }])
    })
  })
}
