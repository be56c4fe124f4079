import { createSluice, defineTool, hasSpent, toUsd } from 'sluice'
import * as z from 'zod'

const sluice = createSluice()

const getWeather = defineTool({
  name: 'get_weather',
  description: 'The weather of a city in the next days.',
  parameters: z.object({ city: z.string(), days: z.number().int().min(1).max(7) }),
  execute: ({ city, days }) => ({ city, days, forecast: 'drizzle', degrees: 11 }), // typed by the schema
})

try {
  const answer = await sluice.chat(
    {
      messages: [{ role: 'user', content: 'Do I need an umbrella in Bergen tomorrow? Look at the weather.' }],
      tools: [getWeather],
    },
    {
      // At most so many calls of the model, and of tools. Wrong arguments are told to it, so that it can correct them.
      runTools: { maxSteps: 5, maxToolCalls: 10, failures: 'tell-model' },
      signal: AbortSignal.timeout(60_000), // for all of it, the tools included
    },
  )
  for (const { results } of answer.steps ?? [])
    for (const { call, content } of results) console.log(`${call.name}(${call.input}) → ${content}`)
  console.log(answer.text, toUsd(answer.cost)) // of all steps together
} catch (error) {
  // A step that fails does not undo what those before it cost.
  if (hasSpent(error)) console.error(`${error.spent.answers.length} steps, $${toUsd(error.spent.cost) ?? '?'}`)
  throw error
}
await sluice.close()
