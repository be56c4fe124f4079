import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { rename } from '../provider-kit/quirk.ts'

export const together: Provider = defineProvider({
  id: 'together',
  name: 'Together AI',
  baseUrl: 'https://api.together.ai/v1',
  hosts: ['together.ai', 'together.xyz'],
  speaks: [
    'openai-chat',
    'openai-completions',
    'openai-embeddings',
    'openai-images',
    'openai-speech',
    'jina-rerank',
    'openai-transcriptions',
    'openai-translations',
  ],
  quirks: [rename('max_completion_tokens', 'max_tokens')],
  env: { apiKey: ['TOGETHER_API_KEY'] },
  models: {
    fallback: ['deepseek-ai/DeepSeek-V4.1-Flash', 'zai-org/GLM-5.3-Flash', 'zai-org/GLM-5.3', 'moonshotai/Kimi-K3'],
  },
})
