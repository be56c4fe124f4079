import process from 'node:process'
import { createSluice, toUsd } from 'sluice'

const sluice = createSluice() // the providers whose keys are in the environment

const stream = sluice.stream(process.argv[2] ?? 'Why is the sky blue?')
process.once('SIGINT', () => stream.cancel()) // Ctrl+C ends the provider's work too

for await (const text of stream.textStream) process.stdout.write(text)

const { provider, model, usage, cost } = await stream.result()
console.error(`\n${provider}/${model}, ${usage?.output} tokens, $${toUsd(cost) ?? '?'}`)
await sluice.close()
