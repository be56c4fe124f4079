import process from 'node:process'
import { createSluice } from 'sluice'

const documents = [
  'Rain is water that falls from clouds.',
  'Waffles are baked from batter, between two hot plates.',
  'A fjord is a long inlet of the sea between steep slopes.',
]
const query = process.argv[2] ?? 'How are waffles baked?'

const sluice = createSluice()
const model = process.env['EMBEDDING_MODEL'] ?? 'openai/text-embedding-3-small'

// One call for all of them. In an application the documents' vectors are made once and kept.
const { embeddings, usage } = await sluice.embed({ model, input: [query, ...documents] })
const [wanted = [], ...vectors] = embeddings

const found = documents
  .map((document, index) => ({ document, score: similarity(wanted, vectors[index] ?? []) }))
  .toSorted((one, other) => other.score - one.score)
for (const { document, score } of found) console.log(score.toFixed(3), document)
console.log(`${usage?.input} tokens`)
await sluice.close()

/** The cosine of the angle between two vectors: 1 for the same direction. */
function similarity(one: readonly number[], other: readonly number[]): number {
  const product = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)
  return product / (Math.hypot(...one) * Math.hypot(...other))
}
