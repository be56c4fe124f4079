import type { EmbedPart } from './embed.ts'
import type { Extensions } from './extensions.ts'
import type { Usage } from './usage.ts'

/** The neutral request for a judgement of each input. */
export interface ModerateRequest {
  readonly model: string
  readonly inputs: readonly ModerateInput[]
  /** The only input was written as such, and not as a list of one. */
  readonly bare?: true
  readonly extensions?: Extensions
}

/** A text, or texts and pictures that are judged together. */
export type ModerateInput = string | readonly EmbedPart[]

export interface ModerateResult {
  readonly id?: string
  /** As the provider names it. */
  readonly model?: string
  /** One for each input, in their order. */
  readonly verdicts: readonly Verdict[]
  /** Said where the judge is not a model for moderation. */
  readonly judge?: 'chat-model'
  readonly usage?: Usage
  readonly extensions?: Extensions
}

/** Categories by their names, which are OpenAI's where it has one that means the same. */
export interface Verdict {
  readonly flagged: boolean
  readonly categories: Readonly<Record<string, boolean>>
  /** 0 to 1. */
  readonly scores: Readonly<Record<string, number>>
  /** What in the input each category was looked for in: `text`, `image`. Absent where nobody said. */
  readonly appliedTypes?: Readonly<Record<string, readonly string[]>>
}
