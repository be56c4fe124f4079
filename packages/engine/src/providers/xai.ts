import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const xai: Provider = defineProvider({
  id: 'xai',
  name: 'xAI',
  baseUrl: 'https://api.x.ai/v1',
  speaks: ['openai-chat', 'openai-responses', 'openai-images'],
  env: { apiKey: ['XAI_API_KEY'] },
  models: { fallback: ['grok-4.7', 'grok-latest', 'grok-4.6', 'grok-4.5', 'grok-4.3', 'grok-4.20-non-reasoning'] },
  owns: ['grok-*'],
})
