import { SluiceError } from '@sluice/protocol'
import type { AnswerFacts } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { sumOf } from './sum-of-steps.ts'

/** What had been answered, and so used, when something that takes several calls failed. */
export interface Spent extends Pick<AnswerFacts, 'usage' | 'cost'> {
  /** One for each call, in turn; at least one. */
  readonly answers: readonly ChatAnswer[]
}

/** Whether an error came after calls that were answered: of `runTools`, of `chatObject`, of `content`. */
export function hasSpent(error: unknown): error is SluiceError & { readonly spent: Spent } {
  return error instanceof SluiceError && 'spent' in error
}

/** The error, which says from now on what was used before it. */
export function withSpent(error: unknown, answers: readonly ChatAnswer[]): unknown {
  if (answers.length === 0 || !(error instanceof SluiceError)) return error
  const { usage, cost } = sumOf(answers)
  const spent: Spent = { answers, cost, ...(usage !== undefined && { usage }) }
  return Object.assign(error, { spent })
}
