import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const vllm: Provider = defineProvider({
  id: 'vllm',
  name: 'vLLM',
  baseUrl: 'http://localhost:8000/v1',
  speaks: [
    'openai-chat',
    'openai-responses',
    'openai-completions',
    'openai-embeddings',
    { dialect: 'cohere-embed', path: '../v2/embed' },
    'jina-rerank',
    { dialect: 'cohere-rerank', path: '../v2/rerank' },
    'openai-transcriptions',
    'openai-translations',
  ],
  env: { apiKey: ['VLLM_API_KEY'], baseUrl: ['VLLM_BASE_URL'] },
  healthPath: '../health',
  local: true,
})
