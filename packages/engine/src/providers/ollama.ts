import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const ollama: Provider = defineProvider({
  id: 'ollama',
  name: 'Ollama',
  baseUrl: 'http://localhost:11434/v1',
  speaks: ['openai-chat'],
  env: { apiKey: ['OLLAMA_API_KEY'], baseUrl: ['OLLAMA_BASE_URL', 'OLLAMA_HOST'] },
  local: true,
})
