import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const openrouter: Provider = defineProvider({
  id: 'openrouter',
  name: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  speaks: ['openai-chat', 'openai-responses', 'openai-embeddings', 'openai-images', 'openai-speech', 'jina-rerank'],
  aliases: ['openai-compatible'],
  env: {
    apiKey: ['OPENROUTER_API_KEY'],
    baseUrl: ['OPENROUTER_BASE_URL'],
    defaultModel: ['OPENROUTER_DEFAULT_MODEL'],
    headers: { 'HTTP-Referer': 'OPENROUTER_HTTP_REFERER', 'X-Title': 'OPENROUTER_APP_NAME' },
  },
  healthPath: '/key',
  vendorPrefixed: true,
  modelVariants: true,
  models: {
    fallback: ['openrouter/auto', 'anthropic/claude-sonnet-5', 'openai/gpt-5.5', 'deepseek/deepseek-v4-flash'],
  },
})
