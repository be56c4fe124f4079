import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const hyperbolic: Provider = defineProvider({
  id: 'hyperbolic',
  name: 'Hyperbolic',
  baseUrl: 'https://api.hyperbolic.xyz/v1',
  speaks: ['openai-chat', 'openai-completions'],
  env: { apiKey: ['HYPERBOLIC_API_KEY'] },
  models: { fallback: ['meta-llama/Llama-3.3-70B-Instruct', 'openai/gpt-oss-120b', 'openai/gpt-oss-20b'] },
})
