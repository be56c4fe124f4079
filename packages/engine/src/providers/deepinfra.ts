import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const deepinfra: Provider = defineProvider({
  id: 'deepinfra',
  name: 'DeepInfra',
  baseUrl: 'https://api.deepinfra.com/v1/openai',
  speaks: [
    'openai-chat',
    'openai-completions',
    'openai-embeddings',
    'openai-images',
    'openai-speech',
    'openai-transcriptions',
    'openai-translations',
  ],
  env: { apiKey: ['DEEPINFRA_API_KEY', 'DEEPINFRA_TOKEN'] },
  models: {
    fallback: ['deepseek-ai/DeepSeek-V4.1-Flash', 'zai-org/GLM-5.3', 'Qwen/Qwen3.8-27B', 'Qwen/Qwen3.8-2.4T-A95B'],
  },
})
