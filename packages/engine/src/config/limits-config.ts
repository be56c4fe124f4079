/** `limits:` in config: what callers may ask for in a time. */
export interface LimitsConfig {
  readonly rules: readonly LimitRule[]
  /** Gateways that share the limits. */
  readonly replicas: number
  readonly whenLost: 'fail-open' | 'fail-closed'
}

/** What each of them may use for itself. */
export type LimitSubject = (typeof limitSubjects)[number]

/** All that a rule may be for. */
export const limitSubjects = [
  'key',
  'user',
  'team',
  'site',
  'project',
  'organisation',
  'tag',
  'model',
  'provider',
  'all',
] as const

/** For each subject of its own. */
export interface LimitRule {
  readonly name: string | undefined
  readonly per: LimitSubject
  readonly match: RuleMatch
  readonly windows: readonly WindowRule[]
  /** Requests under way at once. */
  readonly concurrent: number | undefined
}

/** Patterns of ids. A member that is absent leaves nobody out. */
export interface RuleMatch {
  readonly keys: readonly string[] | undefined
  readonly users: readonly string[] | undefined
  readonly workspaces: readonly string[] | undefined
  readonly organisations: readonly string[] | undefined
  readonly tags: readonly string[] | undefined
  /** Of models as their provider names them, and of `provider/model`. */
  readonly models: readonly string[] | undefined
  readonly providers: readonly string[] | undefined
}

/** So much of one measure in each period. */
export interface WindowRule {
  readonly measure: 'requests' | 'tokens' | 'input-tokens' | 'output-tokens'
  /** Milliseconds. */
  readonly period: number
  readonly most: number
}

/** `budgets:` in config: what callers may spend. */
export interface BudgetsConfig {
  readonly rules: readonly BudgetRule[]
  /** What becomes of requests whose price is not known, where a budget applies; nano-dollars: what each counts for. */
  readonly unpriced: 'allow' | 'refuse' | number
  /** What becomes of streams that cost more than was reserved for them. */
  readonly overrun: 'extend' | 'cut' | 'allow'
  /** Tokens of output that are reserved for requests that do not say how many they want at most. */
  readonly assumedOutput: number
}

/** By the calendar, in the budget's time zone; `total` never begins anew. */
export type BudgetPeriod = 'daily' | 'weekly' | 'monthly' | 'total'

/** For each subject of its own. */
export interface BudgetRule {
  /** In messages, events and counters. Unique. */
  readonly name: string
  readonly per: LimitSubject
  readonly match: RuleMatch
  /** Nano-dollars (10⁻⁹ USD) for each period. */
  readonly amount: number
  readonly period: BudgetPeriod
  /** IANA name, whose midnight begins a day. */
  readonly timeZone: string
  /** Of weeks: 1 is Monday. Of months: that day, or the month's last one. */
  readonly resetDay: number
  /** Shares of the amount at which an event tells. */
  readonly alertAt: readonly number[]
  /** Whether requests are refused when it is used up. */
  readonly stops: boolean
  /** More for a while: nano-dollars, until a Unix time in milliseconds. */
  readonly raise: { readonly by: number; readonly until: number } | undefined
}
