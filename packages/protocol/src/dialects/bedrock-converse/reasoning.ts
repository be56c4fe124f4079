import type { CodecContext } from '../../dialect.ts'
import type { ReasoningOptions } from '../../ir/chat.ts'
import { encodeThinking, type ThinkingOptions } from '../anthropic-messages/thinking.ts'
import type { ModelTraits } from '../anthropic-messages/model-traits.ts'
import type { ModelVendor } from './model-vendor.ts'
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
  type WireFields,
  type WireObject,
} from './wire.ts'

/** The ways in which models of several vendors are asked to reason, by `additionalModelRequestFields`. */
const members = ['thinking', 'reasoning_config', 'reasoningConfig', 'reasoning_effort'] as const

/**
 * Takes what asks for reasoning: `thinking` of Claude (`reasoning_config` is an older name), `reasoningConfig` of Nova,
 * `reasoning_effort` of gpt-oss, and `outputConfig.effort`.
 */
export function decodeReasoning(fields: WireFields, effort: string | undefined): ReasoningOptions | undefined {
  const form: Record<string, unknown> = {}
  for (const name of members) {
    const value = fields.take(name, (candidate): candidate is unknown => isRecord(candidate) || isString(candidate))
    if (value !== undefined) form[name] = value
  }
  if (effort !== undefined) form['effort'] = effort
  if (Object.keys(form).length === 0) return undefined
  const options: Mutable<ReasoningOptions> = {}
  const config = form['thinking'] ?? form['reasoning_config'] ?? form['reasoningConfig']
  const word = isRecord(config) ? config['maxReasoningEffort'] : undefined
  const said = effort ?? form['reasoning_effort'] ?? word
  if (isString(said)) options.effort = said
  if (isRecord(config)) {
    const { type, budget_tokens: budget } = config
    if (type === 'disabled') options.effort = 'none'
    if (type === 'enabled' && isNumber(budget)) options.maxTokens = budget
  }
  return Object.assign(options, keep(undefined, form))
}

export interface WireReasoning {
  /** For `additionalModelRequestFields`. */
  readonly fields?: WireObject
  /** For `outputConfig`. */
  readonly effort?: string
}

/** Of reasoning that came from this wire. */
export function ownReasoning(reasoning: ReasoningOptions | undefined): WireReasoning {
  const { effort, ...fields } = formOf(reasoning?.extensions) ?? {}
  return {
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(isString(effort) && { effort }),
  }
}

/** Asks for reasoning in the way that the model's vendor has. */
export function encodeReasoning(
  reasoning: ReasoningOptions | undefined,
  vendor: ModelVendor,
  claude: ModelTraits,
  options: ThinkingOptions,
  context: CodecContext,
): WireReasoning {
  if (vendor.reasoning === 'claude') {
    const { thinking, effort } = encodeThinking(reasoning, claude, options, context)
    return { ...(thinking && { fields: { thinking } }), ...(effort !== undefined && { effort }) }
  }
  kept(reasoning?.extensions, context, 'reasoning')
  const effort = reasoning?.effort ?? effortOf(reasoning?.maxTokens)
  if (effort === undefined) return {}
  switch (vendor.reasoning) {
    case 'nova':
      return effort === 'none' ? {} : { fields: { reasoningConfig: novaConfig(effort, context) } }
    case 'effort':
      return { fields: { reasoning_effort: oneOfThree(effort, context) } }
    case 'unknown':
      if (effort !== 'none') warnDropped(context, 'reasoning', 'Reasoning for a model of which nothing is known')
      return {}
  }
}

function effortOf(maxTokens: number | undefined): string | undefined {
  if (maxTokens === undefined) return undefined
  if (maxTokens <= 1024) return 'low'
  return maxTokens <= 8192 ? 'medium' : 'high'
}

/** https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
function novaConfig(effort: string, context: CodecContext): WireObject {
  return { type: 'enabled', maxReasoningEffort: oneOfThree(effort, context) }
}

const nearest: Readonly<Record<string, string>> = { none: 'low', minimal: 'low', xhigh: 'high', max: 'high' }

function oneOfThree(effort: string, context: CodecContext): string {
  if (effort === 'low' || effort === 'medium' || effort === 'high') return effort
  const instead = Object.hasOwn(nearest, effort) ? nearest[effort]! : 'medium'
  warnChanged(context, 'reasoning', `The effort '${effort}' is sent as '${instead}'.`)
  return instead
}
