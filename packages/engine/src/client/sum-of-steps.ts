import { sumUsage } from '../routing/sum-usage.ts'
import type { AnswerCost, AnswerFacts } from './call-engine.ts'
import type { StreamUsage } from './chat-stream-source.ts'

/** What several calls came to together. */
export function sumOf(answers: readonly AnswerFacts[]): Pick<AnswerFacts, 'usage' | 'cost' | 'attempts' | 'warnings'> {
  const { usage, cost } = useOf(answers)
  return {
    ...(usage !== undefined && { usage }),
    cost,
    attempts: answers.reduce((sum, { attempts }) => sum + attempts, 0),
    warnings: answers.flatMap(({ warnings }) => warnings),
  }
}

/** What several calls used and cost together. Not known of one is not known of all. */
export function useOf(calls: readonly (StreamUsage | AnswerFacts)[]): StreamUsage {
  const usages = calls.flatMap(({ usage }) => usage ?? [])
  const costs = calls.flatMap(({ cost }) => cost ?? [])
  return {
    usage: usages.length === calls.length ? sumUsage(usages) : undefined,
    cost: costs.length === calls.length ? costs.reduce<AnswerCost | null>(addCost, null) : null,
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
