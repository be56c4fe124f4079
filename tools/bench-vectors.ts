import { ScopeVectors, toVector } from '../packages/gateway/src/cache/semantic/scope-vectors.ts'
import { mostOfScope } from '../packages/gateway/src/cache/semantic/vector-store.ts'

/**
 * `npm run bench:vectors`: for how long a question that is looked for among the vectors of a full scope keeps the gateway from
 * all else, by how many values the embedding model's vectors have.
 */
const rounds = 200

console.log(`| dimensions | among ${mostOfScope.toLocaleString('en')} vectors, ms: median of ${rounds} |`)
console.log('|---|---|')
for (const dimensions of [256, 768, 1536, 3072]) {
  const some = (): Float32Array => toVector(Array.from({ length: dimensions }, () => Math.random() - 0.5))!
  const scope = new ScopeVectors()
  for (let index = 0; index < mostOfScope; index++) scope.add(`${index}`, some())
  const question = some()
  const times = Array.from({ length: rounds }, () => {
    const before = performance.now()
    scope.nearest(question, 0.95)
    return performance.now() - before
  }).toSorted((one, other) => one - other)
  console.log(`| ${dimensions} | ${times[rounds / 2]!.toFixed(2)} |`)
}
