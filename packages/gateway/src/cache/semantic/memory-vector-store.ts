import { Scopes } from './scopes.ts'
import type { VectorStore } from './vector-store.ts'

/** In this process alone. @param mostVectors of all scopes. */
export function createMemoryVectorStore(mostVectors: number): VectorStore {
  const scopes = new Scopes(mostVectors)
  return {
    nearest: (scope, vector, atLeast) => scopes.get(scope)?.nearest(vector, atLeast) ?? [],
    add: (scope, key, vector) => scopes.add(scope, key, vector),
    drop: (scope, key) => scopes.drop(scope, key),
  }
}
