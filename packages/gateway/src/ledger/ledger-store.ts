import type { UsageEntry } from './usage-entry.ts'
import type { CountName } from './usage-rows.ts'

/** The ledger's database: every request once, and the sums of each day. */
export interface LedgerStore {
  /**
   * Keeps those that are not there yet, by their ids, with their share of the sums, in one step.
   * @returns how many were new.
   */
  add(entries: readonly UsageEntry[]): Promise<number>
  /**
   * Whether `add` failed for what the entries themselves are, and not because the database is away, locked, full or of
   * another version. Asks the database, and rejects where that cannot answer.
   */
  blamesEntries(error: unknown): Promise<boolean>
  /** Newest first. */
  list(filter: UsageFilter, page: UsagePageRequest): Promise<UsagePage>
  /** Sums by what `query` groups by; the latest period first, and within it those that cost most. */
  sum(query: UsageQuery): Promise<UsageSummary>
  /** Removes the oldest records from before a time, at most so many; sums stay. @returns how many. */
  removeRecords(before: number, most: number): Promise<number>
  /** Removes the sums of days that ended before a time. @returns how many rows. */
  removeSums(before: number, most: number): Promise<number>
}

/** Which requests; a member that is absent leaves nothing out. */
export interface UsageFilter {
  /** Unix milliseconds: from then on. */
  readonly from?: number | undefined
  /** Unix milliseconds: before then. */
  readonly to?: number | undefined
  readonly principal?: string | undefined
  readonly organisation?: string | undefined
  readonly workspace?: string | undefined
  readonly user?: string | undefined
  readonly provider?: string | undefined
  readonly model?: string | undefined
  readonly operation?: string | undefined
  readonly tag?: string | undefined
  readonly requestId?: string | undefined
}

export interface UsagePageRequest {
  readonly limit: number
  /** As the page before said; absent for the first. */
  readonly after?: string | undefined
}

export interface UsagePage {
  readonly entries: readonly UsageEntry[]
  /** For the page that follows; absent where there is none. */
  readonly next: string | undefined
}

/** What `next` is like: a time and an id. */
export const listPlace: RegExp = /^(\d{1,16})_([\w-]{1,64})$/

export const usageGroups = [
  'principal',
  'organisation',
  'workspace',
  'user',
  'provider',
  'model',
  'operation',
  'tag',
] as const
export type UsageGroup = (typeof usageGroups)[number]

export const usageIntervals = ['hour', 'day', 'month', 'total'] as const
export type UsageInterval = (typeof usageIntervals)[number]

/** `tags` tells apart by all tags that a request had, as JSON: each request is in one group, as it is not with `tag`. */
export type UsageGrouping = UsageGroup | 'tags'

export interface UsageQuery extends Omit<UsageFilter, 'requestId'> {
  readonly groupBy: readonly UsageGrouping[]
  /** In UTC. */
  readonly interval: UsageInterval
  readonly limit: number
  readonly offset: number
}

export interface UsageSummary {
  readonly rows: readonly UsageSum[]
  /** Of all, before `limit` and `offset`. */
  readonly count: number
}

/** What was used by one group in one period. */
export interface UsageSum extends Readonly<Record<CountName, number>> {
  /** Unix milliseconds of the period's beginning; `null` for all of the time. */
  readonly period: number | null
  /** By what it is grouped: `null` for those that have none. */
  readonly group: Readonly<Partial<Record<UsageGrouping, string | null>>>
  readonly requests: number
  /** Of them, those that ended in an error, before or in the middle of their answer. */
  readonly failed: number
  /** Of them, those whose caller went away, or whose process ended. */
  readonly aborted: number
  /** Calls to providers. */
  readonly attempts: number
  /** Requests whose counts nobody knows. */
  readonly uncounted: number
  /** Requests whose counts are estimated. */
  readonly estimated: number
  /** Of what has a price. */
  readonly nanoDollars: number
  /** Requests with usage whose price is not known: what they cost is not among the sum. */
  readonly unpriced: number
  /** Of all requests together, in milliseconds. */
  readonly duration: number
}
