import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const groq: Provider = defineProvider({
  id: 'groq',
  name: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  speaks: ['openai-chat'],
  env: { apiKey: ['GROQ_API_KEY'] },
  models: { fallback: ['openai/gpt-oss-120b', 'openai/gpt-oss-20b', 'qwen/qwen3.8-27b', 'qwen/qwen3.6-27b'] },
})
