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
    const keys: string[] = []
    const others: Float32Array[] = []
    for (const [key, other] of this.#vectors) {
      // One of another length is of another model.
      if (other.length !== vector.length) continue
      keys.push(key)
      others.push(other)
    }
    cosines(vector, others).forEach((cosine, index) => {
      // Rounding may lead beyond.
      const similarity = Math.min(1, cosine)
      if (similarity >= atLeast) found.unshift({ key: keys[index]!, similarity })
    })
    return found.toSorted((one, other) => other.similarity - one.similarity).slice(0, mostMatches)
  }
}

/** Of vectors of length 1, all with so many values. */
function cosines(one: Float32Array, others: readonly Float32Array[]): Float64Array {
  const all = new Float64Array(others.length)
  for (let first = 0; first < others.length; first += 4) {
    const a = others[first]!
    addProducts(all, first, one, a, others[first + 1] ?? a, others[first + 2] ?? a, others[first + 3] ?? a)
  }
  return all
}

/** Four at once: their sums do not wait for each other, and each value of the first is read once for all of them. */
function addProducts(
  all: Float64Array,
  first: number,
  one: Float32Array,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  d: Float32Array,
): void {
  // Asked for in the loop, it would be read each time.
  const { length } = one
  let sumA = 0
  let sumB = 0
  let sumC = 0
  let sumD = 0
  for (let index = 0; index < length; index++) {
    const value = one[index]!
    sumA += value * a[index]!
    sumB += value * b[index]!
    sumC += value * c[index]!
    sumD += value * d[index]!
  }
  // What lies beyond the end is not kept.
  all[first] = sumA
  all[first + 1] = sumB
  all[first + 2] = sumC
  all[first + 3] = sumD
}

/** As a vector of length 1; `undefined` for what has no direction. */
export function toVector(values: readonly number[]): Float32Array | undefined {
  const length = Math.hypot(...values)
  if (!Number.isFinite(length) || length === 0) return undefined
  return Float32Array.from(values, (value) => value / length)
}
