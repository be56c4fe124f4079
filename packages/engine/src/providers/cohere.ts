import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const cohere: Provider = defineProvider({
  id: 'cohere',
  name: 'Cohere',
  baseUrl: 'https://api.cohere.ai/compatibility/v1',
  hosts: ['api.cohere.com'],
  speaks: ['openai-chat', 'openai-embeddings', { dialect: 'jina-rerank', path: '../../v2/rerank' }],
  env: { apiKey: ['COHERE_API_KEY', 'CO_API_KEY'] },
  modelsPath: '../../v1/models',
  models: { fallback: ['command-a-03-2025', 'command-a-plus-05-2026', 'command-a-reasoning-08-2025'] },
  owns: ['command-*', 'c4ai-*', 'embed-v*', 'embed-english-*', 'embed-multilingual-*', 'rerank-*'],
})
