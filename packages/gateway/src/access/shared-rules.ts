import {
  type BudgetRule,
  type BudgetRuleSettings,
  buildBudgetRule,
  buildLimitRule,
  type LimitRule,
  type LimitRuleSettings,
  type RuleMatchSettings,
} from 'sluice'
import type { SharedRule } from '../pipeline/principal.ts'
import type { RuleRow } from '../stores/access-tables.ts'
import type { RuleRows } from './access-store.ts'

/** What is kept of a rule, as config writes it. */
export type KeptLimitRule = LimitRuleSettings
export type KeptBudgetRule = Omit<BudgetRuleSettings, 'name'>

/** As limits and budgets count by them. */
export function sharedRules({ limits, budgets }: RuleRows): readonly SharedRule[] {
  return [
    ...limits.map((row): SharedRule => ({ id: row.id, limit: limitRuleOf(row) })),
    ...budgets.map((row): SharedRule => ({ id: row.id, budget: budgetRuleOf(row) })),
  ]
}

function limitRuleOf(row: RuleRow): LimitRule {
  const settings = JSON.parse(row.settings) as KeptLimitRule
  return buildLimitRule({ ...settings, match: scopedMatch(row, settings.match) })
}

export function budgetRuleOf(row: RuleRow): BudgetRule {
  const settings = JSON.parse(row.settings) as KeptBudgetRule
  return buildBudgetRule({ ...settings, name: row.name, match: scopedMatch(row, settings.match) })
}

/** Whose a rule is, it never goes beyond. Ids are patterns of themselves. */
function scopedMatch(
  { organisation_id: organisation, workspace_id: workspace }: RuleRow,
  match: RuleMatchSettings | undefined,
): RuleMatchSettings {
  return {
    ...match,
    ...(organisation !== null && { organisations: [organisation] }),
    ...(workspace !== null && { workspaces: [workspace] }),
  }
}
