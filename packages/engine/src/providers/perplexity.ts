import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const perplexity: Provider = defineProvider({
  id: 'perplexity',
  name: 'Perplexity',
  baseUrl: 'https://api.perplexity.ai',
  speaks: ['openai-chat'],
  env: { apiKey: ['PERPLEXITY_API_KEY'] },
  modelsPath: null,
  models: { fallback: ['sonar', 'sonar-pro', 'sonar-reasoning-pro', 'sonar-deep-research'] },
  owns: ['sonar', 'sonar-*'],
})
