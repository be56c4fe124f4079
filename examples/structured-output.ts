import { createSluice, InvalidOutputError } from 'sluice'
import * as z from 'zod'

const Recipe = z.object({
  title: z.string(),
  minutes: z.number().int(),
  ingredients: z.array(z.object({ name: z.string(), grams: z.number() })),
})

const sluice = createSluice()

try {
  const { object } = await sluice.chatObject(Recipe, 'A recipe for waffles, please.', { name: 'recipe' })
  console.log(`${object.title}, ${object.minutes} minutes`)
  for (const { name, grams } of object.ingredients) console.log(`  ${grams} g ${name}`)
} catch (error) {
  // The model was shown what is wrong, and tried again, before this is thrown.
  if (!(error instanceof InvalidOutputError)) throw error
  console.error(error.issues, error.text)
}
await sluice.close()
