import process from 'node:process'
import { createSluice } from 'sluice'

const sluice = createSluice()

// A provider is a string. What differs between their APIs is translated, and `warnings` names what could not be.
const models = process.argv.slice(2)
if (models.length === 0) models.push('openai/gpt-6-luna', 'anthropic/claude-haiku-4-5', 'openrouter/moonshotai/kimi-k3')

for (const model of models) {
  const { text, provider, warnings } = await sluice.chat({
    model,
    messages: [
      { role: 'system', content: 'Answer in one sentence.' },
      { role: 'user', content: 'What is a fjord?' },
    ],
    temperature: 0.2,
  })
  console.log(`${provider}: ${text}`, ...warnings.map(({ message }) => message))
}
await sluice.close()
