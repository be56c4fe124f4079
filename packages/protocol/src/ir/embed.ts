import type { Media } from './chat.ts'
import type { Extensions } from './extensions.ts'
import type { Usage } from './usage.ts'

/** The neutral request for embeddings: one vector for each input, in their order. */
export interface EmbedRequest {
  readonly model: string
  readonly inputs: readonly EmbedInput[]
  /** The only input was written as such, and not as a list of one. */
  readonly bare?: true
  /** What the vectors are for; a word of ours, or another, which is passed on. */
  readonly purpose?: EmbedPurpose | (string & {})
  /** How long the vectors are to be. */
  readonly dimensions?: number
  /** The forms in which vectors are wanted. Absent: as numbers. */
  readonly formats?: readonly EmbeddingFormat[]
  /** What to do about input that is too long: refuse it, or leave out its start or end. */
  readonly truncate?: 'none' | 'start' | 'end'
  /** Upper bound on tokens of each input that are read. */
  readonly maxInputTokens?: number
  /** The end user, as an opaque id. */
  readonly user?: string
  readonly extensions?: Extensions
}

export type EmbedPurpose =
  | 'search-document'
  | 'search-query'
  | 'classification'
  | 'clustering'
  | 'similarity'
  | 'question-answering'
  | 'fact-verification'
  | 'code-query'
  | 'image'

export type EmbedInput =
  | { readonly type: 'text'; readonly text: string; readonly title?: string }
  /** As a tokenizer of the model's vendor wrote it. */
  | { readonly type: 'tokens'; readonly tokens: readonly number[] }
  /** Together one vector. */
  | { readonly type: 'parts'; readonly parts: readonly EmbedPart[]; readonly title?: string }

export type EmbedPart =
  | { readonly type: 'text'; readonly text: string }
  /** A picture, or what else its media type says. */
  | { readonly type: 'media'; readonly media: Media }

/** `base64` is of little-endian 32-bit floats; `binary` and `ubinary` pack eight dimensions in a number. */
export type EmbeddingFormat = 'float' | 'base64' | 'int8' | 'uint8' | 'binary' | 'ubinary'

/** One vector in one form or several. */
export interface Embedding {
  readonly float?: readonly number[]
  readonly base64?: string
  readonly int8?: readonly number[]
  readonly uint8?: readonly number[]
  readonly binary?: readonly number[]
  readonly ubinary?: readonly number[]
}

export interface EmbedResult {
  readonly id?: string
  /** As the provider names it. */
  readonly model?: string
  readonly embeddings: readonly Embedding[]
  readonly usage?: Usage
  readonly extensions?: Extensions
}
