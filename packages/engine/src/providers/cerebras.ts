import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const cerebras: Provider = defineProvider({
  id: 'cerebras',
  name: 'Cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  speaks: ['openai-chat', 'openai-completions'],
  env: { apiKey: ['CEREBRAS_API_KEY'] },
  models: {
    fallback: ['gpt-oss-120b', 'zai-glm-4.7', 'gemma-4-31b', 'qwen-3-235b-a22b-instruct-2507', 'llama-3.3-70b'],
  },
})
