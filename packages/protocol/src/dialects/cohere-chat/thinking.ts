import type { CodecContext } from '../../dialect.ts'
import type { ReasoningOptions } from '../../ir/chat.ts'
import { formOf, isNumber, isRecord, keep, kept, type WireObject } from './wire.ts'

/** Reads `thinking: {type, token_budget?}`. */
export function decodeThinking(wire: WireObject): ReasoningOptions {
  const { type, token_budget: budget } = wire
  const form = keep(undefined, { thinking: wire })
  if (type === 'disabled') return { effort: 'none', ...form }
  if (isNumber(budget)) return { maxTokens: budget, ...form }
  // Asked for, without a word on how much.
  return type === 'enabled' ? { effort: 'medium', ...form } : form
}

/** Tokens to think with; whoever wants more is given no bound. */
const budgets: Readonly<Record<string, number>> = { minimal: 1024, low: 1024, medium: 2048 }

export function encodeThinking(reasoning: ReasoningOptions, context: CodecContext): WireObject | undefined {
  const { effort, maxTokens, extensions } = reasoning
  const written = formOf(extensions)?.['thinking']
  kept(extensions, context, 'reasoning')
  if (isRecord(written)) return written
  if (effort === 'none') return { type: 'disabled' }
  if (maxTokens === undefined && (effort === undefined || effort === null)) return undefined
  const budget = maxTokens ?? budgets[effort ?? '']
  return { type: 'enabled', ...(budget !== undefined && { token_budget: budget }) }
}
