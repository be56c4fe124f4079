import type { BudgetAmount, LimitAmounts } from 'sluice'
import * as z from 'zod/mini'
import { time } from '../shapes.ts'

type Count = z.ZodMiniOptional<z.ZodMiniType<number>>
const count: Count = z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000_000_000)))

/** What a rule of `limits` in the config may say, but for whom it is. */
export const limitMembers: { readonly [Name in keyof LimitAmounts]-?: Count } = {
  requests_per_minute: count,
  requests_per_hour: count,
  requests_per_day: count,
  tokens_per_minute: count,
  tokens_per_hour: count,
  tokens_per_day: count,
  input_tokens_per_minute: count,
  output_tokens_per_minute: count,
  concurrent_requests: count,
}

export const limitAmounts: z.ZodMiniType<LimitAmounts> = z
  .strictObject(limitMembers)
  .check(z.refine((limits) => Object.keys(limits).length > 0, 'expected at least one limit; null for none'))

const money = z.number().check(
  z.minimum(0),
  z.maximum(1_000_000),
  z.refine((usd) => usd === 0 || Math.round(usd * 1e9) > 0, 'expected 0, or at least 0.000000001 USD'),
)
const usd: z.ZodMiniType<number> = money
/** What a budget is raised by. */
export const moreUsd: z.ZodMiniType<number> = money.check(z.refine((more) => more !== 0, 'expected more than 0 USD'))

const zone = z.string().check(z.refine(isTimeZone, 'expected the name of a time zone, such as Europe/Berlin'))

/** What a rule of `budgets` in the config may say, but for whom it is. */
export const budgetMembers: Shape<BudgetAmount> = {
  amount: usd,
  period: z.optional(z.enum(['daily', 'weekly', 'monthly', 'total'])),
  time_zone: z.optional(zone),
  reset_day: z.optional(z.int().check(z.minimum(1), z.maximum(31))),
  alert_at: z.optional(z.array(z.number().check(z.minimum(0), z.maximum(1))).check(z.maxLength(10))),
  stop: z.optional(z.boolean()),
  raise: z.optional(z.strictObject({ by: moreUsd, until: time })),
}

type Shape<Members> = {
  readonly [Name in keyof Members]-?: Member<Members[Name], undefined extends Members[Name] ? true : false>
}
type Member<Value, Optional> = Optional extends true
  ? z.ZodMiniOptional<z.ZodMiniType<Exclude<Value, undefined>>>
  : z.ZodMiniType<Value>

type Calendar = Pick<BudgetAmount, 'period' | 'reset_day'>

/** Of what a budget says of its days. */
export const resetDayChecks: readonly [z.core.$ZodCheck<Calendar>, z.core.$ZodCheck<Calendar>] = [
  z.refine(
    ({ period, reset_day: day = 1 }) => period !== 'weekly' || day <= 7,
    'expected a reset_day from 1 (Monday) to 7 for a weekly budget',
  ),
  z.refine(
    ({ period = 'monthly', reset_day: day }) => day === undefined || period === 'weekly' || period === 'monthly',
    'expected no reset_day: only weekly and monthly budgets have one. Leave it out; null takes it away',
  ),
]

export const budgetAmount: z.ZodMiniType<BudgetAmount> = z.strictObject(budgetMembers).check(...resetDayChecks)

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
