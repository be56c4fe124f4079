import { keepReasoning } from '../provider-kit/message-quirks.ts'
import { defineProvider, type Provider, variablesOf } from '../provider-kit/provider.ts'

export const openrouter: Provider = defineProvider({
  id: 'openrouter',
  name: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  speaks: [
    'openai-chat',
    'openai-responses',
    'openai-embeddings',
    'openai-images',
    'openai-speech',
    'jina-rerank',
    'openai-transcriptions',
  ],
  aliases: ['openai-compatible'],
  env: variablesOf('OPENROUTER', { 'HTTP-Referer': 'OPENROUTER_HTTP_REFERER', 'X-Title': 'OPENROUTER_APP_NAME' }),
  healthPath: '/key',
  quirks: [keepReasoning('reasoning_details')],
  choosesRoute: true,
  vendorPrefixed: true,
  modelVariants: true,
  models: { fallback: ['openrouter/auto', 'anthropic/claude-sonnet-5', 'openai/gpt-5.5', 'moonshotai/kimi-k3'] },
})
