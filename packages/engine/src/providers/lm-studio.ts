import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const lmStudio: Provider = defineProvider({
  id: 'lm-studio',
  name: 'LM Studio',
  baseUrl: 'http://localhost:1234/v1',
  speaks: ['openai-chat', 'openai-responses', 'openai-completions', 'openai-embeddings'],
  env: { apiKey: ['LM_API_TOKEN', 'LMSTUDIO_API_KEY'], baseUrl: ['LM_STUDIO_BASE_URL'] },
  local: true,
})
