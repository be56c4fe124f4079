import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const fireworks: Provider = defineProvider({
  id: 'fireworks',
  name: 'Fireworks AI',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  speaks: ['openai-chat', 'openai-responses', 'openai-completions', 'openai-embeddings', 'jina-rerank'],
  env: { apiKey: ['FIREWORKS_API_KEY'] },
  modelNamespace: 'accounts/fireworks/models/',
  models: { fallback: ['deepseek-v4p1-flash', 'kimi-k3', 'deepseek-v4-pro-0813', 'deepseek-v4-flash-0731'] },
})
