import * as z from 'zod/mini'
import type { BudgetPeriod, BudgetRule, BudgetsConfig, LimitSubject } from './limits-config.ts'
import { buildMatch, limitSubject, matchSchema, type RuleMatchSettings } from './limits-schema.ts'
import { boolean, decimal, dollars, integer, type Shape, text } from './scalars.ts'

/** `budgets:`, what callers may spend; money in USD. */
export interface BudgetsSettings {
  readonly rules?: readonly BudgetRuleSettings[] | undefined
  /** Requests of unknown price, where a budget applies: `allow`, `refuse`, or what each counts for in USD. Default `allow`. */
  readonly unpriced?: 'allow' | 'refuse' | number | undefined
  /** Streams that cost more than was reserved: `extend` reserves more and ends them when there is none, `cut` ends them, `allow` lets them finish. Default `extend`. */
  readonly overrun?: 'extend' | 'cut' | 'allow' | undefined
  /** Tokens of output that are reserved for requests that set no limit themselves. Default 4096. */
  readonly assumed_output_tokens?: number | undefined
}

export interface BudgetRuleSettings extends BudgetAmount {
  /** In messages and events. Default: made of the rest. */
  readonly name?: string | undefined
  readonly per: LimitSubject
  readonly match?: RuleMatchSettings | undefined
}

/** What may be spent. */
export interface BudgetAmount {
  /** USD for each period. */
  readonly amount: number
  /** Default `monthly`. */
  readonly period?: BudgetPeriod | undefined
  /** IANA name: `Europe/Berlin`. Default `UTC`. */
  readonly time_zone?: string | undefined
  /** Of weeks 1 (Monday) to 7, of months 1 to 31. Default 1. */
  readonly reset_day?: number | undefined
  /** Shares of the amount at which an event tells. Default 0.8. */
  readonly alert_at?: readonly number[] | undefined
  /** Refuse requests when it is used up; else it is only told. Default `true`. */
  readonly stop?: boolean | undefined
  /** More for a while. */
  readonly raise?: RaiseSettings | undefined
}

interface RaiseSettings {
  /** USD. */
  readonly by: number
  /** ISO 8601: `2026-12-01T00:00:00Z`. */
  readonly until: string
}

const budgetRuleSchema = () =>
  z.strictObject({
    name: z.optional(text),
    per: limitSubject(),
    match: z.optional(matchSchema()),
    amount: dollars,
    period: z.optional(z.enum(['daily', 'weekly', 'monthly', 'total'])),
    time_zone: z.optional(text.check(z.refine(isTimeZone, 'expected the name of a time zone, such as Europe/Berlin'))),
    reset_day: z.optional(integer(1, 31)),
    alert_at: z.optional(z.array(decimal(0, 1))),
    stop: z.optional(boolean),
    raise: z.optional(
      z.strictObject({
        by: dollars,
        until: text.check(
          z.refine((when) => !Number.isNaN(Date.parse(when)), 'expected a time, such as 2026-12-01T00:00:00Z'),
        ),
      } satisfies Shape<RaiseSettings>),
    ),
  } satisfies Shape<BudgetRuleSettings>)

export const budgetsSchema = (): z.ZodMiniType<BudgetsSettings> =>
  z.strictObject({
    rules: z.optional(z.array(budgetRuleSchema())),
    unpriced: z.optional(z.union([z.enum(['allow', 'refuse']), dollars])),
    overrun: z.optional(z.enum(['extend', 'cut', 'allow'])),
    assumed_output_tokens: z.optional(integer(1, 10_000_000)),
  } satisfies Shape<BudgetsSettings>)

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** @param report hears of what is wrong with a rule, by its index. */
export function buildBudgets(
  settings: BudgetsSettings | null | undefined,
  report: (path: readonly (string | number)[], message: string) => void,
): BudgetsConfig {
  const {
    rules = [],
    unpriced = 'allow',
    overrun = 'extend',
    assumed_output_tokens: assumedOutput = 4096,
  } = settings ?? {}
  const names = new Set<string>()
  const built = rules.map((rule, index) => {
    const { per, period = 'monthly' } = rule
    const budget = buildBudgetRule({ ...rule, name: rule.name ?? `${period}-${per}-${index + 1}` })
    if (names.has(budget.name)) report(['budgets', 'rules', index, 'name'], `two budgets are called ${budget.name}`)
    names.add(budget.name)
    if (budget.period === 'weekly' && budget.resetDay > 7)
      report(['budgets', 'rules', index, 'reset_day'], 'a week has the days 1 (Monday) to 7')
    return budget
  })
  return Object.freeze({
    rules: Object.freeze(built),
    unpriced: typeof unpriced === 'number' ? nanoDollars(unpriced) : unpriced,
    overrun,
    assumedOutput,
  })
}

/** A rule as the engine has it, with amounts in nano-dollars. */
export function buildBudgetRule(rule: BudgetRuleSettings & { readonly name: string }): BudgetRule {
  const { name, per, period = 'monthly', raise } = rule
  return Object.freeze({
    name,
    per,
    match: buildMatch(rule.match),
    amount: nanoDollars(rule.amount),
    period,
    timeZone: rule.time_zone ?? 'UTC',
    resetDay: rule.reset_day ?? 1,
    alertAt: Object.freeze([...(rule.alert_at ?? [0.8])].sort((left, right) => left - right)),
    stops: rule.stop ?? true,
    raise: raise && Object.freeze({ by: nanoDollars(raise.by), until: Date.parse(raise.until) }),
  })
}

function nanoDollars(usd: number): number {
  return Math.round(usd * 1e9)
}
