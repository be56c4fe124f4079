import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const mistral: Provider = defineProvider({
  id: 'mistral',
  name: 'Mistral AI',
  baseUrl: 'https://api.mistral.ai/v1',
  speaks: ['openai-chat'],
  env: { apiKey: ['MISTRAL_API_KEY'] },
  models: {
    fallback: ['mistral-medium-latest', 'mistral-small-latest', 'mistral-large-latest', 'ministral-8b-latest'],
  },
  owns: ['mistral-*', 'ministral-*', 'magistral-*', 'codestral-*', 'devstral-*', 'pixtral-*', 'voxtral-*', 'open-mi*'],
})
