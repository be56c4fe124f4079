/** What was asked before, as vectors of length 1, by scope. What it loses is asked for again, so it may drop whatever it likes. */
export interface VectorStore {
  /** Those of a scope that are at least so similar, the most similar first, of equals the newest; a few at the most. Never rejects. */
  nearest(scope: string, vector: Float32Array, atLeast: number): readonly Match[] | Promise<readonly Match[]>
  /** Under a key of its scope, in place of what was there. Never rejects. */
  add(scope: string, key: string, vector: Float32Array): void | Promise<void>
  /** What it leads to is gone. Here; others find that out for themselves. */
  drop(scope: string, key: string): void
}

export interface Match {
  readonly key: string
  /** Cosine: 1 is the same direction. */
  readonly similarity: number
}

/** Of one scope; the oldest makes room. All are compared each time: so many take about a millisecond. */
export const mostOfScope = 1_000
