import { sumUsage } from '../routing/sum-usage.ts'
import type { AnswerCost, AnswerFacts } from './call-engine.ts'

/** What several calls used and cost together. Not known of one is not known of all. */
export function sumOf(answers: readonly AnswerFacts[]): Pick<AnswerFacts, 'usage' | 'cost' | 'attempts' | 'warnings'> {
  const usages = answers.flatMap(({ usage }) => usage ?? [])
  const costs = answers.flatMap(({ cost }) => cost ?? [])
  const usage = usages.length === answers.length ? sumUsage(usages) : undefined
  return {
    ...(usage !== undefined && { usage }),
    cost: costs.length === answers.length ? costs.reduce<AnswerCost | null>(addCost, null) : null,
    attempts: answers.reduce((sum, { attempts }) => sum + attempts, 0),
    warnings: answers.flatMap(({ warnings }) => warnings),
  }
}

function addCost(one: AnswerCost | null, other: AnswerCost): AnswerCost {
  if (one === null) return other
  const known = one.tableNanoDollars !== null && other.tableNanoDollars !== null
  return {
    state: one.state === 'estimated' ? 'estimated' : other.state,
    nanoDollars: one.nanoDollars + other.nanoDollars,
    source: one.source === other.source ? one.source : 'table',
    tableNanoDollars: known ? (one.tableNanoDollars ?? 0) + (other.tableNanoDollars ?? 0) : null,
    priceVersion: other.priceVersion,
  }
}
