import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const novita: Provider = defineProvider({
  id: 'novita',
  name: 'Novita AI',
  baseUrl: 'https://api.novita.ai/openai',
  speaks: ['openai-chat', 'openai-completions', 'openai-embeddings', { dialect: 'jina-rerank', path: '/v1/rerank' }],
  env: { apiKey: ['NOVITA_API_KEY'] },
  models: {
    fallback: ['zai-org/glm-5.3-flash', 'deepseek/deepseek-v4.1-flash', 'qwen/qwen3.8-flash', 'zai-org/glm-5.3'],
  },
})
