import { createSluice, defineTool } from 'sluice'
import * as z from 'zod'

const sluice = createSluice()

const getWeather = defineTool({
  name: 'get_weather',
  description: 'The weather of a city in the next days.',
  parameters: z.object({ city: z.string(), days: z.number().int().min(1).max(7) }),
  execute: ({ city, days }) => ({ city, days, forecast: 'drizzle', degrees: 11 }), // typed by the schema
})

const answer = await sluice.chat(
  {
    messages: [{ role: 'user', content: 'Do I need an umbrella in Bergen tomorrow? Look at the weather.' }],
    tools: [getWeather],
  },
  // At most so many calls of the model. Wrong arguments are told to it, so that it can correct them.
  { runTools: { maxSteps: 5, failures: 'tell-model' } },
)

for (const { results } of answer.steps ?? [])
  for (const { call, content } of results) console.log(`${call.name}(${call.input}) → ${content}`)
console.log(answer.text)
await sluice.close()
