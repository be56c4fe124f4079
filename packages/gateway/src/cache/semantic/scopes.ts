import { ScopeVectors } from './scope-vectors.ts'

/** Vectors of many scopes, so many of them in all: the scope that was asked for longest ago makes room. */
export class Scopes {
  // The scope that was asked for last is the last.
  readonly #scopes = new Map<string, ScopeVectors>()
  readonly #most: number
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  get(scope: string): ScopeVectors | undefined {
    const vectors = this.#scopes.get(scope)
    if (vectors === undefined) return undefined
    this.#scopes.delete(scope)
    this.#scopes.set(scope, vectors)
    return vectors
  }

  /** The one that there is, or a new one. */
  open(scope: string): ScopeVectors {
    const known = this.get(scope)
    if (known !== undefined) return known
    const vectors = new ScopeVectors()
    this.#scopes.set(scope, vectors)
    this.#makeRoom(scope)
    return vectors
  }

  add(scope: string, key: string, vector: Float32Array): void {
    const vectors = this.open(scope)
    const before = vectors.size
    vectors.add(key, vector)
    this.#count += vectors.size - before
    this.#makeRoom(scope)
  }

  drop(scope: string, key: string): void {
    const vectors = this.#scopes.get(scope)
    if (vectors === undefined) return
    const before = vectors.size
    vectors.drop(key)
    this.#count += vectors.size - before
  }

  /** For the scope that was asked for last. */
  #makeRoom(scope: string): void {
    for (const [oldest, { size }] of this.#scopes) {
      // One without vectors is one that is being looked at, or was found empty.
      if ((this.#count <= this.#most && this.#scopes.size <= this.#most) || oldest === scope) return
      this.#scopes.delete(oldest)
      this.#count -= size
    }
  }
}
