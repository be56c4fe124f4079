import { type BudgetAmount, buildBudgetRule } from './budgets-schema.ts'
import type { BudgetRule, LimitRule } from './limits-config.ts'
import { buildLimitRule, type LimitAmounts } from './limits-schema.ts'

/** The rules of one key alone, of what is written about it; `undefined` for none. @param name the key's, and so its budget's */
export function buildKeyLimits(
  name: string,
  limits: LimitAmounts | null,
  budget: BudgetAmount | null,
): { readonly limits: readonly LimitRule[]; readonly budgets: readonly BudgetRule[] } | undefined {
  if (limits === null && budget === null) return undefined
  return Object.freeze({
    limits: limits === null ? [] : [buildLimitRule({ ...limits, per: 'key' })],
    budgets: budget === null ? [] : [buildBudgetRule({ ...budget, per: 'key', name })],
  })
}
