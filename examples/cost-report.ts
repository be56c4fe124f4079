import { createSluice, toUsd } from 'sluice'

// Prices of known models are built in; those of your own are said here, in dollars for a million tokens.
const sluice = createSluice({
  models: [{ id: 'openrouter/house-model', price: { input: 0.5, output: 1.5, cache_read: 0.05 } }],
})

const report = new Map<string, { calls: number; input: number; output: number; nanoDollars: number }>()

for (const model of [
  'openai/gpt-6-luna',
  'anthropic/claude-haiku-4-5',
  'openrouter/house-model',
  'openai/gpt-6-luna',
]) {
  const messages = [{ role: 'user', content: 'What is rain?' }] as const
  const { usage, cost } = await sluice.chat({ model, messages })
  const sum = report.get(model) ?? { calls: 0, input: 0, output: 0, nanoDollars: 0 }
  sum.calls++
  sum.input += usage?.input ?? 0 // read from a cache or written to it: in classes of their own
  sum.output += usage?.output ?? 0
  sum.nanoDollars += cost?.nanoDollars ?? 0 // whole numbers: sums are exact
  report.set(model, sum)
}

for (const [model, { calls, input, output, nanoDollars }] of report)
  console.log(`${model}, calls: ${calls}, tokens: ${input} + ${output}, $${toUsd({ nanoDollars })?.toFixed(9)}`)
await sluice.close()
