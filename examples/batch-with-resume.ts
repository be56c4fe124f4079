import { readFile, writeFile } from 'node:fs/promises'
import { type BatchOutcome, type ChatAnswer, createSluice } from 'sluice'

const questions = Array.from({ length: 20 }, (_, index) => `What is ${index} times seven?`)
const file = 'outcomes.json'

// What an earlier run finished is not asked again.
const resume = await readFile(file, 'utf8').then(readOutcomes, () => [])

const sluice = createSluice()
const outcomes = await sluice.batch(questions, {
  concurrency: 4, // when a provider asks for rest, all of them wait
  resume,
  onProgress: ({ finished, total, failed }) => console.error(`${finished}/${total}, ${failed} failed`),
})
await writeFile(file, JSON.stringify(outcomes.filter(({ status }) => status === 'done')))

for (const outcome of outcomes)
  if (outcome.status === 'failed') console.log(`${questions[outcome.index]} ${outcome.error.code}`)
console.log(`${outcomes.filter(({ status }) => status === 'done').length} answers, ${resume.length} of them kept`)
await sluice.close()

/** Each at the place of its question. */
function readOutcomes(text: string): BatchOutcome<ChatAnswer>[] {
  const kept: BatchOutcome<ChatAnswer>[] = []
  for (const outcome of JSON.parse(text) as BatchOutcome<ChatAnswer>[]) kept[outcome.index] = outcome
  return kept
}
