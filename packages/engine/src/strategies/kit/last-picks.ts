import type { Candidate } from '../strategy.ts'

/** Picks of others after which a candidate's figures are too old to pass it over once more; more among many. */
const leastPatience = 200
const patienceEach = 25

/**
 * When each candidate was last picked. What a strategy goes by is learned by asking only, so one that looked bad would
 * never be seen to have recovered.
 */
export class LastPicks {
  readonly #last = new Map<Candidate, number>()
  readonly #patience: number
  #count = 0

  /** @param candidates how many there are. */
  constructor(candidates: number) {
    this.#patience = Math.max(leastPatience, candidates * patienceEach)
  }

  /** Counted in picks; before its first, as if that were due. */
  of(candidate: Candidate): number {
    return this.#last.get(candidate) ?? -Infinity
  }

  /** Whether it is to be tried whatever its figures say. */
  neglected(candidate: Candidate): boolean {
    return this.#count - this.of(candidate) > this.#patience
  }

  add(candidate: Candidate): Candidate {
    this.#last.set(candidate, this.#count++)
    return candidate
  }
}
