/** One choice that a route made, for the trace. */
export interface Decision {
  readonly route: string
  readonly candidates: readonly ConsideredCandidate[]
}

/** A target that was in question, and why it was taken or not. */
export interface ConsideredCandidate {
  readonly name: string
  /** `passed` was in question and not picked. */
  readonly outcome: 'picked' | 'passed' | 'filtered'
  /** Why it was filtered. */
  readonly reason?: string
  /** What it counted in the strategy's choice, the lower the better. */
  readonly score?: number
}
