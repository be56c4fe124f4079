import { autoToolChoice, dropWhere } from './capability-quirks.ts'
import { drop, forModels, inDialect, only, type Quirk, rename, replace } from './quirk.ts'

const reasoning = ['o1*', 'o3*', 'o4*', 'gpt-5*', 'gpt-6*', '!gpt-5-chat*']
/** They reason whatever is asked. */
const alwaysReasoning = [
  'o1*',
  'o3*',
  'o4*',
  'gpt-5',
  'gpt-5-mini*',
  'gpt-5-nano*',
  'gpt-5-pro*',
  'gpt-5-20*',
  'gpt-6*',
]
const sampling = ['temperature', 'top_p', 'logprobs', 'top_logprobs']
const biases = ['presence_penalty', 'frequency_penalty', 'logit_bias']

/**
 * What OpenAI's reasoning models refuse, by the names of models, wherever they run.
 * https://platform.openai.com/docs/guides/reasoning and, from GPT-6 on, the rules of Vercel's provider for OpenAI.
 */
export const openaiModelQuirks: readonly Quirk[] = [
  forModels(reasoning, rename('max_tokens', 'max_completion_tokens')),
  forModels(alwaysReasoning, drop(...sampling, ...biases)),
  forModels(['gpt-5.*'], dropWhere('reasoning_effort', 'none', ...sampling)),
  forModels(['gpt-5.*'], drop(...biases)),
  forModels(['gpt-6*', '!gpt-6-sol', '!gpt-6-luna', '!gpt-6.1-terra'], replace('reasoning_effort', { none: 'low' })),
  forModels(['gpt-6*'], replace('reasoning_effort', { minimal: 'low' })),
  forModels(['o3*', 'o4*'], drop('stop')),
  forModels(['gpt-4o-search-preview*', 'gpt-4o-mini-search-preview*'], drop('temperature')),
  inDialect('openai-responses', forModels(alwaysReasoning, drop('temperature', 'top_p', 'top_logprobs'))),
  inDialect(
    'openai-responses',
    forModels(['gpt-5.*'], dropWhere('reasoning.effort', 'none', 'temperature', 'top_p', 'top_logprobs')),
  ),
]

/** From Opus 4.7 on, Claude takes no sampling but the default. */
const unsampled = [
  'claude-opus-4-7*',
  'claude-opus-4-8*',
  'claude-opus-5*',
  'claude-sonnet-5*',
  'claude-haiku-5*',
  'claude-fable-5*',
]
const claude = (models: readonly string[], quirk: Quirk): Quirk =>
  inDialect('anthropic-messages', forModels(models, quirk))

/**
 * What Claude refuses of its own callers' requests, which a route may have meant for an older model.
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export const claudeModelQuirks: readonly Quirk[] = [
  claude(unsampled, only('temperature', 1)),
  claude(unsampled, drop('top_p', 'top_k')),
  // Fable 5 itself, with a date or without, can be made to; those after it cannot.
  claude(['claude-opus-5-5*', 'claude-sonnet-5-5*', 'claude-fable-5-*', '!claude-fable-5-20*'], autoToolChoice),
]
