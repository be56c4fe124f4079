import { type Match, mostOfScope } from './vector-store.ts'

/** So many are worth a look at what they lead to. */
export const mostMatches = 3

/** The vectors of one scope, oldest first. */
export class ScopeVectors {
  /** Where they are read from elsewhere: the id of the last that was. */
  readUpTo: string | undefined
  readonly #vectors = new Map<string, Float32Array>()

  get size(): number {
    return this.#vectors.size
  }

  add(key: string, vector: Float32Array): void {
    this.#vectors.delete(key)
    this.#vectors.set(key, vector)
    if (this.#vectors.size <= mostOfScope) return
    for (const oldest of this.#vectors.keys()) if (this.#vectors.delete(oldest)) return
  }

  drop(key: string): void {
    this.#vectors.delete(key)
  }

  nearest(vector: Float32Array, atLeast: number): readonly Match[] {
    const found: Match[] = []
    for (const [key, other] of this.#vectors) {
      const similarity = cosine(vector, other)
      if (similarity >= atLeast) found.unshift({ key, similarity })
    }
    return found.toSorted((one, other) => other.similarity - one.similarity).slice(0, mostMatches)
  }
}

/** Of vectors of length 1; 0 for those of two models. */
function cosine(one: Float32Array, other: Float32Array): number {
  if (one.length !== other.length) return 0
  let sum = 0
  for (let index = 0; index < one.length; index++) sum += one[index]! * other[index]!
  // Rounding may lead beyond.
  return Math.min(1, sum)
}

/** As a vector of length 1; `undefined` for what has no direction. */
export function toVector(values: readonly number[]): Float32Array | undefined {
  const length = Math.hypot(...values)
  if (!Number.isFinite(length) || length === 0) return undefined
  return Float32Array.from(values, (value) => value / length)
}
