import { createSluice, RouteFailedError } from 'sluice'

// Tried in this order, each only when the ones before failed. Before the first piece of an answer a failure is not seen.
const sluice = createSluice({
  routes: {
    assistant: {
      targets: ['openai/gpt-6-luna', 'anthropic/claude-haiku-4-5', 'openrouter/moonshotai/kimi-k3'],
      timeout: 20, // seconds for all of them
    },
  },
})

try {
  const { text, provider, attempts } = await sluice.chat({
    model: 'assistant',
    messages: [{ role: 'user', content: 'Name a river in Norway.' }],
  })
  console.log(`${provider} answered at attempt ${attempts}: ${text}`)
} catch (error) {
  if (!(error instanceof RouteFailedError)) throw error
  for (const { provider, status, code, message } of error.attempts) console.error(provider, status, code, message)
}
await sluice.close()
