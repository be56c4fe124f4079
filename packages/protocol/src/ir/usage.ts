/**
 * Tokens of one request in disjoint classes: no token is counted in two of them, so that
 * price × count may be summed class by class. All counts are whole numbers ≥ 0.
 *
 * Providers disagree on whether their "prompt tokens" include cached ones; a dialect's reader settles
 * that, once, when it builds this object.
 */
export interface Usage {
  /** Text input at the full price: neither cached, nor written to a cache, nor audio, nor image. */
  readonly input: number
  /** Input read from the provider's prompt cache. */
  readonly cacheRead: number
  /** Input written to the prompt cache with the provider's short life (Anthropic 5 min, OpenAI 30 min). */
  readonly cacheWrite: number
  /** Input written to the prompt cache with the provider's long life (Anthropic 1 h, OpenAI 12 h). */
  readonly cacheWriteLong: number
  readonly audioInput: number
  readonly imageInput: number
  /** Visible text output. */
  readonly output: number
  /** Output spent on reasoning, whether or not its text was shown. */
  readonly reasoning: number
  readonly audioOutput: number
  readonly imageOutput: number
  /** Predicted output that was not used but is billed as output. */
  readonly rejectedPrediction: number
  /** Searches that were billed each: what reranking costs where it is not billed by tokens. */
  readonly searches?: number
  /** Audio that was heard, in whole seconds: what transcribing costs where it is not billed by tokens. */
  readonly audioSeconds?: number
  /** Of text that was spoken: what speech costs where it is not billed by tokens. */
  readonly characters?: number
  /** The provider's own totals, as it reported them; absent where it reported none. */
  readonly reported?: {
    readonly input?: number
    readonly output?: number
    readonly total?: number
    /** The provider's own price for this request in whole nano-dollars (10⁻⁹ USD). */
    readonly costNanoDollars?: number
  }
  /** `true` when the counts were estimated here and not reported by the provider. */
  readonly estimated?: boolean
}

/** The classes whose counts make up the input. */
export const inputClasses = ['input', 'cacheRead', 'cacheWrite', 'cacheWriteLong', 'audioInput', 'imageInput'] as const

/** The classes whose counts make up the output. */
export const outputClasses = ['output', 'reasoning', 'audioOutput', 'imageOutput', 'rejectedPrediction'] as const

export const noUsage: Usage = Object.freeze({
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWriteLong: 0,
  audioInput: 0,
  imageInput: 0,
  output: 0,
  reasoning: 0,
  audioOutput: 0,
  imageOutput: 0,
  rejectedPrediction: 0,
})

/** More than any request counts: nobody can price or add up what is beyond all numbers. */
const mostCounted = 1e14

/** A count as a provider says it; `undefined` for what cannot be one. */
export function readCount(value: unknown): number | undefined {
  return typeof value === 'number' && value <= mostCounted ? Math.max(0, Math.round(value)) : undefined
}

/** All input tokens, of every class. */
export function totalInput(usage: Usage): number {
  let total = 0
  for (const key of inputClasses) total += usage[key]
  return total
}

/** All output tokens, of every class. */
export function totalOutput(usage: Usage): number {
  let total = 0
  for (const key of outputClasses) total += usage[key]
  return total
}
