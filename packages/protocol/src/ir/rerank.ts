import type { Extensions } from './extensions.ts'
import type { Usage } from './usage.ts'

/** The neutral request for an order of documents by how much they have to do with a query. */
export interface RerankRequest {
  readonly model: string
  readonly query: string
  readonly documents: readonly RerankDocument[]
  /** How many of the best are wanted. Absent: all. */
  readonly top?: number
  /** Tokens of a document beyond these are not looked at. */
  readonly maxDocumentTokens?: number
  /** Whether the answer is to repeat the documents. */
  readonly returnDocuments?: boolean
  readonly extensions?: Extensions
}

export interface RerankDocument {
  readonly text: string
  /** It was written as an object with these further members, and not as a string. */
  readonly members?: Readonly<Record<string, unknown>>
}

export interface RerankResult {
  readonly id?: string
  /** As the provider names it. */
  readonly model?: string
  /** The best first. */
  readonly results: readonly RankedDocument[]
  readonly usage?: Usage
  readonly extensions?: Extensions
}

/** How much a document has to do with the query. */
export interface RankedDocument {
  /** Of the document in the request. */
  readonly index: number
  /** The higher the better; mostly in [0, 1]. */
  readonly score: number
  readonly document?: Readonly<Record<string, unknown>>
}
