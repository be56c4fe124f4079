import { usd } from '../limits/limit-refusal.ts'
import type { Budgeted, Ration } from '../limits/rations.ts'

export type TellOfBudget = (event: 'budget.threshold' | 'budget.exceeded', subject: string, reason: string) => void

/** Tells once of each threshold that a budget passes, and once of its end. */
export interface BudgetEvents {
  /** @param spent all that is spent by now, `used` of it by one request. */
  settled(ration: Ration, spent: number, used: number): void
  refused(ration: Ration): void
}

const mostRemembered = 10_000

export function createBudgetEvents(tell: TellOfBudget): BudgetEvents {
  /** By what is counted: periods that are over are forgotten in their turn. */
  const ended = new Set<string>()

  function exceeded(ration: Ration, { rule, limit, amount, period }: Budgeted): void {
    if (ended.has(limit.key)) return
    if (ended.size >= mostRemembered) ended.clear()
    ended.add(limit.key)
    const until = period.end === Infinity ? '' : ` until ${new Date(period.end).toISOString()}`
    const what = rule.stops ? `requests that it has no room for are refused${until}` : 'requests go on'
    tell('budget.exceeded', nameOf(ration), `${usd(amount)} are used up or reserved; ${what}`)
  }

  return {
    settled(ration, spent, used) {
      const { budget } = ration
      // Whoever passes it tells: the counters add up one after the other.
      if (budget === undefined || spent <= 0) return
      const { amount, rule } = budget
      const passed = rule.alertAt.findLast((share) => spent >= share * amount && spent - used < share * amount)
      if (passed !== undefined && spent < amount) {
        const percent = Math.round(passed * 100)
        tell('budget.threshold', nameOf(ration), `${percent} % are spent: ${usd(spent)} of ${usd(amount)}`)
      }
      if (spent >= amount && spent - used < amount) exceeded(ration, budget)
    },
    refused(ration) {
      if (ration.budget !== undefined) exceeded(ration, ration.budget)
    },
  }
}

function nameOf({ rule, subject, budget }: Ration): string {
  const name = budget?.rule.name ?? rule.per
  return subject === '' ? name : `${name} of ${rule.per} ${subject}`
}
