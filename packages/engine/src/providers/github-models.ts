import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const githubModels: Provider = defineProvider({
  id: 'github-models',
  name: 'GitHub Models',
  baseUrl: undefined,
  hosts: ['models.github.ai', 'models.inference.ai.azure.com'],
  speaks: ['openai-chat'],
  env: { apiKey: ['GITHUB_MODELS_API_KEY'], baseUrl: ['GITHUB_MODELS_BASE_URL'] },
  retired: 'GitHub Models closed on 2026-07-30. Set a base URL to use a service of your own.',
})
