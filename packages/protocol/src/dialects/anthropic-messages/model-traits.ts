/** What a family of Claude models takes, as Anthropic's models overview and extended thinking pages have it. */
export interface ModelTraits {
  /** The most tokens that an answer may have: sent where the caller sets no limit, since the wire demands one. */
  readonly maxTokens: number
  /** Whether `maxTokens` is known to be the model's limit, so that a larger wish is cut. */
  readonly limited: boolean
  /** `budget`: thinking with a number of tokens; `adaptive`: as the model sees fit, by effort; `unknown`: not asked for. */
  readonly thinking: 'budget' | 'adaptive' | 'unknown'
  /** Whether an adaptive model takes a budget too. */
  readonly takesBudget: boolean
  /** What turns thinking off, if anything; `thinks` tells whether it is on when nothing is said. */
  readonly off: 'disabled' | 'between_tools' | undefined
  readonly thinks: boolean
  /** Of `output_config.effort`. */
  readonly efforts: readonly string[]
  /** Which of temperature, top_p and top_k are taken: all, all but temperature together with top_p, or none. */
  readonly sampling: 'all' | 'either' | 'none'
  /** Whether a tool can be forced. */
  readonly forcedTools: boolean
  /** `output_config.format` and strict tools. */
  readonly jsonSchema: boolean
}

const upToHigh = ['low', 'medium', 'high']
const withMax = [...upToHigh, 'max']
const all = [...upToHigh, 'xhigh', 'max']

const budget: ModelTraits = {
  maxTokens: 64_000,
  limited: true,
  thinking: 'budget',
  takesBudget: true,
  off: 'disabled',
  thinks: false,
  efforts: [],
  sampling: 'all',
  forcedTools: true,
  jsonSchema: false,
}
const claude45: ModelTraits = { ...budget, sampling: 'either', jsonSchema: true }
const claude46: ModelTraits = { ...claude45, maxTokens: 128_000, thinking: 'adaptive', efforts: withMax }
const claude47: ModelTraits = { ...claude46, efforts: all, sampling: 'none' }
const claude5: ModelTraits = { ...claude47, thinks: true }
const alwaysThinking: ModelTraits = { ...claude5, takesBudget: false, off: undefined }

/** By what follows `claude-` in the name, dots read as hyphens; the first that matches counts. */
const families: readonly (readonly [RegExp, ModelTraits])[] = [
  [/^3-7-/, budget],
  [/^3-5-/, { ...budget, maxTokens: 8192 }],
  [/^(3|2|instant)\b/, { ...budget, maxTokens: 4096 }],
  [/^opus-4-1\b/, { ...budget, maxTokens: 32_000, jsonSchema: true }],
  [/^opus-4(-0|-\d{8})?\b(?!-\d\b)/, { ...budget, maxTokens: 32_000 }],
  [/^sonnet-4(-0|-\d{8})?\b(?!-\d\b)/, budget],
  [/^(opus|sonnet|haiku)-4-5\b/, claude45],
  [/^(opus|sonnet)-4-6\b/, claude46],
  [/^opus-4-[78]\b/, claude47],
  [/^sonnet-5-5\b/, { ...alwaysThinking, off: 'between_tools', forcedTools: false }],
  [/^sonnet-5\b(?!-\d\b)/, claude5],
  [/^haiku-5-5\b/, { ...claude5, takesBudget: false }],
  [/^opus-5\b(?!-\d\b)/, claude5],
  [/^fable-5\b(?!-\d\b)/, alwaysThinking],
]

/** A Claude that is newer than this table: what all of the newest take. */
const newest: ModelTraits = { ...alwaysThinking, limited: false, forcedTools: false }

/** Another vendor's model behind this wire. */
const foreign: ModelTraits = { ...budget, maxTokens: 4096, limited: false, thinking: 'unknown' }

/** By the model's name, with or without a vendor, a region or a date: `us.anthropic.claude-sonnet-5-5`. */
export function modelTraits(model: string): ModelTraits {
  const name = /(?:^|[./:@])claude-(.+)$/i.exec(model)?.[1]?.toLowerCase().replaceAll('.', '-')
  if (name === undefined) return foreign
  return families.find(([pattern]) => pattern.test(name))?.[1] ?? newest
}
