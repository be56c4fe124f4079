import { SluiceError } from '@sluice/protocol'
import type { Ration } from './rations.ts'

/** What is asked of the ration that has no room, and what it has. */
export interface Refusal {
  readonly ration: Ration
  readonly amount: number
  readonly remaining: number
  /** Milliseconds; `Infinity`: there will never be room for so much. */
  readonly retryAfter: number
}

/** Milliseconds to wait for a place: when one becomes free nobody knows. */
const usualWait = 1_000

/** @returns `limit_exceeded`, or `budget_exceeded` where it is about money. */
export function refusalOf(refusal: Refusal): SluiceError {
  const { ration, amount, retryAfter } = refusal
  if (ration.budget !== undefined) return budgetRefusal(refusal)
  const { limit, measure } = ration
  const whose = whoseIs(ration)
  if (limit.kind === 'places') {
    return new SluiceError(
      'limit_exceeded',
      `All ${limit.most} requests that may be under way at once ${whose} are. Ask again when one of them is over.`,
      { retryAfterMs: usualWait },
    )
  }
  const what = `${limit.most} ${words[measure]} per ${periods[limit.kind === 'window' ? limit.period : 0] ?? 'period'} ${whose}`
  if (retryAfter === Infinity) {
    return new SluiceError(
      'limit_exceeded',
      `This request alone comes to about ${amount} tokens, and the limit is ${what}. Send less at once.`,
      { retryable: false },
    )
  }
  const wait = Math.ceil(retryAfter / 1000)
  return new SluiceError(
    'limit_exceeded',
    `The limit of ${what} is used up. Ask again in ${wait} second${wait === 1 ? '' : 's'}.`,
    { retryAfterMs: Math.max(1, retryAfter) },
  )
}

const words: Readonly<Record<Ration['measure'], string>> = {
  requests: 'requests',
  tokens: 'tokens',
  'input-tokens': 'tokens of input',
  'output-tokens': 'tokens of output',
  places: 'requests at once',
  spend: 'nano-dollars',
}

const periods: Readonly<Record<number, string>> = { 60_000: 'minute', 3_600_000: 'hour', 86_400_000: 'day' }

function whoseIs({ rule, subject }: Ration): string {
  return rule.per === 'all' ? 'for all callers together' : `for the ${rule.per} ${subject}`
}

/** Whose budgets callers may be told the state of: their own. */
const own: ReadonlySet<string> = new Set(['key', 'user', 'team', 'site', 'project'])

function budgetRefusal({ ration, amount, remaining }: Refusal): SluiceError {
  const { rule, period, amount: all } = ration.budget!
  const times = { daily: 'a day', weekly: 'a week', monthly: 'a month', total: 'in total' }[rule.period]
  const told = own.has(rule.per)
  const size = told ? ` of ${usd(all)} ${times}` : ''
  const state = told
    ? remaining > 0
      ? ` has ${usd(remaining)} left, and this request may cost up to ${usd(amount)}`
      : ' is used up'
    : ' has no room for this request'
  const anew = period.end === Infinity ? '' : ` It begins anew at ${new Date(period.end).toISOString()}.`
  const less = remaining > 0 ? 'Ask for less (a lower limit of output tokens, a cheaper model), or ask' : 'Ask'
  return new SluiceError(
    'budget_exceeded',
    `The budget "${rule.name}"${size} ${whoseIs(ration)}${state}.${anew} ${less} whoever manages this gateway to raise it.`,
  )
}

/** As many digits as it takes: `0.000042 USD`. */
export function usd(nanoDollars: number): string {
  const dollars = nanoDollars / 1e9
  const digits = dollars >= 1 || dollars === 0 ? 2 : Math.min(9, 2 - Math.floor(Math.log10(dollars)))
  return `${dollars.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, '$1')} USD`
}
