import type { CodecContext } from '../../dialect.ts'
import type { ReasoningOptions } from '../../ir/chat.ts'
import type { ModelTraits } from './model-traits.ts'
import {
  formOf,
  isNumber,
  isRecord,
  isString,
  keep,
  kept,
  type Mutable,
  warnChanged,
  warnDropped,
  type WireObject,
} from './wire.ts'

/** `thinking` and `output_config.effort`, which together say what other wires call reasoning. */
export function decodeReasoning(
  thinking: WireObject | undefined,
  effort: string | undefined,
): ReasoningOptions | undefined {
  if (thinking === undefined && effort === undefined) return undefined
  const options: Mutable<ReasoningOptions> = {}
  const budget = thinking?.['budget_tokens']
  if (effort !== undefined) options.effort = effort
  if (thinking?.['type'] === 'disabled') options.effort = 'none'
  if (thinking?.['type'] === 'enabled' && isNumber(budget)) options.maxTokens = budget
  const form = {
    ...(thinking === undefined ? undefined : { thinking }),
    ...(effort === undefined ? undefined : { effort }),
  }
  return Object.assign(options, keep(undefined, form))
}

export interface WireThinking {
  readonly thinking?: WireObject
  readonly effort?: string
}

/** Of reasoning that came from this wire. */
export function ownThinking(reasoning: ReasoningOptions | undefined): WireThinking {
  const form = formOf(reasoning?.extensions)
  return {
    ...(isRecord(form?.['thinking']) ? { thinking: form['thinking'] } : undefined),
    ...(isString(form?.['effort']) ? { effort: form['effort'] } : undefined),
  }
}

export interface ThinkingOptions {
  readonly maxTokens: number
  /** A tool call has to be made. */
  readonly toolForced: boolean
  /** The turn goes on after tool results, and its thinking is not there to be sent back. */
  readonly thinkingLost: boolean
}

/** Tokens to think with, as other gateways read the words. */
const budgets: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 2048,
  high: 4096,
  xhigh: 8192,
  max: 16_384,
}

const leastBudget = 1024

/** Asks for thinking in the way that the model takes. */
export function encodeThinking(
  reasoning: ReasoningOptions | undefined,
  traits: ModelTraits,
  options: ThinkingOptions,
  context: CodecContext,
): WireThinking {
  kept(reasoning?.extensions, context, 'reasoning')
  const effort = reasoning?.effort ?? undefined
  const { maxTokens } = reasoning ?? {}
  const wanted = (effort !== undefined && effort !== 'none') || (effort === undefined && maxTokens !== undefined)
  if (options.toolForced && traits.thinking !== 'unknown') {
    if (wanted) warnDropped(context, 'reasoning', 'Reasoning together with a forced tool call')
    return traits.thinks ? turnedOff(traits, context) : {}
  }
  if (effort === 'none') return traits.thinks ? turnedOff(traits, context) : {}
  if (!wanted) return {}
  if (traits.thinking === 'unknown') {
    warnDropped(context, 'reasoning', 'Reasoning for a model of which nothing is known')
    return {}
  }
  if (traits.thinking === 'adaptive' && !(maxTokens !== undefined && traits.takesBudget)) {
    return adaptive(effort ?? effortOf(maxTokens ?? 0), traits, context)
  }
  return withBudget(maxTokens ?? budgets[effort ?? ''] ?? 2048, options, context)
}

function turnedOff(traits: ModelTraits, context: CodecContext): WireThinking {
  if (traits.off === 'disabled') return { thinking: { type: 'disabled' } }
  const { off } = traits
  if (off === undefined) warnChanged(context, 'reasoning', 'This model always reasons; it is asked to do so little.')
  return { ...(off === undefined ? undefined : { thinking: { type: off } }), effort: 'low' }
}

function adaptive(effort: string, traits: ModelTraits, context: CodecContext): WireThinking {
  const thinking = { type: 'adaptive' }
  const word = effort === 'minimal' ? 'low' : effort
  if (traits.efforts.includes(word)) return { thinking, effort: word }
  if (word === 'auto') return { thinking }
  const instead = word === 'xhigh' ? 'high' : 'medium'
  warnChanged(context, 'reasoning', `The effort '${effort}' is sent as '${instead}'.`)
  return { thinking, effort: instead }
}

/** The budget must leave room for the answer. */
function withBudget(wanted: number, options: ThinkingOptions, context: CodecContext): WireThinking {
  if (options.thinkingLost) {
    warnDropped(context, 'reasoning', 'Reasoning in a turn whose earlier reasoning was not sent back')
    return {}
  }
  const budget = Math.min(Math.max(Math.round(wanted), leastBudget), options.maxTokens - 1)
  if (!(budget >= leastBudget)) {
    warnDropped(context, 'reasoning', `Reasoning within ${options.maxTokens} tokens`)
    return {}
  }
  if (budget < wanted)
    warnChanged(context, 'reasoning', `The reasoning budget of ${wanted} tokens is sent as ${budget}.`)
  return { thinking: { type: 'enabled', budget_tokens: budget } }
}

function effortOf(maxTokens: number): string {
  if (maxTokens <= 1024) return 'low'
  return maxTokens <= 2048 ? 'medium' : 'high'
}
