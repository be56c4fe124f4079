import type { TranslatableDialect } from '@sluice/protocol'
import type { FindPlan } from './plan.ts'
import { planFor } from './plan-for.ts'

/**
 * For `createCore`: reaches providers that speak others of these dialects than the caller, by translation.
 * `translateBetween(openaiChat, anthropicMessages)`.
 */
export function translateBetween(...dialects: readonly TranslatableDialect[]): FindPlan {
  const known = new Map(dialects.map((dialect) => [dialect.id, dialect]))
  return (dialect, provider, model) => planFor(dialect, provider, model, known)
}
