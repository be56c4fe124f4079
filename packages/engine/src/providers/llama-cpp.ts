import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const llamaCpp: Provider = defineProvider({
  id: 'llama-cpp',
  name: 'llama.cpp',
  baseUrl: 'http://localhost:8080/v1',
  speaks: [
    'openai-chat',
    'openai-responses',
    'openai-input-tokens',
    'anthropic-count-tokens',
    'openai-completions',
    'openai-embeddings',
    'jina-rerank',
    'openai-transcriptions',
  ],
  env: { apiKey: ['LLAMA_CPP_API_KEY'], baseUrl: ['LLAMA_CPP_BASE_URL'] },
  healthPath: '../health',
  local: true,
})
