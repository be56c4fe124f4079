import { type Expression, sql } from 'kysely'
import type { Database } from '../stores/database.ts'
import type { UsageFilter, UsageGrouping, UsageInterval, UsageQuery, UsageSum, UsageSummary } from './ledger-store.ts'
import { type CountName, countColumns, type DailySum, dailySums, dayOf, millisecondsOfDay } from './usage-rows.ts'
import { filterColumns, whereDaily, whereUsage } from './where-usage.ts'

/**
 * Sums of whole days come from the days' sums, and only what is left at both ends of the time from the records. Where days do
 * not tell enough, by hours and by tags, all of it comes from the records.
 */
export async function sumUsage(database: Database, query: UsageQuery): Promise<UsageSummary> {
  const sums = new Map<string, UsageSum>()
  for (const row of await readRows(database, query)) merge(sums, row, query)
  const rows = [...sums.values()].toSorted(
    (left, right) =>
      (right.period ?? 0) - (left.period ?? 0) ||
      right.nanoDollars - left.nanoDollars ||
      right.requests - left.requests ||
      compare(JSON.stringify(left.group), JSON.stringify(right.group)),
  )
  return { rows: rows.slice(query.offset, query.offset + query.limit), count: rows.length }
}

/** Of one slot of time and one group. */
type SumRow = Readonly<Record<DailySum, number | string>> & {
  readonly slot: number | string | null
  readonly [group: `group_${string}`]: string | null
}

async function readRows(database: Database, query: UsageQuery): Promise<readonly SumRow[]> {
  const { from, to, tag, interval, groupBy } = query
  if (tag !== undefined || interval === 'hour' || groupBy.some(isOfTags)) return sumRecords(database, query, query)
  const firstDay = from === undefined ? undefined : dayOf(from + millisecondsOfDay - 1)
  const lastDay = to === undefined ? undefined : dayOf(to)
  if (firstDay !== undefined && lastDay !== undefined && firstDay > lastDay) return sumRecords(database, query, query)
  const edges: UsageFilter[] = []
  if (from !== undefined && firstDay !== from) edges.push({ ...query, to: firstDay })
  if (to !== undefined && lastDay !== to) edges.push({ ...query, from: lastDay })
  const days = sumDays(database, query, { ...query, from: firstDay, to: lastDay })
  const rest = edges.map((edge) => sumRecords(database, query, edge))
  return (await Promise.all([days, ...rest])).flat()
}

async function sumDays(database: Database, { groupBy, interval }: UsageQuery, filter: UsageFilter): Promise<SumRow[]> {
  const groups = groupBy.map((group) => sql.ref(`usage_daily.${columnOf(group)}`))
  const slot = interval === 'total' ? undefined : interval === 'month' ? await monthSlot(database, filter) : daySlot
  const measures = dailySums.map((name) => [name, sql.ref(`usage_daily.${name}`)] as const)
  const query = whereDaily(database.selectFrom('usage_daily'), filter)
  return select(query, groupBy, groups, slot, measures)
}

const daySlot = sql.ref('usage_daily.day')

/** Months as numbers of the statement: both databases have calendars, and not the same. */
async function monthSlot(database: Database, { from, to }: UsageFilter): Promise<Expression<unknown>> {
  const { first, last } = await database
    .selectFrom('usage_daily')
    .select([sql<number | null>`min(day)`.as('first'), sql<number | null>`max(day)`.as('last')])
    .executeTakeFirstOrThrow()
  if (first === null || last === null) return daySlot
  const begin = startOf(Math.max(Number(first), from ?? -Infinity), 'month')
  const months: number[] = []
  for (let month = startOf(Math.min(Number(last), to ?? Infinity), 'month'); month >= begin;) {
    months.push(month)
    month = startOf(month - 1, 'month')
  }
  if (months.length === 0) return daySlot
  const cases = months.map((month) => sql`when ${daySlot} >= ${sql.lit(month)} then ${sql.lit(month)}`)
  return sql`case ${sql.join(cases, sql` `)} end`
}

function sumRecords(database: Database, { groupBy, interval }: UsageQuery, filter: UsageFilter): Promise<SumRow[]> {
  const groups = groupBy.map((group) =>
    sql.ref(
      group === 'tag' ? 'usage_tags.tag' : group === 'tags' ? 'usage_records.tags' : `usage_records.${columnOf(group)}`,
    ),
  )
  const length = interval === 'hour' ? 60 * 60 * 1000 : millisecondsOfDay
  const started = sql.ref('usage_records.started_at')
  // Whole numbers and no parameters: PostgreSQL takes the same expression in two places for two if they have any.
  const slot = interval === 'total' ? undefined : sql`${started} - ${started} % ${sql.lit(length)}`
  const filtered = whereUsage(database.selectFrom('usage_records'), filter)
  const query = groupBy.includes('tag')
    ? filtered.leftJoin('usage_tags', 'usage_tags.record_id', 'usage_records.id')
    : filtered
  return select(query, groupBy, groups, slot, recordMeasures)
}

const recordMeasures: readonly (readonly [DailySum, Expression<unknown>])[] = dailySums.map((name) => [
  name,
  measureOf(name),
])

function measureOf(name: DailySum): Expression<unknown> {
  switch (name) {
    case 'requests':
      return sql`1`
    case 'failed':
      return sql`case when outcome in ('error', 'cut') then 1 else 0 end`
    case 'aborted':
      return sql`case when outcome in ('aborted', 'interrupted') then 1 else 0 end`
    case 'uncounted':
      return sql`case when estimated is null then 1 else 0 end`
    case 'unpriced':
      return sql`case when nano_dollars is null and estimated is not null then 1 else 0 end`
    default:
      return sql.ref(`usage_records.${name}`)
  }
}

/** What both tables' queries have in common. */
interface Selecting {
  select(selection: readonly unknown[]): { groupBy(groups: readonly unknown[]): Executable } & Executable
}
interface Executable {
  execute(): Promise<unknown[]>
}

async function select(
  query: unknown,
  groupBy: readonly UsageGrouping[],
  groups: readonly Expression<unknown>[],
  slot: Expression<unknown> | undefined,
  measures: readonly (readonly [DailySum, Expression<unknown>])[],
): Promise<SumRow[]> {
  const selected = (query as Selecting).select([
    (slot === undefined ? sql`null` : sql`${slot}`).as('slot'),
    ...groups.map((group, index) => sql`${group}`.as(`group_${groupBy[index]}`)),
    // As JavaScript counts: a sum of whole numbers may be larger than can be read.
    ...measures.map(([name, measure]) => sql`coalesce(sum(cast(${measure} as double precision)), 0)`.as(name)),
  ])
  const keys = [...(slot === undefined ? [] : [slot]), ...groups]
  const rows = await (keys.length === 0 ? selected : selected.groupBy(keys)).execute()
  return rows as SumRow[]
}

function merge(sums: Map<string, UsageSum>, row: SumRow, { groupBy, interval }: UsageQuery): void {
  // Of no records at all, a sum without groups has a row all the same.
  if (Number(row.requests) === 0) return
  const period = row.slot === null ? null : startOf(Number(row.slot), interval)
  const group = Object.fromEntries(groupBy.map((name) => [name, emptyToNull(row[`group_${name}`])]))
  const key = JSON.stringify([period, group])
  const before = sums.get(key)
  const sum = (name: DailySum, already: number | undefined): number => Number(row[name]) + (already ?? 0)
  const counts = Object.entries(countColumns) as [CountName, DailySum][]
  sums.set(key, {
    period,
    group,
    requests: sum('requests', before?.requests),
    failed: sum('failed', before?.failed),
    aborted: sum('aborted', before?.aborted),
    attempts: sum('attempts', before?.attempts),
    uncounted: sum('uncounted', before?.uncounted),
    estimated: sum('estimated', before?.estimated),
    ...(Object.fromEntries(counts.map(([name, column]) => [name, sum(column, before?.[name])])) as Record<
      CountName,
      number
    >),
    nanoDollars: sum('nano_dollars', before?.nanoDollars),
    unpriced: sum('unpriced', before?.unpriced),
    duration: sum('duration_ms', before?.duration),
  })
}

function startOf(slot: number, interval: UsageInterval): number {
  if (interval !== 'month') return slot
  const date = new Date(slot)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

function isOfTags(group: UsageGrouping): group is 'tag' | 'tags' {
  return group === 'tag' || group === 'tags'
}

function columnOf(group: UsageGrouping): string {
  if (isOfTags(group)) throw new TypeError('Days are not told apart by tags.')
  return filterColumns[group]
}

function emptyToNull(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
